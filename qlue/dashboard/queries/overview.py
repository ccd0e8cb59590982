"""What the dashboard's first page shows, each tile from one statement over roll-ups.

Only what is due today is counted itself. Public numbers count public reports, exactly those of the public list.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from qlue.cities.facts import CityFacts
from qlue.dashboard.queries.spans import span_of, span_params
from qlue.dashboard.rollups.durations import hours_percentile
from qlue.kit.db import fetch_records
from qlue.reports.records import IS_OPEN, REPORTS, status_literals
from qlue.reports.states import COLOURS, OPEN_STATUSES, RED, YELLOW

# Overdue is what was due in the months before, on the days of this month before today, and today until now: the last
# is counted itself, by a partial index. Both kinds of `private` are named so that an index finds them on any server.
OVERDUE = f"""
SELECT key, private, n FROM dashboard_due
WHERE city_id = %(city)s AND private IN (false, true) AND dim = '{{dim}}:m' AND day < %(month)s
UNION ALL
SELECT key, private, n FROM dashboard_due
WHERE city_id = %(city)s AND private IN (false, true) AND dim = '{{dim}}' AND day >= %(month)s AND day < %(today)s
UNION ALL
SELECT {{key}}, r.private, 1 FROM {REPORTS} r
WHERE r.city_id = %(city)s AND {IS_OPEN} AND r.due_at >= %(midnight)s AND r.due_at < now()
"""  # noqa: S608
OVERDUE_IN_CITY = OVERDUE.format(dim="city", key="0")
OVERDUE_BY_AGENCY = OVERDUE.format(dim="agency", key="coalesce(r.agency_id, 0)")
OVERDUE_BY_AREA = OVERDUE.format(dim="area", key="coalesce(r.area_id, 0)")

# One statement for a whole tile costs one round trip. What its parts count stands in `name`: a state, or one of these.
TODAY, YESTERDAY, DONE, OVERDUE_NOW, RECEIVED = "today", "yesterday", "done", "overdue", "received"


@dataclass(frozen=True)
class NamedCount:
    """`n` reports in a state or of a figure `name`; or, where `bucket` is given, resolutions that took so long."""

    key: int
    private: bool
    name: str
    bucket: int | None
    n: int


CITY_COUNTS = f"""
SELECT 0 AS key, private, status AS name, NULL::smallint AS bucket, n FROM dashboard_stock
WHERE city_id = %(city)s AND private IN (false, true) AND dim = 'city'
UNION ALL
SELECT 0, private, CASE day WHEN %(today)s THEN '{TODAY}' ELSE '{YESTERDAY}' END, NULL, received FROM dashboard_flow
WHERE city_id = %(city)s AND private IN (false, true) AND dim = 'city' AND day IN (%(today)s, %(today)s - 1)
UNION ALL
SELECT 0, private, '{DONE}', NULL, sum(resolved) FROM dashboard_flow
WHERE city_id = %(city)s AND private IN (false, true) AND dim = 'city' AND day >= %(first)s GROUP BY private
UNION ALL
SELECT 0, private, '{OVERDUE_NOW}', NULL, sum(n) FROM ({OVERDUE_IN_CITY}) o GROUP BY private
UNION ALL
SELECT 0, private, '', bucket, sum(n) FROM dashboard_duration
WHERE city_id = %(city)s AND private IN (false, true) AND day >= %(first)s GROUP BY bucket, private
"""  # noqa: S608


@dataclass(frozen=True)
class WorkCounts:
    """Reports of public or of private kind: `red`, `yellow` and `overdue` now, `done` in the last 30 days."""

    today: int
    yesterday: int
    red: int
    yellow: int
    done: int
    overdue: int

    @property
    def open(self) -> int:
        """Waiting and in progress."""
        return self.red + self.yellow


@dataclass(frozen=True)
class CityNumbers:
    """The city at a glance. `p50` and `p90` are hours from a public report to its resolution, None without any."""

    public: WorkCounts
    private: WorkCounts
    p50: float | None
    p90: float | None


def city_numbers(city: CityFacts) -> CityNumbers:
    """One statement."""
    rows = fetch_records(NamedCount, CITY_COUNTS, span_params(city))
    buckets = {row.bucket: row.n for row in rows if row.bucket is not None and not row.private}
    return CityNumbers(
        public=_work_counts(row for row in rows if not row.private),
        private=_work_counts(row for row in rows if row.private),
        p50=hours_percentile(buckets, 0.5),
        p90=hours_percentile(buckets, 0.9),
    )


def _work_counts(rows: Iterable[NamedCount]) -> WorkCounts:
    counts = _counts_by_colour(rows)
    names = (TODAY, YESTERDAY, RED, YELLOW, DONE, OVERDUE_NOW)
    return WorkCounts(*(counts[name] for name in names))


def _counts_by_colour(rows: Iterable[NamedCount]) -> Counter[str]:
    """Colour or figure -> how many; states of one colour are added up."""
    counts: Counter[str] = Counter()
    for row in rows:
        if row.bucket is None:
            counts[COLOURS.get(row.name, row.name)] += row.n
    return counts


AGENCY_COUNTS = f"""
SELECT key, private, status AS name, NULL::smallint AS bucket, n FROM dashboard_stock
WHERE city_id = %(city)s AND NOT private AND dim = 'agency'
UNION ALL
SELECT key, false, '{DONE}', NULL, sum(resolved) FROM dashboard_flow
WHERE city_id = %(city)s AND NOT private AND dim = 'agency' AND day >= %(first)s GROUP BY key
UNION ALL
SELECT key, false, '{OVERDUE_NOW}', NULL, sum(n) FROM ({OVERDUE_BY_AGENCY}) o WHERE NOT private GROUP BY key
UNION ALL
SELECT agency, false, '', bucket, sum(n) FROM dashboard_duration
WHERE city_id = %(city)s AND NOT private AND day >= %(first)s GROUP BY agency, bucket
"""  # noqa: S608


@dataclass(frozen=True)
class AgencyNumbers:
    """One agency's work: `red`, `yellow` and `overdue` now, `done` in the last 30 days.

    `p50`: hours within which half of those resolutions came, None without any.
    """

    key: int
    red: int
    yellow: int
    done: int
    overdue: int
    p50: float | None

    @property
    def open(self) -> int:
        """Waiting and in progress."""
        return self.red + self.yellow


def agency_numbers(city: CityFacts) -> list[AgencyNumbers]:
    """Every active agency, and others that still have something; the most open work first. One statement."""
    rows_of: dict[int, list[NamedCount]] = {agency.id: [] for agency in city.open_agencies}
    for row in fetch_records(NamedCount, AGENCY_COUNTS, span_params(city)):
        rows_of.setdefault(row.key, []).append(row)
    # Key 0 stands for reports that no agency has yet.
    agencies = [_agency_numbers(key, rows) for key, rows in rows_of.items() if key in city.agencies]
    busy = [agency for agency in agencies if agency.open or agency.done]
    idle = [agency for agency in agencies if not (agency.open or agency.done)]
    return sorted(busy, key=lambda agency: (-agency.open, -agency.done)) + idle


def _agency_numbers(key: int, rows: list[NamedCount]) -> AgencyNumbers:
    counts = _counts_by_colour(rows)
    buckets = {row.bucket: row.n for row in rows if row.bucket is not None}
    return AgencyNumbers(
        key=key,
        red=counts[RED],
        yellow=counts[YELLOW],
        done=counts[DONE],
        overdue=counts[OVERDUE_NOW],
        p50=hours_percentile(buckets, 0.5),
    )


CATEGORY_COUNTS = f"""
SELECT key, status AS name, n FROM dashboard_stock WHERE city_id = %(city)s AND NOT private AND dim = 'category'
UNION ALL
SELECT key, '{RECEIVED}', sum(received) FROM dashboard_flow
WHERE city_id = %(city)s AND NOT private AND dim = 'category' AND day >= %(first)s GROUP BY key
"""  # noqa: S608


@dataclass(frozen=True)
class StateCount:
    """`n` reports of a category in a state, or received in the last 30 days."""

    key: int
    name: str
    n: int


@dataclass(frozen=True)
class CategoryNumbers:
    """`received` in the last 30 days, `open` now."""

    key: int
    received: int
    open: int


def category_numbers(city: CityFacts) -> list[CategoryNumbers]:
    """Those of which there is something, the most received first. One statement."""
    received_counts: Counter[int] = Counter()
    open_counts: Counter[int] = Counter()
    for row in fetch_records(StateCount, CATEGORY_COUNTS, span_params(city)):
        if row.name == RECEIVED:
            received_counts[row.key] += row.n
        elif row.name in OPEN_STATUSES:
            open_counts[row.key] += row.n
    keys = [
        key
        for key in {**received_counts, **open_counts}
        if key in city.categories and (received_counts[key] or open_counts[key])
    ]
    categories = [CategoryNumbers(key, received_counts[key], open_counts[key]) for key in keys]
    return sorted(categories, key=lambda category: (-category.received, -category.open, category.key))


AREA_COUNTS = {
    "open": f"""SELECT key, sum(n) AS n FROM dashboard_stock WHERE city_id = %(city)s AND NOT private AND dim = 'area'
        AND status IN ({status_literals(OPEN_STATUSES)}) GROUP BY key""",  # noqa: S608
    RECEIVED: """SELECT key, sum(received) AS n FROM dashboard_flow
        WHERE city_id = %(city)s AND NOT private AND dim = 'area' AND day >= %(first)s GROUP BY key""",
    DONE: """SELECT key, sum(resolved) AS n FROM dashboard_flow
        WHERE city_id = %(city)s AND NOT private AND dim = 'area' AND day >= %(first)s GROUP BY key""",
    OVERDUE_NOW: f"SELECT key, sum(n) AS n FROM ({OVERDUE_BY_AREA}) o WHERE NOT private GROUP BY key",  # noqa: S608
}


@dataclass(frozen=True)
class AreaCount:
    """`n` reports of a kelurahan."""

    key: int
    n: int


def area_counts(city: CityFacts, measure: str) -> dict[int, int]:
    """Kelurahan -> how many, those with something only, the most first; `measure` of AREA_COUNTS. One statement."""
    rows = fetch_records(AreaCount, AREA_COUNTS[measure], span_params(city))
    areas = [row for row in rows if row.n > 0 and row.key in city.areas]
    return {area.key: area.n for area in sorted(areas, key=lambda area: (-area.n, area.key))}


DAILY_FLOW = """
SELECT day, sum(received) AS received, sum(resolved) AS resolved FROM dashboard_flow
WHERE city_id = %(city)s AND NOT private AND dim = 'city' AND day BETWEEN %(first)s AND %(today)s GROUP BY day
"""


@dataclass(frozen=True)
class DayFlow:
    """Reports that came in and that were resolved on a day, or in the week that begins on it."""

    day: date
    received: int = 0
    resolved: int = 0


def daily_flow(city: CityFacts) -> list[DayFlow]:
    """Each of the last 30 days, the oldest first. One statement."""
    flows = {flow.day: flow for flow in fetch_records(DayFlow, DAILY_FLOW, span_params(city))}
    # Days on which nothing happened have no row.
    return [flows.get(day, DayFlow(day)) for day in span_of(city).days]
