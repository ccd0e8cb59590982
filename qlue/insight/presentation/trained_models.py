"""The page about models: what serves, how the last nights went, what is routed without a person."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.insight.queries.trained_models import auto_routed_agencies, hint_counts, last_trainings
from qlue.insight.registry.lookup import served_model

QUESTIONS = {
    "category": _("Which category the words mean"),
    "agency": _("Which agency it is for"),
    "duplicates": _("Which reports mean the same"),
}


def models_overview(city: CityFacts) -> dict[str, Any]:
    """For each kind its model and its last nights; how much was hinted at in a week; what goes by itself."""
    hints, routed_reports, duplicates = hint_counts(city)
    return {
        "kinds": [_kind_card(city, kind) for kind in QUESTIONS],
        "hints": hints,
        "routed": routed_reports,
        "duplicates": duplicates,
        "auto_routed": [{"name": name, "threshold": threshold} for name, threshold in auto_routed_agencies(city)],
    }


def _kind_card(city: CityFacts, kind: str) -> dict[str, Any]:
    model = served_model(city, kind)
    return {
        "kind": kind,
        "question": QUESTIONS[kind],
        "serves": model.row,
        "broken": model.broken,
        "nights": last_trainings(city, kind),
    }
