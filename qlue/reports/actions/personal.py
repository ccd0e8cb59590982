"""Rights to one's own data (UU PDP 27/2022): what is kept, in a file; put right; taken away."""

from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.kit.photo import SIZES
from qlue.people.models import Membership
from qlue.reports.actions.photos import photo_path
from qlue.reports.cards import photo_url
from qlue.reports.reading import aid_row, contact_row, happening_rows, photo_rows, report_row
from qlue.timeline.actions import record, redact

ERASED = "[dihapus atas permintaan pelapor]"
LOCK = "SELECT words FROM reports_report WHERE city_id = %s AND id = %s FOR NO KEY UPDATE"
SAVE_CONTACT = """
INSERT INTO reports_contact (city_id, report_id, name, email, phone) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (report_id) DO UPDATE SET name = excluded.name, email = excluded.email, phone = excluded.phone
"""
BLANK = """
UPDATE reports_report SET words = %(words)s, landmark = '', updated_at = now()
WHERE city_id = %(city)s AND id = %(id)s
"""
PHOTOS = "DELETE FROM reports_photo WHERE city_id = %s AND report_id = %s AND kind = 'before' RETURNING uuid"


def data_of(city: CityFacts, report_id: int) -> dict[str, Any]:
    """Everything of the reporter that a report holds, as JSON values; photos by their secret addresses."""
    row = report_row(city, report_id)
    assert row is not None
    photos = [one["uuid"] for one in photo_rows(city, report_id) if one["kind"] == "before"]
    own = [one for one in happening_rows(city, report_id) if one["role"] == "reporter"]
    aid = aid_row(city, report_id)
    return {
        "city": city.name,
        "code": row["code"],
        "channel": row["channel"],
        "reported_at": row["created_at"],
        "category": city.categories[row["category"]].name,
        "words": row["words"],
        "landmark": row["landmark"],
        "lon": row["lon"],
        "lat": row["lat"],
        "private": row["private"],
        "contact": contact_row(city, report_id) or {},
        "social_assistance": aid and {key: str(value) for key, value in aid.items() if value and key != "same"},
        "photos": [photo_url(city, photo, "large", secret=True) for photo in photos],
        "answers": [{"at": one["at"], "kind": one["kind"], "words": one["data"].get("words", "")} for one in own],
    }


def correct(city: CityFacts, report_id: int, contact: dict[str, str], by: Membership | None = None) -> None:
    """Puts name, e-mail and telephone right. The timeline says that it happened, not what they were."""
    with transaction.atomic():
        execute(SAVE_CONTACT, [city.id, report_id, contact["name"], contact["email"], contact["phone"]])
        _tell(city, report_id, "report.corrected", by)


def erase(city: CityFacts, report_id: int, by: Membership | None = None) -> None:
    """Takes contact, words, landmark, photos and household away, for good; the case itself stays.

    What a chat or a call centre holds goes by a reaction to the happening. A second time changes nothing.
    """
    with transaction.atomic():
        if fetch_value(LOCK, [city.id, report_id]) in (None, ERASED):
            return
        execute("DELETE FROM reports_contact WHERE city_id = %s AND report_id = %s", [city.id, report_id])
        execute("DELETE FROM reports_aid WHERE city_id = %s AND report_id = %s", [city.id, report_id])
        photos = [photo for (photo,) in fetch_all(PHOTOS, [city.id, report_id])]
        _tell(city, report_id, "report.erased", by)
        execute(BLANK, {"words": ERASED, "city": city.id, "id": report_id})
        redact(report_id)
        transaction.on_commit(lambda: _drop_files(city, photos))


def _drop_files(city: CityFacts, photos: list[Any]) -> None:
    for photo in photos:
        for size in SIZES:
            default_storage.delete(photo_path(city.id, photo, size))


def _tell(city: CityFacts, report_id: int, kind: str, by: Membership | None) -> None:
    actor, role = (by.user_id, by.role) if by else (None, "reporter")
    record(city_id=city.id, kind=kind, report_id=report_id, actor_id=actor, actor_role=role, public=False)
