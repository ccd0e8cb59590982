"""The city's library of what can be done: the pack's rows, and in their place or beside them what its people wrote."""

from dataclasses import dataclass, fields

from django.utils.translation import get_language

from qlue.cities.facts import CityFacts, InterventionFacts
from qlue.insight.models import Intervention


@dataclass(frozen=True)
class Act(InterventionFacts):
    """One thing that can be done, as the pack says it or its people wrote it. `own`: written or changed in the app."""

    active: bool = True
    own: bool = False

    @property
    def label(self) -> str:
        """The name in the language of the moment."""
        return self.name_en if self.name_en and (get_language() or "id").startswith("en") else self.name

    @property
    def fall(self) -> tuple[float, float, float] | None:
        """(expected, least, most) share of reports fewer; without a published interval from nothing to the double."""
        if self.effect is None:
            return None
        low = 0.0 if self.effect_low is None else self.effect_low
        high = min(0.99, 2 * self.effect) if self.effect_high is None else self.effect_high
        return self.effect, min(low, self.effect), max(high, self.effect)


NAMES = tuple(field.name for field in fields(InterventionFacts))


def library(city: CityFacts, *, every: bool = False) -> list[Act]:
    """What is in use, by name; with `every` also what was put aside. One statement."""
    found = {row.slug: _said(row) for row in city.interventions}
    found |= {row.slug: _written(row) for row in Intervention.objects.filter(city_id=city.id)}
    return sorted((act for act in found.values() if act.active or every), key=lambda act: act.name.lower())


def act(city: CityFacts, slug: str) -> Act | None:
    """One of the library, also when it was put aside."""
    return next((one for one in library(city, every=True) if one.slug == slug), None)


def _said(row: InterventionFacts) -> Act:
    return Act(**{name: getattr(row, name) for name in NAMES})


def _written(row: Intervention) -> Act:
    given = {name: getattr(row, name) for name in NAMES} | {"categories": tuple(row.categories)}
    return Act(**given, active=row.active, own=True)
