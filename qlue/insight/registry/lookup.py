"""Which model of a city serves: looked up for each request, unpacked once per process."""

import logging
from dataclasses import dataclass, field, replace

from qlue.cities.facts import CityFacts
from qlue.insight.duplicates.pairs import FEATURES
from qlue.insight.duplicates.trees import Trees, trees_from_arrays
from qlue.insight.models import TrainedModel
from qlue.insight.registry.artefacts import is_sealed, unpack_arrays
from qlue.insight.sorting.classifier import Classifier, classifier_from_arrays
from qlue.insight.sorting.cold_start import agency_seeds, category_seeds, fit_seeds
from qlue.kit.db import fetch_value

log = logging.getLogger(__name__)
SERVES = "SELECT id FROM insight_trainedmodel WHERE city_id = %s AND kind = %s AND serves"
SEEDS = {"category": category_seeds, "agency": agency_seeds}
# By city and kind: (id of the row, version of the city's facts), and the model that was built from them.
_cache: dict[tuple[int, str], tuple[tuple[int | None, str], "ServedModel"]] = {}


@dataclass(frozen=True)
class ServedModel:
    """A model in use. `row` is None for the untrained one; `broken`: the stored bytes are not what this installation
    sealed, so the untrained model is used."""

    classifier: Classifier | None = None
    trees: Trees | None = None
    row: TrainedModel | None = None
    broken: bool = False
    thresholds: dict[str, float] = field(default_factory=dict)


def served_model(city: CityFacts, kind: str) -> ServedModel:
    """The model of this `ModelKind`; the connection is in the city's scope."""
    key = (fetch_value(SERVES, [city.id, kind]), city.version)
    entry = _cache.get((city.id, kind))
    if entry is None or entry[0] != key:
        entry = _cache[city.id, kind] = (key, _load_model(city, kind, key[0]))
    return entry[1]


def untrained_model(city: CityFacts, kind: str) -> ServedModel:
    """What a city without history has: a classifier from the pack's words; for duplicates the rule, so nothing here."""
    return ServedModel(classifier=fit_seeds(SEEDS[kind](city)) if kind in SEEDS else None)


def _load_model(city: CityFacts, kind: str, number: int | None) -> ServedModel:
    row = TrainedModel.objects.filter(city_id=city.id, pk=number).first() if number else None
    if row is None:
        return untrained_model(city, kind)
    try:
        model = _unpack_model(kind, bytes(row.artefact or b""), row.seal)
    except (ValueError, KeyError) as error:
        log.error("%s model %s of %s is not used: %s", kind, row.pk, city.slug, error)
        return replace(untrained_model(city, kind), row=row, broken=True)
    return replace(model, row=row, thresholds=row.thresholds)


def _unpack_model(kind: str, data: bytes, seal: str) -> ServedModel:
    if not is_sealed(data, seal):
        raise ValueError("its seal is not ours")
    arrays = unpack_arrays(data)
    if kind in SEEDS:
        return ServedModel(classifier=classifier_from_arrays(arrays))
    trees = trees_from_arrays(arrays)
    # A model of another version may name features that this one does not compute.
    if trees.feature.max(initial=0) >= len(FEATURES) or trees.feature.min(initial=0) < 0:
        raise ValueError("it asks for features that do not exist")
    return ServedModel(trees=trees)
