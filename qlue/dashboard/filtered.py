"""Numbers under any filter, counted from the reports themselves: exactly those that the public list would show.

The dashboard's first page reads roll-ups; this is for what no roll-up can answer. A limit in time keeps it quick.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from qlue.cities.facts import CityFacts
from qlue.dashboard.counting import OPEN_SQL
from qlue.kit.db import fetch_all, fetch_value
from qlue.reports.reading import Filter, where
from qlue.reports.states import GREEN, GREY, RED, YELLOW, states_of

_NAMED = {
    colour: "(" + ", ".join(f"'{state}'" for state in states_of(colour)) + ")"
    for colour in (RED, YELLOW, GREEN, GREY)
}  # fmt: skip
COUNTS = ("n", RED, YELLOW, GREEN, GREY, "overdue")
COUNTED = ", ".join(f"sum(n) FILTER (WHERE status IN {states})" for states in _NAMED.values())
# First the few combinations that occur, straight out of the index `report_newest`, then their sums.
SUMS = f"""
WITH narrow AS MATERIALIZED (
    SELECT r.area_id, r.agency_id, r.category_id, r.status, count(*) AS n,
        count(*) FILTER (WHERE r.status IN {OPEN_SQL} AND r.due_at < now()) AS overdue
    FROM reports_report r WHERE {{where}} GROUP BY 1, 2, 3, 4)
SELECT grouping(area_id, agency_id, category_id), coalesce(area_id, agency_id, category_id, 0), sum(n), {COUNTED},
    sum(overdue)
FROM narrow GROUP BY GROUPING SETS ((), (area_id), (agency_id), (category_id))
"""
MEDIAN = """
SELECT extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY r.resolved_at - r.created_at)) / 3600
FROM reports_report r WHERE {where} AND r.resolved_at IS NOT NULL
"""
DIMS = {7: "all", 3: "area", 5: "agency", 6: "category"}
Counts = dict[str, int]


@dataclass
class Sums:
    """Counts of the whole and by area, agency and category; `p50` is hours from report to resolution."""

    all: Counts = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    area: dict[int, Counts] = field(default_factory=dict)
    agency: dict[int, Counts] = field(default_factory=dict)
    category: dict[int, Counts] = field(default_factory=dict)
    p50: float | None = None

    @property
    def open(self) -> int:
        """Waiting and in progress."""
        return self.all[RED] + self.all[YELLOW]


def sums(city: CityFacts, wanted: Filter) -> Sums:
    """Two statements; kecamatan are the sums of their kelurahan."""
    clause, values = where(city, wanted)
    found = Sums()
    for which, key, *counts in fetch_all(SUMS.format(where=clause), values):
        said = {name: int(n or 0) for name, n in zip(COUNTS, counts, strict=True)}
        if DIMS[which] == "all":
            found.all = said
        else:
            getattr(found, DIMS[which])[key] = said
    median = fetch_value(MEDIAN.format(where=clause), values) if found.all["n"] else None
    found.p50 = float(median) if median is not None else None
    found.area = with_kecamatan(city, found.area)
    return found


def with_kecamatan(city: CityFacts, found: dict[int, Counts]) -> dict[int, Counts]:
    """The same with a kecamatan's own reports and those of all its kelurahan."""
    whole: defaultdict[int, Counts] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    for key, counts in found.items():
        area = city.areas.get(key)
        for part in filter(None, (key, area.parent_id if area else None)):
            for name, n in counts.items():
                whole[part][name] += n
    return {key: counts for key, counts in whole.items() if key in city.areas}


MEASURED = {"masuk": ("n",), "terbuka": (RED, YELLOW), "terlambat": ("overdue",), "selesai": (GREEN,)}


def measured(counts: Counts, measure: str) -> int:
    """One measure of `exploring.MEASURES` out of the counts."""
    return sum(counts[name] for name in MEASURED[measure])


def by_area(found: Sums, measure: str) -> dict[int, float]:
    """Area -> number, for those that have some."""
    return {key: float(n) for key, counts in found.area.items() if (n := measured(counts, measure))}


def as_row(counts: Counts) -> dict[str, Any]:
    """What tables show."""
    return {"n": counts["n"], "open": counts[RED] + counts[YELLOW], "overdue": counts["overdue"], "done": counts[GREEN]}
