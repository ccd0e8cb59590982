"""The one way in: whoever saw the problem, it becomes a Report here."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from qlue.cities.facts import CityFacts, area_at
from qlue.kit.clock import now
from qlue.kit.db import SqlParams, execute, fetch_all, fetch_value
from qlue.kit.geo import cell
from qlue.kit.ids import report_code, secret_token, uuid7
from qlue.reports.actions.aid import Aid, store_aid
from qlue.reports.actions.effects import route
from qlue.reports.actions.photos import StoredPhoto, add_photo_rows
from qlue.reports.records import ReportState, report_facts
from qlue.reports.states import ALL_TRANSITIONS, PhotoKind, ReportStatus
from qlue.timeline.actions import INSERT_EVENT_FOR_CHANGE, event_params
from qlue.timeline.records import ReportPayload

SUBMIT = ALL_TRANSITIONS["submit"]

# One statement instead of a transaction around two: one round trip, and report and event still come together.
INSERT_REPORT = f"""
WITH changed AS (INSERT INTO reports_report (
    city_id, uuid, category_id, area_id, agency_id, status, words, landmark, lon, lat, cell, place, private, channel,
    external_id, staff_made, created_at, updated_at, respond_by, due_at)
VALUES (
    %(city)s, %(uuid)s, %(category_id)s, %(area_id)s, %(agency_id)s, %(status)s, %(words)s, %(landmark)s, %(lon)s,
    %(lat)s, %(cell)s, %(place)s, %(private)s, %(channel)s, %(external_id)s, %(staff_made)s, %(created_at)s,
    %(created_at)s, %(respond_by)s, %(due_at)s)
ON CONFLICT DO NOTHING RETURNING id, city_id), event AS ({INSERT_EVENT_FOR_CHANGE})
SELECT id FROM changed
"""  # noqa: S608 - two statements of ours
# A uuid counts within its channel only: some channels make theirs from small numbers, and who guesses one must not be
# handed the follow link of somebody else's report, nor keep that report from coming in.
FIND_SUBMITTED_REPORT = """
SELECT id, uuid, status, due_at FROM reports_report
WHERE city_id = %(city)s AND (uuid = %(uuid)s AND channel = %(channel)s OR external_id = %(external_id)s)
ORDER BY id LIMIT 1
"""
INSERT_CONTACT = "INSERT INTO reports_contact (city_id, report_id, name, email, phone) VALUES (%s, %s, %s, %s, %s)"


@dataclass(frozen=True)
class Submission:
    """What a person, a phone operator, a camera or a sensor hands in.

    `uuid` is the sender's: a repeat with the same one through the same channel is answered with the first report.
    `area_id` is needed only where the position is not known better than by kelurahan (`place` = "area"). Text comes
    trimmed and within limits.
    """

    uuid: UUID
    category_id: int
    words: str
    lon: float
    lat: float
    place: str = "pin"
    area_id: int | None = None
    landmark: str = ""
    private: bool = False
    channel: str = "web"
    external_id: str | None = None
    staff_made: bool = False
    name: str = ""
    email: str = ""
    phone: str = ""
    photos: list[StoredPhoto] = field(default_factory=list)
    aid: Aid | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Submitted:
    """The answer: public code, secret token of the follow page, whether it had been handed in before."""

    id: int
    code: str
    token: str
    status: str
    due_at: datetime | None
    repeated: bool


def follow_token(city: CityFacts, uuid: UUID) -> str:
    """The secret of the follow link; computed, never stored."""
    # With the installation's key: senders know their uuid, and those of some channels can be guessed.
    return secret_token(settings.SECRET_KEY, "follow", f"{city.id}:{uuid}")


def submit(*, city: CityFacts, submission: Submission) -> Submitted:
    """Stores a report, routed and with its deadline, and its event, in one statement; contact and photos are more.

    The connection is in the city's scope. A place outside every area of the city is kept as `unserved`.
    """
    state = _route_submission(city, submission)
    # Most reports from programs have neither photo nor contact, and then need no BEGIN and COMMIT of their own.
    insert = _insert_report_with_extras if _has_extras(submission) else _insert_report
    new_id = insert(city, submission, state)
    if new_id:
        return _submitted_answer(city, new_id, submission.uuid, state.status, state.due_at, is_repeat=False)
    # Nothing was inserted, so uuid or external id are taken. Asked only now, for repeats are rare.
    rows = fetch_all(FIND_SUBMITTED_REPORT, _insert_params(city, submission, state))
    if not rows:
        # The uuid is taken, but by another channel's report: this one is new and gets a uuid of ours.
        return submit(city=city, submission=replace(submission, uuid=uuid7()))
    # The first report's own uuid: with an equal external id it may be another than this submission's.
    report_id, uuid, status, due_at = rows[0]
    return _submitted_answer(city, report_id, uuid, status, due_at, is_repeat=True)


def _route_submission(city: CityFacts, submission: Submission) -> ReportState:
    at = submission.at or now()
    state = ReportState(
        category_id=submission.category_id,
        area_id=submission.area_id or _area_id(city, submission),
        agency_id=None,
        assignee_id=None,
        status=ReportStatus.RECEIVED,
        cell=cell(submission.lon, submission.lat),
        private=submission.private or city.categories[submission.category_id].private,
        created_at=at,
        respond_by=None,
        due_at=None,
    )
    return route(city, state, at)


def _area_id(city: CityFacts, submission: Submission) -> int | None:
    area = area_at(city, submission.lon, submission.lat)
    return area.id if area else None


def _insert_params(city: CityFacts, submission: Submission, state: ReportState) -> SqlParams:
    return {
        "city": city.id,
        "uuid": submission.uuid,
        "category_id": state.category_id,
        "area_id": state.area_id,
        "agency_id": state.agency_id,
        "status": state.status,
        "words": submission.words,
        "landmark": submission.landmark,
        "lon": submission.lon,
        "lat": submission.lat,
        "cell": state.cell,
        "place": submission.place,
        "private": state.private,
        "channel": submission.channel,
        "external_id": submission.external_id,
        "staff_made": submission.staff_made,
        "created_at": state.created_at,
        "respond_by": state.respond_by,
        "due_at": state.due_at,
    }


def _insert_report(city: CityFacts, submission: Submission, state: ReportState) -> int | None:
    """The new report's id; None when it had been handed in before."""
    payload = ReportPayload(was=None, now=report_facts(city, state), channel=submission.channel)
    event = event_params(kind=SUBMIT.event, public=not state.private, data=payload, at=state.created_at)
    new_id: int | None = fetch_value(INSERT_REPORT, _insert_params(city, submission, state) | event)
    return new_id


def _has_extras(submission: Submission) -> bool:
    return bool(submission.photos or submission.name or submission.email or submission.phone or submission.aid)


def _insert_report_with_extras(city: CityFacts, submission: Submission, state: ReportState) -> int | None:
    with transaction.atomic():
        new_id = _insert_report(city, submission, state)
        if new_id and (submission.name or submission.email or submission.phone):
            execute(INSERT_CONTACT, [city.id, new_id, submission.name, submission.email, submission.phone])
        if new_id:
            add_photo_rows(city.id, new_id, PhotoKind.BEFORE, submission.photos, state.created_at)
        if new_id and submission.aid:
            store_aid(city, new_id, submission.aid)
    return new_id


def _submitted_answer(
    city: CityFacts, report_id: int, uuid: UUID, status: str, due_at: datetime | None, *, is_repeat: bool
) -> Submitted:
    code = report_code(city.code_prefix, report_id)
    return Submitted(report_id, code, follow_token(city, uuid), status, due_at, is_repeat)
