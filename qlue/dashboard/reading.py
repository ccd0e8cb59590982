"""What the dashboard shows, each tile from one statement over roll-ups; only what is due today is counted itself.

Public numbers count public reports, exactly those of the public list. The last 30 days are the city's own and
include today.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from qlue.cities.facts import CityFacts
from qlue.dashboard.counting import COLOURS, OPEN_SQL
from qlue.dashboard.durations import percentile
from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.reports.states import COLOURS as COLOUR_OF

DAYS = 30


@dataclass(frozen=True)
class Span:
    """The days that a dashboard looks at, in the city's calendar."""

    today: date
    first: date
    midnight: datetime

    @property
    def days(self) -> list[date]:
        """Every day, the oldest first."""
        return [self.first + timedelta(days=n) for n in range((self.today - self.first).days + 1)]


def span_of(city: CityFacts) -> Span:
    """The last 30 days until now; `midnight` is when today began."""
    today = now().astimezone(city.tz).date()
    return Span(today, today - timedelta(days=DAYS - 1), datetime.combine(today, time(), city.tz))


def _given(city: CityFacts) -> dict[str, Any]:
    span = span_of(city)
    days = {"today": span.today, "first": span.first, "month": span.today.replace(day=1)}
    return days | {"city": city.id, "midnight": span.midnight}


# Overdue is what was due in the months before, on the days of this month before today, and today until now: the last
# is counted itself, by a partial index. Both kinds of `private` are named so that an index finds them on any server.
OVERDUE = f"""
SELECT key, private, n FROM dashboard_due
WHERE city_id = %(city)s AND private IN (false, true) AND dim = '{{dim}}:m' AND day < %(month)s
UNION ALL
SELECT key, private, n FROM dashboard_due
WHERE city_id = %(city)s AND private IN (false, true) AND dim = '{{dim}}' AND day >= %(month)s AND day < %(today)s
UNION ALL
SELECT {{key}}, private, 1 FROM reports_report
WHERE city_id = %(city)s AND status IN {OPEN_SQL} AND due_at >= %(midnight)s AND due_at < now()
"""
OVERDUE_IN_CITY = OVERDUE.format(dim="city", key="0")
OVERDUE_BY_AGENCY = OVERDUE.format(dim="agency", key="coalesce(agency_id, 0)")
OVERDUE_BY_AREA = OVERDUE.format(dim="area", key="coalesce(area_id, 0)")

NUMBERS = f"""
SELECT status AS name, private, n FROM dashboard_stock
WHERE city_id = %(city)s AND private IN (false, true) AND dim = 'city'
UNION ALL
SELECT CASE day WHEN %(today)s THEN 'today' ELSE 'yesterday' END, private, received FROM dashboard_flow
WHERE city_id = %(city)s AND private IN (false, true) AND dim = 'city' AND day IN (%(today)s, %(today)s - 1)
UNION ALL
SELECT 'done', private, sum(resolved) FROM dashboard_flow
WHERE city_id = %(city)s AND private IN (false, true) AND dim = 'city' AND day >= %(first)s GROUP BY private
UNION ALL
SELECT 'overdue', private, sum(n) FROM ({OVERDUE_IN_CITY}) o GROUP BY private
UNION ALL
SELECT 'bucket ' || bucket, private, sum(n) FROM dashboard_duration
WHERE city_id = %(city)s AND private IN (false, true) AND day >= %(first)s GROUP BY bucket, private
"""


@dataclass(frozen=True)
class Numbers:
    """The city at a glance. `p50` and `p90` are hours from report to resolution; `hidden` counts private reports."""

    today: int
    yesterday: int
    red: int
    yellow: int
    done: int
    overdue: int
    p50: float | None
    p90: float | None
    hidden: dict[str, int] = field(default_factory=dict)


def numbers(city: CityFacts) -> Numbers:
    """One statement."""
    seen: dict[bool, defaultdict[str, int]] = {False: defaultdict(int), True: defaultdict(int)}
    buckets: dict[int, int] = {}
    for name, private, n in fetch_all(NUMBERS, _given(city)):
        if name.startswith("bucket "):
            if not private:
                buckets[int(name[7:])] = n
        else:
            seen[private][COLOUR_OF.get(name, name)] += n
    names = ("today", "yesterday", "red", "yellow", "done", "overdue")
    public, hidden = ({name: seen[private][name] for name in names} for private in (False, True))
    return Numbers(**public, p50=percentile(buckets, 0.5), p90=percentile(buckets, 0.9), hidden=hidden)


AGENCIES = f"""
SELECT key, status AS name, n FROM dashboard_stock WHERE city_id = %(city)s AND NOT private AND dim = 'agency'
UNION ALL
SELECT key, 'done', sum(resolved) FROM dashboard_flow
WHERE city_id = %(city)s AND NOT private AND dim = 'agency' AND day >= %(first)s GROUP BY key
UNION ALL
SELECT key, 'overdue', sum(n) FROM ({OVERDUE_BY_AGENCY}) o WHERE NOT private GROUP BY key
UNION ALL
SELECT agency, 'bucket ' || bucket, sum(n) FROM dashboard_duration
WHERE city_id = %(city)s AND NOT private AND day >= %(first)s GROUP BY agency, bucket
"""


