"""Rights to one's own data (UU PDP 27/2022): put right, and taken away. What is kept: `presentation.personal_data`."""

from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.kit.photo import SIZES
from qlue.people.models import Membership
from qlue.reports.actions.photos import photo_path
from qlue.reports.states import PhotoKind
from qlue.timeline.actions import record_event, redact

# Indonesian in every language of the page: it is stored, and it marks what has been erased.
ERASED = "[dihapus atas permintaan pelapor]"
LOCK_REPORT_TEXT = "SELECT words FROM reports_report WHERE city_id = %s AND id = %s FOR NO KEY UPDATE"
SAVE_CONTACT = """
INSERT INTO reports_contact (city_id, report_id, name, email, phone) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (report_id) DO UPDATE SET name = excluded.name, email = excluded.email, phone = excluded.phone
"""
BLANK_REPORT_TEXT = """
UPDATE reports_report SET words = %(words)s, landmark = '', updated_at = now()
WHERE city_id = %(city)s AND id = %(id)s
"""
# The proof of the work stays: it is the city's picture, and what is public of the case rests on it.
DELETE_REPORTER_PHOTOS = (
    f"DELETE FROM reports_photo WHERE city_id = %s AND report_id = %s AND kind = '{PhotoKind.BEFORE}' RETURNING uuid"
)


def correct_contact(city: CityFacts, report_id: int, contact: dict[str, str], actor: Membership | None = None) -> None:
    """Puts name, e-mail and telephone right. The timeline says that it happened, not what they were."""
    with transaction.atomic():
        execute(SAVE_CONTACT, [city.id, report_id, contact["name"], contact["email"], contact["phone"]])
        _insert_personal_data_event(city, report_id, "report.corrected", actor)


def erase_reporter(city: CityFacts, report_id: int, actor: Membership | None = None) -> None:
    """Takes contact, words, landmark, photos and household away, for good; the case itself stays.

    What a chat or a call centre holds goes by a reaction to the event. A second time changes nothing.
    """
    with transaction.atomic():
        if fetch_value(LOCK_REPORT_TEXT, [city.id, report_id]) in (None, ERASED):
            return
        execute("DELETE FROM reports_contact WHERE city_id = %s AND report_id = %s", [city.id, report_id])
        execute("DELETE FROM reports_aid WHERE city_id = %s AND report_id = %s", [city.id, report_id])
        photos = [photo for (photo,) in fetch_all(DELETE_REPORTER_PHOTOS, [city.id, report_id])]
        _insert_personal_data_event(city, report_id, "report.erased", actor)
        execute(BLANK_REPORT_TEXT, {"words": ERASED, "city": city.id, "id": report_id})
        redact(report_id)
        # Files cannot be rolled back, so they go last. If Qlue is killed here, the nightly sweep finds them unnamed.
        transaction.on_commit(lambda: _delete_photo_files(city, photos))


def _delete_photo_files(city: CityFacts, photos: list[Any]) -> None:
    for photo in photos:
        for size in SIZES:
            default_storage.delete(photo_path(city.id, photo, size))


def _insert_personal_data_event(city: CityFacts, report_id: int, kind: str, actor: Membership | None) -> None:
    # Never public: that somebody erased their data is nobody else's concern.
    user_id, role = (actor.user_id, actor.role) if actor else (None, "reporter")
    record_event(city_id=city.id, kind=kind, report_id=report_id, actor_id=user_id, actor_role=role, public=False)
