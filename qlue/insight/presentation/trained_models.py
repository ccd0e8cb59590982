"""The page about models: what serves, how the last nights went, what is routed without a person."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.insight.models import TrainedModel
from qlue.insight.queries.trained_models import auto_routed_agencies, hint_counts, last_trainings
from qlue.insight.registry.lookup import served_model

QUESTIONS = {
    "category": _("Which category the words mean"),
    "agency": _("Which agency it is for"),
    "duplicates": _("Which reports mean the same"),
}


@dataclass(frozen=True)
class ModelKindCard:
    """One kind of model: which one serves (None: the untrained one), and the results of its last nights."""

    kind: str
    question: str
    serves: TrainedModel | None
    broken: bool
    nights: Sequence[TrainedModel]


@dataclass(frozen=True)
class AutoRoutedAgency:
    """An agency that the model routes to by itself from a confidence on; None where history gave none."""

    name: str
    threshold: float | None


@dataclass(frozen=True)
class ModelsOverview:
    """The counts are of the last seven days: reports with a hint, routed by the model, with a possible duplicate."""

    kinds: Sequence[ModelKindCard]
    hints: int
    routed: int
    duplicates: int
    auto_routed: Sequence[AutoRoutedAgency]


def models_overview(city: CityFacts) -> ModelsOverview:
    """For each kind its model and its last nights; how much was hinted at in a week; what goes by itself."""
    hints, routed_reports, duplicates = hint_counts(city)
    return ModelsOverview(
        kinds=[_kind_card(city, kind) for kind in QUESTIONS],
        hints=hints,
        routed=routed_reports,
        duplicates=duplicates,
        auto_routed=[AutoRoutedAgency(name, threshold) for name, threshold in auto_routed_agencies(city)],
    )


def _kind_card(city: CityFacts, kind: str) -> ModelKindCard:
    model = served_model(city, kind)
    return ModelKindCard(
        kind=kind,
        question=str(QUESTIONS[kind]),
        serves=model.row,
        broken=model.broken,
        nights=last_trainings(city, kind),
    )
