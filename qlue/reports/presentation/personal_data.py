"""Everything of the reporter that a report holds, to take along (UU PDP 27/2022)."""

from dataclasses import asdict
from datetime import datetime

from msgspec import Struct

from qlue.cities.facts import CityFacts
from qlue.reports.presentation.aid import aid_view
from qlue.reports.presentation.cards import photo_url
from qlue.reports.queries.reports import find_aid, find_contact, find_report, list_events, list_photos
from qlue.reports.states import PhotoKind


class ReporterAnswer(Struct, frozen=True):
    """What the reporter said later: a confirmation or a dispute."""

    at: datetime
    kind: str
    words: str


class PersonalData(Struct, frozen=True, kw_only=True):
    """The file's content; photos by their secret addresses, `social_assistance` only for reports about it."""

    city: str
    code: str
    channel: str
    reported_at: datetime
    category: str
    words: str
    landmark: str
    lon: float
    lat: float
    private: bool
    contact: dict[str, str]
    social_assistance: dict[str, str] | None
    photos: list[str]
    answers: list[ReporterAnswer]


def personal_data(city: CityFacts, report_id: int) -> PersonalData:
    """All that a report holds of its reporter, and nothing of anybody else."""
    report = find_report(city, report_id)
    assert report is not None
    contact = find_contact(city, report_id)
    photos = [photo.uuid for photo in list_photos(city, report_id) if photo.kind == PhotoKind.BEFORE]
    # The city's answers name its officers by role; they are no data of the reporter.
    own_events = [event for event in list_events(city, report_id) if event.actor_role == "reporter"]
    return PersonalData(
        city=city.name,
        code=report.code,
        channel=report.channel,
        reported_at=report.created_at,
        category=city.categories[report.category_id].name,
        words=report.words,
        landmark=report.landmark,
        lon=report.lon,
        lat=report.lat,
        private=report.private,
        contact=asdict(contact) if contact else {},
        social_assistance=_aid_data(city, report_id),
        # With the key: whoever downloads the file may open it much later, without the follow link.
        photos=[photo_url(city, photo, "large", secret=True) for photo in photos],
        answers=[ReporterAnswer(event.at, event.kind, event.data.get("words", "")) for event in own_events],
    )


def _aid_data(city: CityFacts, report_id: int) -> dict[str, str] | None:
    aid = find_aid(city, report_id)
    if aid is None:
        return None
    view = aid_view(city, aid)
    # Which other reports carry the same NIK is the city's knowledge, not the reporter's.
    values = {"last4": view.last4, "household": view.household, "program": view.program, "matter": view.matter}
    return {name: str(value) for name, value in values.items() if value}