@dataclass
class AgencyNumbers:
    """One agency's work: `red` and `yellow` now, `done` in the last 30 days, `overdue` now, `p50` in hours."""

    key: int
    red: int = 0
    yellow: int = 0
    done: int = 0
    overdue: int = 0
    buckets: dict[int, int] = field(default_factory=dict)

    @property
    def p50(self) -> float | None:
        """Hours within which half of the last 30 days' resolutions came."""
        return percentile(self.buckets, 0.5)


def agencies(city: CityFacts) -> list[AgencyNumbers]:
    """Every active agency, and others that still have something; the most open work first. One statement."""
    found = {agency.id: AgencyNumbers(agency.id) for agency in city.open_agencies}
    for key, name, n in fetch_all(AGENCIES, _given(city)):
        one = found.setdefault(key, AgencyNumbers(key))
        if name.startswith("bucket "):
            one.buckets[int(name[7:])] = n
        elif hasattr(one, known := COLOUR_OF.get(name, name)):
            setattr(one, known, getattr(one, known) + n)
    some = [one for one in found.values() if one.key in city.agencies and (one.red or one.yellow or one.done)]
    idle = [one for one in found.values() if one not in some and one.key in city.agencies]
    return sorted(some, key=lambda one: (-one.red - one.yellow, -one.done)) + idle


CATEGORIES = """
SELECT key, status AS name, n FROM dashboard_stock WHERE city_id = %(city)s AND NOT private AND dim = 'category'
UNION ALL
SELECT key, 'received', sum(received) FROM dashboard_flow
WHERE city_id = %(city)s AND NOT private AND dim = 'category' AND day >= %(first)s GROUP BY key
"""


def categories(city: CityFacts) -> list[tuple[int, dict[str, int]]]:
    """(category, {received in 30 days, open now}), the most received first. One statement."""
    found: defaultdict[int, dict[str, int]] = defaultdict(lambda: {"received": 0, "open": 0})
    for key, name, n in fetch_all(CATEGORIES, _given(city)):
        if name == "received" or COLOUR_OF[name] in ("red", "yellow"):
            found[key]["received" if name == "received" else "open"] += n
    some = [(key, counts) for key, counts in found.items() if any(counts.values()) and key in city.categories]
    return sorted(some, key=lambda pair: (-pair[1]["received"], -pair[1]["open"], pair[0]))


AREA_MEASURES = {
    "open": f"""SELECT key, sum(n) FROM dashboard_stock
        WHERE city_id = %(city)s AND NOT private AND dim = 'area' AND status IN {OPEN_SQL} GROUP BY key""",
    "received": """SELECT key, sum(received) FROM dashboard_flow
        WHERE city_id = %(city)s AND NOT private AND dim = 'area' AND day >= %(first)s GROUP BY key""",
    "done": """SELECT key, sum(resolved) FROM dashboard_flow
        WHERE city_id = %(city)s AND NOT private AND dim = 'area' AND day >= %(first)s GROUP BY key""",
    "overdue": f"SELECT key, sum(n) FROM ({OVERDUE_BY_AREA}) o WHERE NOT private GROUP BY key",
}


def areas(city: CityFacts, measure: str) -> dict[int, int]:
    """Kelurahan -> how many, those with something only, the most first; `measure` of AREA_MEASURES. One statement."""
    found = ((key, int(n)) for key, n in fetch_all(AREA_MEASURES[measure], _given(city)) if n > 0 and key in city.areas)
    return dict(sorted(found, key=lambda pair: (-pair[1], pair[0])))


SERIES = """
SELECT day, sum(received), sum(resolved) FROM dashboard_flow
WHERE city_id = %(city)s AND NOT private AND dim = 'city' AND day BETWEEN %(first)s AND %(today)s GROUP BY day
"""


@dataclass(frozen=True)
class Series:
    """Reports that came in and that were resolved, for each of the last 30 days."""

    days: list[date]
    received: list[int]
    resolved: list[int]


def series(city: CityFacts) -> Series:
    """One statement."""
    found = {day: (int(came), int(went)) for day, came, went in fetch_all(SERIES, _given(city))}
    days = span_of(city).days
    return Series(days, [found.get(day, (0, 0))[0] for day in days], [found.get(day, (0, 0))[1] for day in days])


NATIONAL = f"""
SELECT w.city_id, {", ".join(f"coalesce(n.{colour}, 0)" for colour in COLOURS)}, n.changed_at, d.received, d.resolved
FROM unnest(%(cities)s::bigint[], %(firsts)s::date[]) AS w(city_id, first)
LEFT JOIN dashboard_national n USING (city_id)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(received), 0) AS received, coalesce(sum(resolved), 0) AS resolved
    FROM dashboard_nationalday d WHERE d.city_id = w.city_id AND d.day >= w.first) d
"""


@dataclass(frozen=True)
class Tally:
    """What everybody may know of a city; `received` and `resolved` in the last 30 days."""

    red: int = 0
    yellow: int = 0
    green: int = 0
    grey: int = 0
    changed_at: datetime | None = None
    received: int = 0
    resolved: int = 0

    @property
    def total(self) -> int:
        """Every public report there ever was."""
        return self.red + self.yellow + self.green + self.grey


def tallies(cities: Sequence[CityFacts]) -> dict[int, Tally]:
    """City -> tally; needs no scope. One statement."""
    firsts = [span_of(city).first for city in cities]
    found = fetch_all(NATIONAL, {"cities": [city.id for city in cities], "firsts": firsts})
    names = [*COLOURS, "changed_at", "received", "resolved"]
    return {city_id: Tally(**dict(zip(names, row, strict=True))) for city_id, *row in found}
