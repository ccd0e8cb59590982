"""Which model of a city serves: looked up for each question, read once per process."""

import logging
from dataclasses import dataclass, field
from typing import Any

from qlue.cities.facts import CityFacts
from qlue.insight import artefact
from qlue.insight.duplicates.pairs import FEATURES
from qlue.insight.models import TrainedModel
from qlue.insight.sorting import cold
from qlue.insight.sorting.sorter import Sorter, from_arrays
from qlue.insight.trees import Trees
from qlue.insight.trees import from_arrays as trees_from_arrays
from qlue.kit.db import fetch_value

log = logging.getLogger(__name__)
SERVES = "SELECT id FROM insight_trainedmodel WHERE city_id = %s AND kind = %s AND serves"
HINTS = {"category": cold.category_hints, "agency": cold.agency_hints}
_read: dict[tuple[int, str], tuple[tuple[int | None, str], "Served"]] = {}


@dataclass(frozen=True)
class Served:
    """A model at work. `row` is None for the one from the pack's words, and for the rule; `broken`: its bytes are not
    what we sealed, so the city does with what it had on its first day."""

    sorter: Sorter | None = None
    trees: Trees | None = None
    row: TrainedModel | None = None
    broken: bool = False
    thresholds: dict[str, float] = field(default_factory=dict)


def serving(city: CityFacts, kind: str) -> Served:
    """The model of this `TrainedModel.Kind`; the connection is in the city's scope."""
    asked = (fetch_value(SERVES, [city.id, kind]), city.version)
    known = _read.get((city.id, kind))
    if known is None or known[0] != asked:
        known = _read[city.id, kind] = (asked, _loaded(city, kind, asked[0]))
    return known[1]


def first_day(city: CityFacts, kind: str) -> Served:
    """What a city without history has."""
    return Served(sorter=cold.learnt(HINTS[kind](city)) if kind in HINTS else None)


def _loaded(city: CityFacts, kind: str, number: int | None) -> Served:
    row = TrainedModel.objects.filter(city_id=city.id, pk=number).first() if number else None
    if row is None:
        return first_day(city, kind)
    try:
        parts = _opened(kind, bytes(row.artefact or b""), row.seal)
    except (ValueError, KeyError) as error:
        log.error("%s model %s of %s is not used: %s", kind, row.pk, city.slug, error)
        return Served(**{**vars(first_day(city, kind)), "row": row, "broken": True})
    return Served(**parts, row=row, thresholds=row.thresholds)


def _opened(kind: str, data: bytes, seal: str) -> dict[str, Any]:
    if not artefact.is_sealed(data, seal):
        raise ValueError("its seal is not ours")
    arrays = artefact.unpacked(data)
    if kind in HINTS:
        return {"sorter": from_arrays(arrays)}
    trees = trees_from_arrays(arrays)
    if trees.feature.max(initial=0) >= len(FEATURES) or trees.feature.min(initial=0) < 0:
        raise ValueError("it asks for features that do not exist")
    return {"trees": trees}
