"""Crews as pages and dispatch see them: who belongs to them, who is on duty now, what they carry, where they are."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.work.dispatch import Job, Team
from qlue.work.models import Crew, CrewMember, Leave, Shift
from qlue.work.states import LIVE

MOST_JOBS = 200


@dataclass(frozen=True)
class Person:
    """A member of a crew; `leave` is the kind of leave the person is on today, else empty."""

    id: int
    name: str
    leave: str = ""


@dataclass(frozen=True)
class CrewNow:
    """`until` is when its shift ends, None while it is off duty; `place` where its work is, else where it starts."""

    crew: Crew
    people: list[Person]
    until: datetime | None
    load: int
    place: tuple[float, float]
    shifts: list[Shift] = field(default_factory=list)

    @property
    def on_duty(self) -> bool:
        """In a shift, with somebody there."""
        return self.until is not None and any(not person.leave for person in self.people)


def crews_now(city: CityFacts, moment: datetime, agency: int | None = None) -> list[CrewNow]:
    """All active crews (of an agency), by name. Five statements."""
    found = Crew.objects.filter(city_id=city.id, active=True)
    crews = list((found.filter(agency_id=agency) if agency else found).order_by("agency_id", "name"))
    shifts: dict[int, list[Shift]] = defaultdict(list)
    for shift in Shift.objects.filter(city_id=city.id).order_by("weekday", "starts"):
        shifts[shift.crew_id].append(shift)
    people, work = _people(city, moment), _work(city)
    return [
        CrewNow(
            crew,
            people[crew.id],
            shift_end(city, shifts[crew.id], moment),
            work.get(crew.id, (0,))[0],
            _place(crew, work.get(crew.id)),
            shifts[crew.id],
        )
        for crew in crews
    ]


def shift_end(city: CityFacts, shifts: Iterable[Shift], moment: datetime) -> datetime | None:
    """When the shift that runs at this moment ends; None outside of shifts. Shifts may pass midnight."""
    today = moment.astimezone(city.tz).date()
    ends = [
        end
        for day in (today - timedelta(days=1), today)
        for shift in shifts
        if shift.weekday == day.weekday()
        for start, end in [_span(city, day, shift.starts, shift.ends)]
        if start <= moment < end
    ]
    return max(ends, default=None)


def _span(city: CityFacts, day: date, starts: time, ends: time) -> tuple[datetime, datetime]:
    last = day + timedelta(days=ends < starts)
    return datetime.combine(day, starts, city.tz), datetime.combine(last, ends, city.tz)


PEOPLE = """
SELECT m.crew_id, u.id, coalesce(nullif(u.first_name, ''), u.username), coalesce((
    SELECT l.kind FROM work_leave l
    WHERE l.city_id = m.city_id AND l.user_id = u.id AND %(day)s BETWEEN l.first AND l.last ORDER BY l.id LIMIT 1), '')
FROM work_crewmember m JOIN people_user u ON u.id = m.user_id
JOIN people_membership p ON p.city_id = m.city_id AND p.user_id = m.user_id AND p.active
WHERE m.city_id = %(city)s ORDER BY 3, 2
"""


def _people(city: CityFacts, moment: datetime) -> dict[int, list[Person]]:
    found: dict[int, list[Person]] = defaultdict(list)
    for crew, *person in fetch_all(PEOPLE, {"city": city.id, "day": moment.astimezone(city.tz).date()}):
        found[crew].append(Person(*person))
    return found


WORK = """
SELECT o.crew_id, count(*), max(last.lon), max(last.lat) FROM work_order o
LEFT JOIN LATERAL (
    SELECT r.lon, r.lat FROM work_order w JOIN reports_report r ON r.city_id = w.city_id AND r.id = w.report_id
    WHERE w.city_id = o.city_id AND w.crew_id = o.crew_id AND w.state IN ('en_route', 'on_site', 'working')
    ORDER BY w.updated_at DESC LIMIT 1) last ON true
