"""Photos of a form that may come back: cleaned and stored at once, then named by a signed note in the form.

So a mistake elsewhere in the form costs nobody a photo, and the phone need not send it twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qlue.kit.photo import MOST_BYTES, BadPhoto, CleanPhoto, clean
from qlue.reports.actions.photos import StoredPhoto, move_photos, store_photos, touch_photos
from qlue.reports.actions.place import Position

MOST_PHOTOS = 5
SALT = "qlue.reports.kept"
NOTE_HOLDS = timedelta(hours=20)  # less than the day after which the sweep takes photos that nobody sent


@dataclass(frozen=True)
class Kept:
    """The photos of a form so far, where the first of them says it was taken, and what was refused, in words."""

    photos: list[StoredPhoto] = field(default_factory=list)
    position: Position | None = None
    problems: list[str] = field(default_factory=list)


def keep_photos(
    city_id: int, owner: UUID, note: str, files: "Iterable[UploadedFile[bytes]]", dropped: Sequence[str] = ()
) -> Kept:
    """The photos that `note` names, without those that the person `dropped` (uuids), and the new files with them."""
    named, lost = _read(city_id, owner, note)
    held = [photo for photo in named if str(photo.uuid) not in dropped]
    cleaned, problems = _cleaned(files, MOST_PHOTOS - len(held))
    if lost:
        problems.insert(0, _("This form lay open for so long that its photos are gone. Please choose them again."))
    fresh = store_photos(city_id, owner, cleaned)
    together = {photo.uuid: photo for photo in (*held, *fresh)}
    position = next((photo.position for photo in cleaned if photo.position), None)
    return Kept(list(together.values()), position, problems)


def note_of(city_id: int, owner: UUID, photos: Sequence[StoredPhoto]) -> str:
    """What the form carries: which photos are there, for this report's uuid only."""
    plain = [
        [p.uuid.hex, p.width, p.height, p.taken_at and p.taken_at.isoformat(), p.dhash, p.position] for p in photos
    ]
    return signing.dumps({"city": city_id, "owner": owner.hex, "photos": plain}, salt=SALT) if plain else ""


def _read(city_id: int, owner: UUID, note: str) -> tuple[list[StoredPhoto], bool]:
    """The photos of a note, and whether some are gone; none when it is not ours or not this report's.

    Photos of another city come along.
    """
    try:
        said = signing.loads(note, salt=SALT, max_age=NOTE_HOLDS) if note else None
    except signing.SignatureExpired:
        return [], True
    except signing.BadSignature:
        return [], False
    if said is None or said["owner"] != owner.hex:
        return [], False
    photos = [
        StoredPhoto(
            UUID(name), width, height, taken and datetime.fromisoformat(taken), dhash, tuple(place) if place else None
        )
        for name, width, height, taken, dhash, place in said["photos"]
    ]
    here = said["city"] == city_id
    there = touch_photos(city_id, photos) if here else move_photos(said["city"], city_id, photos)
    return there, len(there) < len(photos)


def _cleaned(files: "Iterable[UploadedFile[bytes]]", room: int) -> tuple[list[CleanPhoto], list[str]]:
    given = [file for file in files if file.size]
    cleaned: list[CleanPhoto] = []
    problems: list[str] = []
    for file in given[:room]:
        try:
            cleaned.append(clean(_bytes(file)))
        except BadPhoto as bad:
            problems.append(_refusal(bad.reason) % {"name": (file.name or "")[:60]})
    if left_out := len(given[room:]):
        words = ngettext(
            "At most %(most)d photos; %(n)d was left out.", "At most %(most)d photos; %(n)d were left out.", left_out
        )
        problems.append(words % {"most": MOST_PHOTOS, "n": left_out})
    return cleaned, problems


def _bytes(file: "UploadedFile[bytes]") -> bytes:
    if (file.size or 0) > MOST_BYTES:
        raise BadPhoto("size")
    data: bytes = file.read()
    return data


def _refusal(reason: str) -> str:
    return {
        "size": _("“%(name)s” is larger than 15 MB. Choose a smaller photo."),
        "pixels": _("“%(name)s” has too many pixels (more than 40 million). Choose a smaller photo."),
        "format": _("“%(name)s” is no photo that we can read. JPEG, PNG and WebP are fine."),
        "broken": _("“%(name)s” is damaged. Take or choose the photo again."),
    }[reason]
