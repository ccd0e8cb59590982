"""Crews as pages and dispatch see them: who belongs to them, who is on duty now, what they carry, where they are."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from qlue.cities.facts import CityFacts
from qlue.kit.db import SqlParams, fetch_all, fetch_records
from qlue.people.records import MEMBERSHIPS, USERS
from qlue.reports.records import REPORT_COLUMNS, REPORTS, ReportRecord
from qlue.reports.states import ReportStatus
from qlue.work.dispatch.assignment import Job, Team
from qlue.work.models import Crew, Shift
from qlue.work.records import CrewWork, LeaveRecord
from qlue.work.states import LIVE_STATES, OrderState

MOST_JOBS = 200  # for one plan; more cases than crews could take in a day


@dataclass(frozen=True)
class CrewPerson:
    """A member of a crew; `leave` is the kind of leave the person is on today, else empty."""

    id: int
    name: str
    leave: str = ""


@dataclass(frozen=True)
class CrewStatus:
    """`until` is when its shift ends, None while it is off duty; `place` where its work is, else where it starts."""

    crew: Crew
    people: list[CrewPerson]
    until: datetime | None
    load: int
    place: tuple[float, float]
    shifts: list[Shift] = field(default_factory=list)

    @property
    def on_duty(self) -> bool:
        """In a shift, with at least one person who is not on leave."""
        return self.until is not None and any(not person.leave for person in self.people)


def crew_statuses(city: CityFacts, moment: datetime, agency: int | None = None) -> list[CrewStatus]:
    """All active crews (of an agency), by name. Five statements."""
    crews = Crew.objects.filter(city_id=city.id, active=True)
    crews = (crews.filter(agency_id=agency) if agency else crews).order_by("agency_id", "name")
    shifts: dict[int, list[Shift]] = defaultdict(list)
    for shift in Shift.objects.filter(city_id=city.id).order_by("weekday", "starts"):
        shifts[shift.crew_id].append(shift)
    people, work = _crew_people(city, moment), _crew_work(city)
    return [
        CrewStatus(
            crew,
            people[crew.id],
            shift_end(city, shifts[crew.id], moment),
            # No live order: nothing in hand.
            work[crew.id].load if crew.id in work else 0,
            _crew_place(crew, work.get(crew.id)),
            shifts[crew.id],
        )
        for crew in crews
    ]


def shift_end(city: CityFacts, shifts: Iterable[Shift], moment: datetime) -> datetime | None:
    """When the shift that runs at this moment ends; None outside of shifts."""
    today = moment.astimezone(city.tz).date()
    # Yesterday's shifts too: one that began before midnight may still run.
    ends = [
        end
        for day in (today - timedelta(days=1), today)
        for shift in shifts
        if shift.weekday == day.weekday()
        for start, end in [_shift_span(city, day, shift.starts, shift.ends)]
        if start <= moment < end
    ]
    return max(ends, default=None)


def _shift_span(city: CityFacts, day: date, starts: time, ends: time) -> tuple[datetime, datetime]:
    """From when to when the shift of this day runs; it ends on the next day when it ends before it starts."""
    last = day + timedelta(days=ends < starts)
    return datetime.combine(day, starts, city.tz), datetime.combine(last, ends, city.tz)


# Without those who no longer work for the city.
CREW_PEOPLE = f"""
SELECT m.crew_id, u.id, coalesce(nullif(u.first_name, ''), u.username), coalesce((
    SELECT l.kind FROM work_leave l
    WHERE l.city_id = m.city_id AND l.user_id = u.id AND %(day)s BETWEEN l.first AND l.last ORDER BY l.id LIMIT 1), '')