WHERE o.city_id = %s AND o.crew_id IS NOT NULL AND o.state = ANY(%s) GROUP BY 1
"""


def _work(city: CityFacts) -> dict[int, tuple[Any, ...]]:
    """Of each crew with live orders: how many, and where it was last seen to work."""
    return {crew: tuple(rest) for crew, *rest in fetch_all(WORK, [city.id, list(LIVE)])}


def _place(crew: Crew, work: tuple[Any, ...] | None) -> tuple[float, float]:
    return (work[1], work[2]) if work and work[1] is not None else (crew.lon, crew.lat)


def teams_of(crews: Iterable[CrewNow]) -> list[Team]:
    """Those on duty, for dispatch."""
    return [
        Team(one.crew.id, *one.place, frozenset(one.crew.skills), one.load, one.crew.capacity, one.until)
        for one in crews
        if one.on_duty and one.until
    ]


# What waits or is under way without any live order, the most urgent first. What is on hold waits with a reason.
JOBS = """
SELECT r.id, r.lon, r.lat, r.category_id, r.due_at, report_code(%(prefix)s, r.id), r.status, r.area_id, r.agency_id,
    left(r.words, 160), r.private, r.created_at, r.resolved_at
FROM reports_report r
WHERE r.city_id = %(city)s AND r.agency_id = %(agency)s
    AND r.status IN ('received', 'routed', 'accepted', 'in_progress', 'reopened')
    AND (%(areas)s::bigint[] IS NULL OR r.area_id = ANY(%(areas)s))
    AND NOT EXISTS (SELECT FROM work_order o
        WHERE o.city_id = r.city_id AND o.report_id = r.id AND o.state = ANY(%(live)s))
ORDER BY r.due_at, r.id LIMIT %(most)s
"""
JOB_COLUMNS = (
    "id", "lon", "lat", "category", "due_at", "code", "status", "area", "agency", "words", "private", "created_at",
    "resolved_at",
)  # fmt: skip


def waiting_jobs(city: CityFacts, agency: int, areas: list[int] | None) -> list[dict[str, Any]]:
    """Cases of an agency that no crew has, at most `MOST_JOBS`; in these areas where some are given."""
    values = {"prefix": city.code_prefix, "city": city.id, "agency": agency, "areas": areas, "live": list(LIVE)}
    found = fetch_all(JOBS, values | {"most": MOST_JOBS})
    return [dict(zip(JOB_COLUMNS, row, strict=True)) for row in found]


def job_of(city: CityFacts, row: dict[str, Any]) -> Job:
    """A case as dispatch sees it."""
    return Job(row["id"], row["lon"], row["lat"], city.categories[row["category"]].slug, row["due_at"])


def leaves_ahead(city: CityFacts, today: date, agency: int | None) -> list[dict[str, Any]]:
    """Leaves that have not ended, of an agency's people, the earliest first."""
    sql = """SELECT l.id, coalesce(nullif(u.first_name, ''), u.username), l.first, l.last, l.kind, p.agency_id
        FROM work_leave l JOIN people_user u ON u.id = l.user_id
        JOIN people_membership p ON p.city_id = l.city_id AND p.user_id = l.user_id
        WHERE l.city_id = %s AND l.last >= %s AND (%s::bigint IS NULL OR p.agency_id = %s) ORDER BY l.first, l.id"""
    columns = ("id", "name", "first", "last", "kind", "agency")
    return [dict(zip(columns, row, strict=True)) for row in fetch_all(sql, [city.id, today, agency, agency])]


def crew_members(city: CityFacts) -> dict[int, int]:
    """Which crew each person is in."""
    return dict(CrewMember.objects.filter(city_id=city.id).values_list("user_id", "crew_id"))


def leave(city: CityFacts, number: int) -> Leave | None:
    """One leave."""
    return Leave.objects.filter(city_id=city.id, id=number).first()
