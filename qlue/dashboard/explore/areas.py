"""What areas are coloured by: a measure of reports or a dataset of the city, as it is or for each 1,000 people."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from qlue.atlas.models import Dataset, Shape, Topic
from qlue.atlas.queries import indicators, per_thousand, population
from qlue.cities.facts import AreaFacts
from qlue.dashboard.explore.state import DATASET_PREFIX, KECAMATAN, MEASURES, ExploreState
from qlue.dashboard.queries.filtered import FilteredSums, counts_by_area


@dataclass(frozen=True)
class AreaValues:
    """Area -> number, and its unit; `partial`: areas without a number are unknown, not zero."""

    values: dict[int, float]
    unit: str
    partial: bool


def area_values(state: ExploreState, sums: FilteredSums, rights: frozenset[str]) -> AreaValues:
    """What the map colours and the table shows, for kelurahan and kecamatan alike."""
    areas = _report_values(state, sums) if state.measure in MEASURES else _dataset_values(state, rights)
    if not (state.per and can_per_thousand(state, rights)):
        return areas
    unit = _("%(what)s per 1,000 people") % {"what": areas.unit}
    return AreaValues(per_thousand(areas.values, population(state.city)), unit, partial=True)


def _report_values(state: ExploreState, sums: FilteredSums) -> AreaValues:
    return AreaValues(counts_by_area(sums, state.measure), str(MEASURES[state.measure]), partial=False)


def _dataset_values(state: ExploreState, rights: frozenset[str]) -> AreaValues:
    dataset = _measure_dataset(state, rights)
    if dataset is None:
        return AreaValues({}, "", partial=True)
    column = state.measure.removeprefix(DATASET_PREFIX)
    values = indicators(state.city, slug=dataset.slug).get(column, {})
    return AreaValues(values, dataset.unit or dataset.name, partial=True)


def _measure_dataset(state: ExploreState, rights: frozenset[str]) -> Dataset | None:
    """The dataset of the measure, as far as this person may see it; None for a measure of reports."""
    slug, _dot, _column = state.measure.removeprefix(DATASET_PREFIX).partition(".")
    dataset = Dataset.objects.filter(city_id=state.city.id, slug=slug, current__isnull=False).first()
    return dataset if dataset and (dataset.public or "see_data" in rights) else None


def can_per_thousand(state: ExploreState, rights: frozenset[str]) -> bool:
    """Shares and people themselves are not counted for each 1,000 people."""
    if state.measure in MEASURES:
        return True
    dataset = _measure_dataset(state, rights)
    if dataset is None or dataset.topic == Topic.POPULATION:
        return False
    # Figures that add up over areas are amounts; those that do not are shares, which are per somebody already.
    return dataset.shape == Shape.PLACES or dataset.sums


def areas_inside(state: ExploreState) -> list[AreaFacts]:
    """The areas of the shown level where the person is."""
    city, area = state.city, state.area
    if area is None:
        # A pack may have no kecamatan at all.
        return list(city.kecamatan if state.shown_level == KECAMATAN and city.kecamatan else city.kelurahan)
    return [below for below in city.kelurahan if below.parent_id == area.id] or [area]


def digits_for(values: Iterable[float | None]) -> int:
    """Decimals that tell these numbers apart: none for counts, two where most are small."""
    numbers = [value for value in values if value]
    if all(value == round(value) for value in numbers):
        return 0
    return 2 if max(numbers) < 10 else 1
