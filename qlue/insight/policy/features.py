"""What is known of each kecamatan before anything is recommended: need, hot spots, people, poverty."""

from collections import defaultdict
from dataclasses import dataclass
from statistics import median

import numpy as np

from qlue.atlas.queries import datasets, indicators, population
from qlue.cities.facts import CityFacts
from qlue.insight.forecasts.compute import weekly_level
from qlue.insight.hotspots.grid import Floats
from qlue.insight.records.history import History, weekly_counts

RATE_DAYS = 182  # that the reporting rate is counted over
TREND = (0.5, 2.0)  # how far the forecast may bend the level of a category
LEVEL_WEEKS = 26  # older weeks say little of the level now


@dataclass(frozen=True)
class AreaFeatures:
    """By kecamatan id, and for need by (category, kecamatan). Empty where nothing is known."""

    need: dict[tuple[int, int], float]  # reports a week
    trend: dict[int, float]  # next week by the forecast, over the last four weeks
    people: dict[int, int]
    example: bool  # the number of people is an example, not a fact
    rate: dict[int, float]  # readiness to report: reports a head over the median of the kecamatan
    poor: dict[int, bool]  # above the median of the city's figure about poverty
    hot: dict[tuple[int, int], int]  # significant hot spots


def area_features(
    city: CityFacts, history: History, forecast: dict[int, tuple[float, float]], hotspots: list[dict[str, int]]
) -> AreaFeatures:
    """`forecast`: kelurahan -> (next week, mean of four weeks); `hotspots`: significant ones with category and area."""
    people = population(city)
    return AreaFeatures(
        need=_need_by_area(city, history),
        trend=_trend_by_kecamatan(city, forecast),
        people=people,
        example=any(dataset.example for dataset in datasets(city) if dataset.topic == "population"),
        rate=_reporting_rate(city, history, people),
        poor=_poor_kecamatan(city),
        hot=_hotspots_by_area(city, hotspots),
    )


def _parents(city: CityFacts) -> dict[int, int]:
    return {area.id: area.parent_id for area in city.kelurahan if area.parent_id}


def sum_by_kecamatan(city: CityFacts, counts: Floats) -> dict[int, Floats]:
    """Rows of kelurahan (in the order of `city.kelurahan`) added up."""
    sums: dict[int, Floats] = {}
    for row, area in enumerate(city.kelurahan):
        key = area.parent_id or area.id
        sums[key] = sums[key] + counts[row] if key in sums else counts[row].copy()
    return sums


def _need_by_area(city: CityFacts, history: History) -> dict[tuple[int, int], float]:
    need: dict[tuple[int, int], float] = {}
    units = [kelurahan.id for kelurahan in city.kelurahan]
    for category in np.unique(history.category).tolist():
        facts = city.categories.get(category)
        if not facts or facts.private or not facts.active:  # 0 stands for a report without a category
            continue
        series = sum_by_kecamatan(city, weekly_counts(history.of(category), units)[:, -LEVEL_WEEKS:])
        levels = weekly_level(np.array(list(series.values())))
        need |= {(category, area): float(value) for area, value in zip(series, levels, strict=True)}
    return need


def _trend_by_kecamatan(city: CityFacts, forecast: dict[int, tuple[float, float]]) -> dict[int, float]:
    next_week: defaultdict[int, float] = defaultdict(float)
    before: defaultdict[int, float] = defaultdict(float)
    for kelurahan, parent in _parents(city).items():
        next_mean, recent_mean = forecast.get(kelurahan, (0.0, 0.0))
        next_week[parent] += next_mean
        before[parent] += recent_mean
    least, most = TREND
    # Of few reports a ratio can be anything, hence the bounds.
    ratios = {area: next_week[area] / recent for area, recent in before.items() if recent > 0}
    return {area: min(most, max(least, ratio)) for area, ratio in ratios.items()}


def _reporting_rate(city: CityFacts, history: History, people: dict[int, int]) -> dict[int, float]:
    """Reports of all kinds a head, over the median: 0.5 is half as ready to report, or half the need."""
    parents = _parents(city)
    reports: defaultdict[int, int] = defaultdict(int)
    areas, counts = np.unique(history.area[history.day >= history.end - RATE_DAYS], return_counts=True)
    for area, count in zip(areas.tolist(), counts.tolist(), strict=True):
        reports[parents.get(area, area)] += count
    # A kecamatan whose number of people is unknown has no rate, and pages say so.
    with_people = [kecamatan.id for kecamatan in city.kecamatan if people.get(kecamatan.id)]
    reports_a_head = {area: reports[area] / people[area] for area in with_people}
    middle = median(reports_a_head.values()) if reports_a_head else 0.0
    return {area: value / middle for area, value in reports_a_head.items()} if middle else {}


def _poor_kecamatan(city: CityFacts) -> dict[int, bool]:
    """Whether each kecamatan lies above the median of the city's dataset about poverty; empty without one."""
    slugs = (dataset.slug for dataset in datasets(city) if dataset.topic == "poverty" and dataset.shape == "figures")
    slug = next(slugs, "")
    values = indicators(city, slug=slug).get(slug, {}) if slug else {}
    shares = {kecamatan.id: values[kecamatan.id] for kecamatan in city.kecamatan if kecamatan.id in values}
    middle = median(shares.values()) if shares else 0.0
    return {area: value > middle for area, value in shares.items()}


def _hotspots_by_area(city: CityFacts, spots: list[dict[str, int]]) -> dict[tuple[int, int], int]:
    parents = _parents(city)
    totals: defaultdict[tuple[int, int], int] = defaultdict(int)
    for spot in spots:
        if spot["category_id"] and spot["area_id"]:
            totals[spot["category_id"], parents.get(spot["area_id"], spot["area_id"])] += 1
    return dict(totals)
