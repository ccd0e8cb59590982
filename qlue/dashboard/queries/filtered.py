"""Numbers under any filter, counted from the reports themselves: exactly those that the public list would show.

The dashboard's first page reads roll-ups; this is for what no roll-up can answer. A limit in time keeps it quick.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_records, fetch_value
from qlue.reports.queries.reports import ReportFilter, filter_clause
from qlue.reports.records import IS_OVERDUE, REPORTS, status_literals
from qlue.reports.states import Colour, statuses_of_colour


@dataclass(frozen=True)
class ReportCounts:
    """How many reports, of each colour, and past their deadline."""

    n: int = 0
    red: int = 0
    yellow: int = 0
    green: int = 0
    grey: int = 0
    overdue: int = 0

    @property
    def open(self) -> int:
        """Waiting and in progress."""
        return self.red + self.yellow

    def __add__(self, addend: "ReportCounts") -> "ReportCounts":
        return ReportCounts(
            n=self.n + addend.n,
            red=self.red + addend.red,
            yellow=self.yellow + addend.yellow,
            green=self.green + addend.green,
            grey=self.grey + addend.grey,
            overdue=self.overdue + addend.overdue,
        )


@dataclass(frozen=True)
class GroupCounts:
    """The counts of one group; `level` is a key of LEVELS, `key` the group's id, 0 for reports without one."""

    level: int
    key: int
    n: int
    red: int
    yellow: int
    green: int
    grey: int
    overdue: int

    @property
    def counts(self) -> ReportCounts:
        """Without the group."""
        return ReportCounts(self.n, self.red, self.yellow, self.green, self.grey, self.overdue)


def _sums_by_colour() -> str:
    states = ((colour, status_literals(statuses_of_colour(colour))) for colour in Colour)
    return ", ".join(
        f"coalesce(sum(n) FILTER (WHERE status IN ({literals})), 0)::int AS {colour}" for colour, literals in states
    )


# First the few combinations that occur, then their sums: grouping the reports themselves four ways would sort them four
# times. Every column stands in the index `report_newest`; with one that does not, PostgreSQL would fetch every row.
GROUP_SUMS = f"""
WITH narrow AS MATERIALIZED (
    SELECT r.area_id, r.agency_id, r.category_id, r.status, count(*) AS n,
        count(*) FILTER (WHERE {IS_OVERDUE}) AS overdue
    FROM {REPORTS} r WHERE {{where}} GROUP BY 1, 2, 3, 4)
SELECT grouping(area_id, agency_id, category_id) AS level, coalesce(area_id, agency_id, category_id, 0) AS key,
    coalesce(sum(n), 0)::int AS n, {_sums_by_colour()}, coalesce(sum(overdue), 0)::int AS overdue
FROM narrow GROUP BY GROUPING SETS ((), (area_id), (agency_id), (category_id))
"""  # noqa: S608
MEDIAN_HOURS = f"""
SELECT extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY r.resolved_at - r.created_at)) / 3600
FROM {REPORTS} r WHERE {{where}} AND r.resolved_at IS NOT NULL
"""  # noqa: S608
# `grouping` sets a bit for each of its columns that the row does not group by: area 4, agency 2, category 1.
WHOLE, AREA, AGENCY, CATEGORY = 0b111, 0b011, 0b101, 0b110


@dataclass(frozen=True)
class FilteredSums:
    """Counts of the whole and by area, agency and category; `p50` is hours from report to resolution."""

    whole: ReportCounts = ReportCounts()
    areas: dict[int, ReportCounts] = field(default_factory=dict)
    agencies: dict[int, ReportCounts] = field(default_factory=dict)
    categories: dict[int, ReportCounts] = field(default_factory=dict)
    p50: float | None = None


def filtered_sums(city: CityFacts, report_filter: ReportFilter) -> FilteredSums:
    """Two statements; kecamatan are the sums of their kelurahan."""
    clause, params = filter_clause(city, report_filter)
    rows = fetch_records(GroupCounts, GROUP_SUMS.format(where=clause), params)
    levels: dict[int, dict[int, ReportCounts]] = {WHOLE: {}, AREA: {}, AGENCY: {}, CATEGORY: {}}
    for row in rows:
        levels[row.level][row.key] = row.counts
    whole = levels[WHOLE].get(0, ReportCounts())
    median = fetch_value(MEDIAN_HOURS.format(where=clause), params) if whole.n else None
    return FilteredSums(
        whole=whole,
        areas=add_up_kecamatan(city, levels[AREA]),
        agencies=levels[AGENCY],
        categories=levels[CATEGORY],
        p50=None if median is None else float(median),
    )


def add_up_kecamatan(city: CityFacts, counts: dict[int, ReportCounts]) -> dict[int, ReportCounts]:
    """The same with a kecamatan's own reports and those of all its kelurahan."""
    sums: dict[int, ReportCounts] = {}
    for area_id, area_counts in counts.items():
        area = city.areas.get(area_id)
        # Reports outside of every area have key 0, and an area that a newer pack dropped is no longer in the facts.
        if area is None:
            continue
        for key in filter(None, (area_id, area.parent_id)):
            sums[key] = sums.get(key, ReportCounts()) + area_counts
    return {key: total for key, total in sums.items() if key in city.areas}


# By the measures of `explore.state.MEASURES`, which are the words of addresses.
COUNT_OF_MEASURE: dict[str, Callable[[ReportCounts], int]] = {
    "masuk": lambda counts: counts.n,
    "terbuka": lambda counts: counts.open,
    "terlambat": lambda counts: counts.overdue,
    "selesai": lambda counts: counts.green,
}


def counts_by_area(sums: FilteredSums, measure: str) -> dict[int, float]:
    """Area -> number, for those that have some."""
    count_of = COUNT_OF_MEASURE[measure]
    return {area_id: float(count_of(counts)) for area_id, counts in sums.areas.items() if count_of(counts)}
