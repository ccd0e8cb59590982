"""What the tables of reports hold, for whoever reads them: record types, the SQL that names their columns, the locks.

Other rooms write `FROM {REPORTS} AS r` instead of a table's name, so that a column is renamed in one place.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from qlue.cities.facts import CityFacts
from qlue.kit.db import columns, published
from qlue.reports.states import COLOURS, OPEN_STATUSES
from qlue.timeline.records import ReportFacts


@dataclass(frozen=True)
class ReportColumns:
    """The columns of a report that rooms may read and join with; `resolved_at` and `due_at` are UTC moments."""

    id: int
    city_id: int
    uuid: UUID
    category_id: int
    area_id: int | None
    agency_id: int | None
    assignee_id: int | None
    status: str
    words: str
    landmark: str
    lon: float
    lat: float
    cell: int
    place: str
    private: bool
    channel: str
    external_id: str | None
    staff_made: bool
    created_at: datetime
    updated_at: datetime
    respond_by: datetime | None
    due_at: datetime | None
    first_response_at: datetime | None
    resolved_at: datetime | None
    hold_until: datetime | None
    merged_into_id: int | None
    supporters: int


@dataclass(frozen=True)
class PhotoColumns:
    """A photo's row; `kind` is one of `states.PhotoKind`."""

    id: int
    city_id: int
    report_id: int
    uuid: UUID
    kind: str
    width: int
    height: int
    taken_at: datetime | None
    dhash: int | None
    created_at: datetime


@dataclass(frozen=True)
class ContactColumns:
    """Who sent a report: only for those with the right, and every access is recorded."""

    city_id: int
    report_id: int
    name: str
    email: str
    phone: str


@dataclass(frozen=True)
class AidColumns:
    """That a report is about social assistance; what its form said is `AidRecord`."""

    city_id: int
    report_id: int


REPORTS = published("reports_report", ReportColumns)
PHOTOS = published("reports_photo", PhotoColumns)
CONTACTS = published("reports_contact", ContactColumns)
AID = published("reports_aid", AidColumns)


@dataclass(frozen=True)
class ReportState:
    """What a transition reads, changes and writes back."""

    category_id: int
    area_id: int | None
    agency_id: int | None
    assignee_id: int | None
    status: str
    cell: int
    private: bool
    created_at: datetime
    respond_by: datetime | None
    due_at: datetime | None
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    hold_until: datetime | None = None
    merged_into_id: int | None = None


# Transitions wait for each other; who only refers to a report, such as a notice about it, need not wait, and cannot
# deadlock with them.
LOCK_REPORT = f"""
SELECT {columns(ReportState)} FROM reports_report WHERE city_id = %s AND id = %s FOR NO KEY UPDATE
"""  # noqa: S608
# The category of the map's counted cells that stands for all of them: a map of everything reads as few rows as one.
ALL_CATEGORIES = 0
LOCK_REPORTS = "SELECT id FROM reports_report WHERE city_id = %s AND id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"


def status_literals(statuses: tuple[str, ...] | list[str]) -> str:
    """States as SQL, in the statement itself: with a parameter PostgreSQL could not plan for how many have them.

    Only our own words; NULL, which nothing equals, when there are none.
    """
    return ", ".join(f"'{status}'" for status in statuses if status in COLOURS) or "NULL"


IS_OPEN = f"r.status IN ({status_literals(OPEN_STATUSES)})"
IS_OVERDUE = f"{IS_OPEN} AND r.due_at < now()"
# The code that people read and type, from the city's letters and the report's number.
CODE = "report_code(%(prefix)s, r.id)"


@dataclass(frozen=True)
class ReportRecord:
    """A report as pages read it, without its contact; `photo` is the uuid of its first picture, if it has one."""

    id: int
    code: str
    uuid: UUID
    status: str
    category_id: int
    area_id: int | None
    agency_id: int | None
    assignee_id: int | None
    words: str
    landmark: str
    lon: float
    lat: float
    place: str
    private: bool
    channel: str
    created_at: datetime
    updated_at: datetime
    respond_by: datetime | None
    due_at: datetime | None
    first_response_at: datetime | None
    resolved_at: datetime | None
    hold_until: datetime | None
    merged_into_id: int | None
    supporters: int
    photo: UUID | None


REPORT_COLUMNS = f"""r.id, {CODE} AS code, r.uuid, r.status, r.category_id, r.area_id, r.agency_id, r.assignee_id,
    r.words, r.landmark, r.lon, r.lat, r.place, r.private, r.channel, r.created_at, r.updated_at, r.respond_by,
    r.due_at,
    r.first_response_at, r.resolved_at, r.hold_until, r.merged_into_id, r.supporters, (
        SELECT p.uuid FROM reports_photo p WHERE p.city_id = r.city_id AND p.report_id = r.id ORDER BY p.id LIMIT 1
    ) AS photo"""


@dataclass(frozen=True)
class ContactRecord:
    """Name, e-mail and telephone of the reporter; empty where nothing was said."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True)
class PhotoRecord:
    """A photo of a report; `kind` is one of `states.PhotoKind`."""

    uuid: UUID
    kind: str
    width: int
    height: int
    taken_at: datetime | None


@dataclass(frozen=True)
class PhotoOwner:
    """The report that a photo belongs to, and what decides who may see it."""

    report_id: int
    kind: str
    private: bool
    agency_id: int | None


@dataclass(frozen=True)
class AidRecord:
    """What a report about social assistance says beyond its words; `same_nik`: ids of others with the same NIK.

    `program` and `matter` are keys of the form's choices; of the NIK only the last four digits can be read back.
    """

    nik_last4: str
    program: str
    matter: str
    household: int | None
    same_nik: list[int] | None


def report_facts(city: CityFacts, state: ReportState) -> ReportFacts:
    """The facts that are counted; days are the city's own, `hours` run from creation to resolution, day and night."""
    resolved_at, due_at = state.resolved_at, state.due_at
    return ReportFacts(
        status=str(state.status),
        category=state.category_id,
        area=state.area_id,
        agency=state.agency_id,
        cell=state.cell >> 18,
        private=state.private,
        created=_local_day(city, state.created_at),
        due=_local_day(city, due_at),
        due_at=due_at.isoformat() if due_at else None,
        resolved=_local_day(city, resolved_at),
        # Three decimals are four seconds, and short in a payload that is stored millions of times.
        hours=round((resolved_at - state.created_at).total_seconds() / 3600, 3) if resolved_at else None,
    )


def _local_day(city: CityFacts, at: datetime | None) -> str | None:
    return at.astimezone(city.tz).date().isoformat() if at else None
