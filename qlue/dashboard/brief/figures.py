"""The week in figures: what came in and was done, trends, areas, agencies, topics. All from roll-ups of public reports.

What is open or overdue is as of now, and is said so: roll-ups keep no past state.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta

from qlue.atlas.queries import per_thousand, population
from qlue.cities.facts import CityFacts
from qlue.dashboard.brief.weeks import Week, weeks_until
from qlue.dashboard.queries.overview import (
    OVERDUE_NOW,
    AgencyNumbers,
    CityNumbers,
    DayFlow,
    agency_numbers,
    area_counts,
    city_numbers,
)
from qlue.dashboard.rollups.durations import hours_percentile
from qlue.kit.db import fetch_records

TREND_WEEKS = 12
USUAL_DAYS = 28  # that this week's topics are compared with: whole weeks, so that weekends weigh the same
HOT_REPORTS = 5  # at least: one report after a month without any is no topic
HOT_TOPICS = 5

WEEK_SUMS = """
SELECT dim, key, coalesce(sum(received) FILTER (WHERE day >= %(first)s), 0) AS received,
    coalesce(sum(resolved) FILTER (WHERE day >= %(first)s), 0) AS resolved,
    coalesce(sum(received) FILTER (WHERE day < %(first)s), 0) AS received_usually,
    coalesce(sum(received) FILTER (WHERE day BETWEEN %(prior)s AND %(first)s - 1), 0) AS received_before,
    coalesce(sum(resolved) FILTER (WHERE day BETWEEN %(prior)s AND %(first)s - 1), 0) AS resolved_before
FROM dashboard_flow WHERE city_id = %(city)s AND NOT private AND dim IN ('city', 'agency', 'category', 'area')
    AND day BETWEEN %(start)s AND %(last)s GROUP BY dim, key
"""


@dataclass(frozen=True)
class FlowSums:
    """A row of WEEK_SUMS: the week, the one before it, and what came in during all of the 28 days before it."""

    dim: str
    key: int
    received: int
    resolved: int
    received_usually: int
    received_before: int
    resolved_before: int


@dataclass(frozen=True)
class WeekCounts:
    """Of one agency, category, area or of the city: this week, the one before, and the `usual` number in a week."""

    received: int = 0
    resolved: int = 0
    usual: float = 0.0
    received_before: int = 0
    resolved_before: int = 0


def week_counts(city: CityFacts, week: Week) -> dict[str, dict[int, WeekCounts]]:
    """By dimension and key; one statement."""
    params = {
        "city": city.id,
        "first": week.first,
        "last": week.last,
        "prior": week.shifted(-1).first,
        "start": week.first - timedelta(days=USUAL_DAYS),
    }
    counts: dict[str, dict[int, WeekCounts]] = {"city": {}, "agency": {}, "category": {}, "area": {}}
    for row in fetch_records(FlowSums, WEEK_SUMS, params):
        usual = row.received_usually * 7 / USUAL_DAYS
        counts[row.dim][row.key] = WeekCounts(
            row.received, row.resolved, usual, row.received_before, row.resolved_before
        )
    return counts


WEEKLY_FLOW = """
SELECT date_trunc('week', day)::date AS day, sum(received) AS received, sum(resolved) AS resolved FROM dashboard_flow
WHERE city_id = %(city)s AND NOT private AND dim = 'city' AND day BETWEEN %(start)s AND %(last)s GROUP BY 1
"""


def weekly_flow(city: CityFacts, week: Week) -> list[DayFlow]:
    """The last twelve weeks by their Mondays, this one the last."""
    mondays = [trend_week.first for trend_week in weeks_until(week, TREND_WEEKS)]
    params = {"city": city.id, "start": mondays[0], "last": week.last}
    flows = {flow.day: flow for flow in fetch_records(DayFlow, WEEKLY_FLOW, params)}
    return [flows.get(monday, DayFlow(monday)) for monday in mondays]


WEEK_DURATIONS = """
SELECT agency, bucket, sum(n) AS n FROM dashboard_duration
WHERE city_id = %(city)s AND NOT private AND day BETWEEN %(first)s AND %(last)s GROUP BY agency, bucket
"""
WHOLE_CITY = 0  # also the key of what no agency had, so it is counted once there


@dataclass(frozen=True)
class DurationCount:
    """How many of an agency's resolutions took as long as the bucket says."""

    agency: int
    bucket: int
    n: int


def median_hours(city: CityFacts, week: Week) -> dict[int, float | None]:
    """Agency -> median hours of what it resolved this week; WHOLE_CITY is all of it."""
    params = {"city": city.id, "first": week.first, "last": week.last}
    buckets: defaultdict[int, Counter[int]] = defaultdict(Counter, {WHOLE_CITY: Counter()})
    for row in fetch_records(DurationCount, WEEK_DURATIONS, params):
        for key in {WHOLE_CITY, row.agency}:
            buckets[key][row.bucket] += row.n
    return {key: hours_percentile(counts, 0.5) for key, counts in buckets.items()}


@dataclass(frozen=True)
class HotTopic:
    """A category with more reports than usual; `excess` in units of a Poisson distribution's spread."""

    category_id: int
    counts: WeekCounts
    excess: float


def hot_topics(city: CityFacts, categories: dict[int, WeekCounts]) -> list[HotTopic]:
    """The most surprising first. Ten more than three is a surprise, five more than ninety-five is none."""
    topics = [
        # A category that is usually silent would have no spread at all: one report a week is the least.
        HotTopic(key, counts, (counts.received - counts.usual) / max(counts.usual, 1.0) ** 0.5)
        for key, counts in categories.items()
        if key in city.categories and counts.received >= HOT_REPORTS and counts.received > counts.usual
    ]
    return sorted(topics, key=lambda topic: -topic.excess)[:HOT_TOPICS]


@dataclass(frozen=True)
class BriefFigures:
    """Everything that the brief shows, as numbers; dicts are by area or agency."""

    city: WeekCounts
    agency_counts: dict[int, WeekCounts]
    trend: list[DayFlow]
    median_hours: dict[int, float | None]
    now: CityNumbers
    agencies: list[AgencyNumbers]
    received: dict[int, float]
    overdue: dict[int, int]
    people: dict[int, int]
    per_thousand: dict[int, float]
    hot_topics: list[HotTopic]


def brief_figures(city: CityFacts, week: Week) -> BriefFigures:
    """Seven statements."""
    counts = week_counts(city, week)
    area_counts_of_week = {key: float(area.received) for key, area in counts["area"].items() if key in city.areas}
    people = population(city)
    return BriefFigures(
        city=counts["city"].get(0, WeekCounts()),
        agency_counts=counts["agency"],
        trend=weekly_flow(city, week),
        median_hours=median_hours(city, week),
        now=city_numbers(city),
        agencies=agency_numbers(city),
        received=area_counts_of_week,
        overdue=area_counts(city, OVERDUE_NOW),
        people=people,
        per_thousand=per_thousand(area_counts_of_week, people),
        hot_topics=hot_topics(city, counts["category"]),
    )
