"""The one way in: whoever saw the problem, it becomes a Report here."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from qlue.cities.facts import CityFacts, agency_for, area_at, deadline
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.kit.geo import cell
from qlue.kit.ids import report_code, secret_token, uuid7
from qlue.reports.actions.aid import Aid, store_aid
from qlue.reports.actions.photos import StoredPhoto, add_photo_rows
from qlue.reports.facts import report_facts
from qlue.timeline.actions import TELL, telling

STORE = f"""
WITH made AS (INSERT INTO reports_report (
    city_id, uuid, category_id, area_id, agency_id, status, words, landmark, lon, lat, cell, place, private, channel,
    external_id, staff_made, created_at, updated_at, respond_by, due_at)
VALUES (
    %(city)s, %(uuid)s, %(category)s, %(area)s, %(agency)s, %(status)s, %(words)s, %(landmark)s, %(lon)s, %(lat)s,
    %(cell)s, %(place)s, %(private)s, %(channel)s, %(external_id)s, %(staff_made)s, %(created)s, %(created)s,
    %(respond_by)s, %(due)s)
ON CONFLICT DO NOTHING RETURNING id, city_id), told AS ({TELL})
SELECT id FROM made
"""  # noqa: S608 - two statements of ours
# A uuid counts within its channel only: some channels make theirs from small numbers, and who guesses one must not be
# handed the follow link of somebody else's report, nor keep that report from coming in.
FIRST = """
SELECT id, uuid, status, due_at FROM reports_report
WHERE city_id = %(city)s AND (uuid = %(uuid)s AND channel = %(channel)s OR external_id = %(external_id)s)
ORDER BY id LIMIT 1
"""
CONTACT = "INSERT INTO reports_contact (city_id, report_id, name, email, phone) VALUES (%s, %s, %s, %s, %s)"


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


def token_for(city: CityFacts, uuid: UUID) -> str:
    """The secret of the follow link; computed, never stored."""
    return secret_token(settings.SECRET_KEY, "follow", f"{city.id}:{uuid}")


def submit(*, city: CityFacts, submission: Submission) -> Submitted:
    """Stores a report, routed and with its deadline, and its happening, in one statement; contact and photos are more.

    The connection is in the city's scope. A place outside every area of the city is kept as `unserved`.
    """
    row = _routed(city, submission)
    new_id = _stored_with_extras(city, submission, row) if _has_extras(submission) else _stored(city, submission, row)
    if new_id:
        return _answer(city, new_id, submission.uuid, row["status"], row["due"], repeated=False)
    first = fetch_all(FIRST, {key: row[key] for key in ("city", "channel", "uuid", "external_id")})
    if not first:
        return submit(city=city, submission=replace(submission, uuid=uuid7()))
    report_id, uuid, status, due_at = first[0]
    return _answer(city, report_id, uuid, status, due_at, repeated=True)


def _routed(city: CityFacts, given: Submission) -> dict[str, Any]:
    at = given.at or now()
    area = given.area_id or (found.id if (found := area_at(city, given.lon, given.lat)) else None)
    agency = agency_for(city, given.category_id, area) if area else None
    due = partial(deadline, city, given.category_id, at) if agency else _never
    return {
        "city": city.id,
        "uuid": given.uuid,
        "category": given.category_id,
        "area": area,
        "agency": agency,
        "status": _first_status(city, area, agency),
        "words": given.words,
        "landmark": given.landmark,
        "lon": given.lon,
        "lat": given.lat,
        "cell": cell(given.lon, given.lat),
        "place": given.place,
        "private": given.private or city.categories[given.category_id].private,
        "channel": given.channel,
        "external_id": given.external_id,
        "staff_made": given.staff_made,
        "created": at,
        "respond_by": due("respond"),
        "due": due("resolve"),
    }


def _never(hours: str) -> None:
    """No agency, no deadline."""


def _first_status(city: CityFacts, area: int | None, agency: int | None) -> str:
    if agency:
        return "routed"
    return "received" if area and city.joined else "unserved"


def _stored(city: CityFacts, given: Submission, row: dict[str, Any]) -> int | None:
    """The new report's id; None when it had been handed in before."""
    data = {"was": None, "now": report_facts(city, row), "channel": given.channel}
    told = telling(kind="report.submitted", public=not row["private"], data=data, at=row["created"])
    new_id: int | None = fetch_value(STORE, row | told)
    return new_id


def _has_extras(given: Submission) -> bool:
    return bool(given.photos or given.name or given.email or given.phone or given.aid)


def _stored_with_extras(city: CityFacts, given: Submission, row: dict[str, Any]) -> int | None:
    with transaction.atomic():
        new_id = _stored(city, given, row)
        if new_id and (given.name or given.email or given.phone):
            execute(CONTACT, [city.id, new_id, given.name, given.email, given.phone])
        if new_id:
            add_photo_rows(city.id, new_id, "before", given.photos, row["created"])
        if new_id and given.aid:
            store_aid(city, new_id, given.aid)
    return new_id


def _answer(
    city: CityFacts, report_id: int, uuid: UUID, status: str, due_at: datetime | None, *, repeated: bool
) -> Submitted:
    code = report_code(city.code_prefix, report_id)
    return Submitted(report_id, code, token_for(city, uuid), status, due_at, repeated)