FROM work_crewmember m JOIN {USERS} AS u ON u.id = m.user_id
JOIN {MEMBERSHIPS} AS p ON p.city_id = m.city_id AND p.user_id = m.user_id AND p.active
WHERE m.city_id = %(city)s ORDER BY 3, 2
"""


def _crew_people(city: CityFacts, moment: datetime) -> dict[int, list[CrewPerson]]:
    people: dict[int, list[CrewPerson]] = defaultdict(list)
    for crew, *person in fetch_all(CREW_PEOPLE, {"city": city.id, "day": moment.astimezone(city.tz).date()}):
        people[crew].append(CrewPerson(*person))
    return people


# The latest order that has the crew outside says where the crew is: nobody tracks people's phones.
CREW_WORK = f"""
SELECT o.crew_id, count(*) AS load, max(last.lon) AS lon, max(last.lat) AS lat FROM work_order o
LEFT JOIN LATERAL (
    SELECT r.lon, r.lat FROM work_order w JOIN {REPORTS} AS r ON r.city_id = w.city_id AND r.id = w.report_id
    WHERE w.city_id = o.city_id AND w.crew_id = o.crew_id
        AND w.state IN ('{OrderState.EN_ROUTE}', '{OrderState.ON_SITE}', '{OrderState.WORKING}')
    ORDER BY w.updated_at DESC LIMIT 1) last ON true
WHERE o.city_id = %s AND o.crew_id IS NOT NULL AND o.state = ANY(%s) GROUP BY 1
"""


def _crew_work(city: CityFacts) -> dict[int, CrewWork]:
    """The work of each crew with live orders."""
    works = fetch_records(CrewWork, CREW_WORK, [city.id, list(LIVE_STATES)])
    return {work.crew_id: work for work in works}


def _crew_place(crew: Crew, work: CrewWork | None) -> tuple[float, float]:
    if work is None or work.lon is None or work.lat is None:
        return crew.lon, crew.lat
    return work.lon, work.lat


def dispatch_teams(crews: Iterable[CrewStatus]) -> list[Team]:
    """Those on duty, for dispatch."""
    return [
        Team(
            status.crew.id,
            *status.place,
            frozenset(status.crew.skills),
            status.load,
            status.crew.capacity,
            status.until,
        )
        for status in crews
        if status.on_duty and status.until
    ]


# What waits or is under way without any live order, the most urgent first. What is on hold waits with a reason.
CASES_WITHOUT_CREW = f"""
SELECT {REPORT_COLUMNS} FROM {REPORTS} AS r
WHERE r.city_id = %(city)s AND r.agency_id = %(agency)s
    AND r.status IN ('{ReportStatus.RECEIVED}', '{ReportStatus.ROUTED}', '{ReportStatus.ACCEPTED}',
        '{ReportStatus.IN_PROGRESS}', '{ReportStatus.REOPENED}')
    AND (%(areas)s::bigint[] IS NULL OR r.area_id = ANY(%(areas)s))
    AND NOT EXISTS (SELECT FROM work_order o
        WHERE o.city_id = r.city_id AND o.report_id = r.id AND o.state = ANY(%(live)s))
ORDER BY r.due_at, r.id LIMIT %(limit)s
"""


def cases_without_crew(city: CityFacts, agency: int, areas: list[int] | None) -> list[ReportRecord]:
    """Cases of an agency that no crew has, at most `MOST_JOBS`; in these areas where some are given."""
    params: SqlParams = {
        "prefix": city.code_prefix,
        "city": city.id,
        "agency": agency,
        "areas": areas,
        "live": list(LIVE_STATES),
        "limit": MOST_JOBS,
    }
    return fetch_records(ReportRecord, CASES_WITHOUT_CREW, params)


def dispatch_job(city: CityFacts, report: ReportRecord) -> Job:
    """A case as dispatch sees it."""
    return Job(report.id, report.lon, report.lat, city.categories[report.category_id].slug, report.due_at)


LEAVES = f"""
SELECT l.id, coalesce(nullif(u.first_name, ''), u.username) AS name, l.first, l.last, l.kind
FROM work_leave l JOIN {USERS} AS u ON u.id = l.user_id
JOIN {MEMBERSHIPS} AS p ON p.city_id = l.city_id AND p.user_id = l.user_id
WHERE l.city_id = %s AND l.last >= %s AND (%s::bigint IS NULL OR p.agency_id = %s) ORDER BY l.first, l.id
"""


def upcoming_leaves(city: CityFacts, today: date, agency: int | None) -> list[LeaveRecord]:
    """Leaves that have not ended, of an agency's people, the earliest first."""
    return fetch_records(LeaveRecord, LEAVES, [city.id, today, agency, agency])
