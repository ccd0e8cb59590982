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

from qlue.kit.photo import MOST_BYTES, BadPhoto, CleanPhoto, clean_photo
from qlue.reports.actions.photos import StoredPhoto, move_photos, store_photos, touch_photos
from qlue.reports.actions.place import Position

MOST_PHOTOS = 5
SALT = "qlue.reports.kept"  # stays as it is: notes in forms that lie open were signed with it
NOTE_HOLDS = timedelta(hours=20)  # less than the day after which the sweep takes photos that nobody sent


@dataclass(frozen=True)
class DraftPhotos:
    """The photos of a form so far, where the first of them says it was taken, and what was refused, in words."""

    photos: list[StoredPhoto] = field(default_factory=list)
    position: Position | None = None
    problems: list[str] = field(default_factory=list)


def keep_draft_photos(
    city_id: int, owner: UUID, note: str, files: "Iterable[UploadedFile[bytes]]", dropped_uuids: Sequence[str] = ()
) -> DraftPhotos:
    """The photos that `note` names, without those that the person `dropped` (uuids), and the new files with them."""
    noted_photos, some_expired = _photos_of_note(city_id, owner, note)
    kept_photos = [photo for photo in noted_photos if str(photo.uuid) not in dropped_uuids]
    # Kept ones count first: whoever adds a sixth photo loses that one, not one that was there.
    clean_photos, problems = _clean_files(files, MOST_PHOTOS - len(kept_photos))
    if some_expired:
        problems.insert(0, _("This form lay open for so long that its photos are gone. Please choose them again."))
    fresh = store_photos(city_id, owner, clean_photos)
    # A photo's uuid follows from its content: the same picture chosen twice is one.
    together = {photo.uuid: photo for photo in (*kept_photos, *fresh)}
    position = next((photo.position for photo in clean_photos if photo.position), None)
    return DraftPhotos(list(together.values()), position, problems)


def draft_note(city_id: int, owner: UUID, photos: Sequence[StoredPhoto]) -> str:
    """What the form carries: which photos are there, for this report's uuid only."""
    # Signed, because the browser sends it back: otherwise anybody could name a photo of another report as theirs.
    plain = [
        [p.uuid.hex, p.width, p.height, p.taken_at and p.taken_at.isoformat(), p.dhash, p.position] for p in photos
    ]
    return signing.dumps({"city": city_id, "owner": owner.hex, "photos": plain}, salt=SALT) if plain else ""


def _photos_of_note(city_id: int, owner: UUID, note: str) -> tuple[list[StoredPhoto], bool]:
    """The photos of a note, and whether some are gone; none when it is not ours or not this report's.

    Photos that lie in another city's folder are copied: the form may have been sent on to the city of its place.
    """
    try:
        content = signing.loads(note, salt=SALT, max_age=NOTE_HOLDS) if note else None
    except signing.SignatureExpired:
        return [], True
    # Somebody else's note, or one from before the key was changed: a form without photos, no error page.
    except signing.BadSignature:
        return [], False
    if content is None or content["owner"] != owner.hex:
        return [], False
    photos = [_noted_photo(*columns) for columns in content["photos"]]
    is_same_city = content["city"] == city_id
    photos_on_disk = touch_photos(city_id, photos) if is_same_city else move_photos(content["city"], city_id, photos)
    return photos_on_disk, len(photos_on_disk) < len(photos)


def _noted_photo(
    name: str, width: int, height: int, taken_at: str | None, dhash: int | None, place: list[float] | None
) -> StoredPhoto:
    """A photo as `draft_note` wrote it, in the same order."""
    moment = datetime.fromisoformat(taken_at) if taken_at else None
    return StoredPhoto(UUID(name), width, height, moment, dhash, (place[0], place[1]) if place else None)


def _clean_files(files: "Iterable[UploadedFile[bytes]]", room: int) -> tuple[list[CleanPhoto], list[str]]:
    uploads = [file for file in files if file.size]  # browsers send one empty file where none was chosen
    photos: list[CleanPhoto] = []
    problems: list[str] = []
    for file in uploads[:room]:
        try:
            photos.append(clean_photo(_upload_bytes(file)))
        except BadPhoto as bad:
            problems.append(_photo_problem(bad.reason) % {"name": (file.name or "")[:60]})
    if left_out := len(uploads[room:]):
        words = ngettext(
            "At most %(most)d photos; %(n)d was left out.", "At most %(most)d photos; %(n)d were left out.", left_out
        )
        problems.append(words % {"most": MOST_PHOTOS, "n": left_out})
    return photos, problems


def _upload_bytes(file: "UploadedFile[bytes]") -> bytes:
    # Django has the file on its disk by now; what matters is not to read a huge one into memory.
    if (file.size or 0) > MOST_BYTES:
        raise BadPhoto("size")
    data: bytes = file.read()
    return data


def _photo_problem(reason: str) -> str:
    return {
        "size": _("“%(name)s” is larger than 15 MB. Choose a smaller photo."),
        "pixels": _("“%(name)s” has too many pixels (more than 40 million). Choose a smaller photo."),
        "format": _("“%(name)s” is no photo that we can read. JPEG, PNG and WebP are fine."),
        "broken": _("“%(name)s” is damaged. Take or choose the photo again."),
    }[reason]
