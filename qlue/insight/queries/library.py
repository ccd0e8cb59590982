"""The city's library of what can be done: the pack's rows, and in their place or beside them what its people wrote."""

from qlue.cities.facts import CityFacts, InterventionFacts
from qlue.insight.models import Intervention
from qlue.insight.records.interventions import PACK_FIELDS, CityIntervention


def intervention_library(city: CityFacts, *, include_inactive: bool = False) -> list[CityIntervention]:
    """What is in use, by name; with `include_inactive` also what was put aside. One statement."""
    by_slug = {row.slug: _from_pack(row) for row in city.interventions}
    # A row of the city stands in the place of the pack's with the same slug.
    by_slug |= {row.slug: _from_row(row) for row in Intervention.objects.filter(city_id=city.id)}
    rows = (intervention for intervention in by_slug.values() if intervention.active or include_inactive)
    return sorted(rows, key=lambda intervention: intervention.name.lower())


def find_intervention(city: CityFacts, slug: str) -> CityIntervention | None:
    """One of the library, also when it was put aside."""
    library = intervention_library(city, include_inactive=True)
    return next((intervention for intervention in library if intervention.slug == slug), None)


def _from_pack(row: InterventionFacts) -> CityIntervention:
    return CityIntervention(**{name: getattr(row, name) for name in PACK_FIELDS})


def _from_row(row: Intervention) -> CityIntervention:
    values = {name: getattr(row, name) for name in PACK_FIELDS} | {"categories": tuple(row.categories)}
    return CityIntervention(**values, active=row.active, own=True)
