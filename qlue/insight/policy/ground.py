"""What is known of each kecamatan before anything is recommended: need, backlog, hot spots, people, poverty."""

from collections import defaultdict
from dataclasses import dataclass
from statistics import median

import numpy as np

from qlue.atlas.reading import datasets, indicators, population
from qlue.cities.facts import CityFacts
from qlue.insight.forecasts.compute import level
from qlue.insight.history import History, weekly
from qlue.insight.hotspots.grid import Floats

RATE_DAYS = 182
TREND = (0.5, 2.0)  # how far the forecast may bend the level of a category
LEVEL_WEEKS = 26


@dataclass(frozen=True)
class Ground:
    """By kecamatan id, and for need by (category, kecamatan). Empty where nothing is known."""

    need: dict[tuple[int, int], float]  # reports a week
    trend: dict[int, float]  # next week by the forecast, over the last four weeks
    people: dict[int, int]
    example: bool  # the number of people is an example, not a fact
    rate: dict[int, float]  # readiness to report: reports a head over the median of the kecamatan
    poor: dict[int, bool]  # above the median of the city's figure about poverty
    hot: dict[tuple[int, int], int]  # sure hot spots


def ground(
    city: CityFacts, past: History, forecast: dict[int, tuple[float, float]], hot: list[dict[str, int]]
) -> Ground:
    """`forecast`: kelurahan -> (next week, mean of four weeks); `hot`: sure hot spots with category and area."""
    people = population(city)
    return Ground(
        need=_need(city, past),
        trend=_trend(city, forecast),
        people=people,
        example=any(one.example for one in datasets(city) if one.topic == "population"),
        rate=_rate(city, past, people),
        poor=_poor(city),
        hot=_hot(city, hot),
    )


def _parents(city: CityFacts) -> dict[int, int]:
    return {one.id: one.parent_id for one in city.kelurahan if one.parent_id}


def by_kecamatan(city: CityFacts, counts: Floats) -> dict[int, Floats]:
    """Rows of kelurahan (in the order of `city.kelurahan`) added up."""
    found: dict[int, Floats] = {}
    for row, one in enumerate(city.kelurahan):
        key = one.parent_id or one.id
        found[key] = found[key] + counts[row] if key in found else counts[row].copy()
    return found


def _need(city: CityFacts, past: History) -> dict[tuple[int, int], float]:
    found: dict[tuple[int, int], float] = {}
    units = [one.id for one in city.kelurahan]
    for category in np.unique(past.category).tolist():
        facts = city.categories.get(category)
        if not facts or facts.private or not facts.active:
            continue
        series = by_kecamatan(city, weekly(past.of(category), units)[:, -LEVEL_WEEKS:])
        levels = level(np.array(list(series.values())))
        found |= {(category, area): float(value) for area, value in zip(series, levels, strict=True)}
    return found


def _trend(city: CityFacts, forecast: dict[int, tuple[float, float]]) -> dict[int, float]:
    coming: defaultdict[int, float] = defaultdict(float)
    before: defaultdict[int, float] = defaultdict(float)
    for kelurahan, parent in _parents(city).items():
        after, was = forecast.get(kelurahan, (0.0, 0.0))
        coming[parent] += after
        before[parent] += was
    least, most = TREND
    return {area: min(most, max(least, coming[area] / was)) for area, was in before.items() if was > 0}


def _rate(city: CityFacts, past: History, people: dict[int, int]) -> dict[int, float]:
    """Reports of all kinds a head, over the median: 0.5 is half as ready to report, or half the need."""
    parents = _parents(city)
    n: defaultdict[int, int] = defaultdict(int)
    areas, counts = np.unique(past.area[past.day >= past.end - RATE_DAYS], return_counts=True)
    for area, count in zip(areas.tolist(), counts.tolist(), strict=True):
        n[parents.get(area, area)] += count
    heads = {one.id: n[one.id] / people[one.id] for one in city.kecamatan if people.get(one.id)}
    middle = median(heads.values()) if heads else 0.0
    return {area: value / middle for area, value in heads.items()} if middle else {}


def _poor(city: CityFacts) -> dict[int, bool]:
    slug = next((one.slug for one in datasets(city) if one.topic == "poverty" and one.shape == "figures"), "")
    values = indicators(city, slug=slug).get(slug, {}) if slug else {}
    own = {one.id: values[one.id] for one in city.kecamatan if one.id in values}
    middle = median(own.values()) if own else 0.0
    return {area: value > middle for area, value in own.items()}


def _hot(city: CityFacts, spots: list[dict[str, int]]) -> dict[tuple[int, int], int]:
    parents = _parents(city)
    found: defaultdict[tuple[int, int], int] = defaultdict(int)
    for one in spots:
        if one["category_id"] and one["area_id"]:
            found[one["category_id"], parents.get(one["area_id"], one["area_id"])] += 1
    return dict(found)
