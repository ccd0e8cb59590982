"""Files first, rows second: a photo that a row names is always there; a file without a row is harmless."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid5

from django.core.files.storage import default_storage
from django.utils.timezone import get_default_timezone

from qlue.cities.facts import facts_by_id
from qlue.kit.db import execute
from qlue.kit.photo import SIZES, CleanPhoto
from qlue.reports.states import PhotoKind

# A uuid follows from the form and the picture, so the same photo sent again is there already.
INSERT_PHOTOS = """
INSERT INTO reports_photo (city_id, report_id, uuid, kind, width, height, taken_at, dhash, created_at)
SELECT %s, %s, p.uuid, %s, p.width, p.height, p.taken_at, p.dhash, %s
FROM unnest(%s::uuid[], %s::int[], %s::int[], %s::timestamptz[], %s::bigint[])
    AS p(uuid, width, height, taken_at, dhash)
ON CONFLICT (uuid) DO NOTHING
"""


@dataclass(frozen=True)
class StoredPhoto:
    """A photo whose files lie in the storage; `position` is what the camera claimed and is never stored."""

    uuid: UUID
    width: int
    height: int
    taken_at: datetime | None
    dhash: int | None = None
    position: tuple[float, float] | None = None


def photo_path(city_id: int, photo: UUID, size: str) -> str:
    """Where a size of a photo lies in the storage."""
    # 256 folders by the last two digits, which are random in every kind of uuid; the first ones may be a time.
    return f"photos/{city_id}/{photo.hex[-2:]}/{photo.hex}-{size}.jpg"


def store_photos(city_id: int, owner: UUID, photos: list[CleanPhoto]) -> list[StoredPhoto]:
    """Writes the files. A name follows from the owner and the picture, so a repeat overwrites nothing but itself."""
    return [_store_photo(city_id, uuid5(owner, sha256(photo.sizes["large"]).hexdigest()), photo) for photo in photos]


def touch_photos(city_id: int, photos: list[StoredPhoto]) -> list[StoredPhoto]:
    """Those whose files are all there, their age beginning again: the sweep leaves them for another day."""
    return [photo for photo in photos if _touch_photo_files(city_id, photo.uuid)]


def _touch_photo_files(city_id: int, photo: UUID) -> bool:
    try:
        for size in SIZES:
            os.utime(default_storage.path(photo_path(city_id, photo, size)))
    except FileNotFoundError:
        return False
    return True


def move_photos(from_city: int, to_city: int, photos: list[StoredPhoto]) -> list[StoredPhoto]:
    """The same photos in another city's folder, for a report that goes to that city; what is gone is left out."""
    # Copied, not moved: the form may be sent twice. The sweep takes the first copy.
    return [photo for photo in photos if _copy_photo_files(from_city, to_city, photo)]


def _copy_photo_files(from_city: int, to_city: int, photo: StoredPhoto) -> bool:
    try:
        for size in SIZES:
            _write_synced(photo_path(to_city, photo.uuid, size), photo_bytes(from_city, photo.uuid, size))
    except FileNotFoundError:
        return False
    return True


def _store_photo(city_id: int, name: UUID, photo: CleanPhoto) -> StoredPhoto:
    for size, data in photo.sizes.items():
        _write_synced(photo_path(city_id, name, size), data)
    return StoredPhoto(name, photo.width, photo.height, _in_zone(city_id, photo), photo.dhash, photo.position)


def _in_zone(city_id: int, photo: CleanPhoto) -> datetime | None:
    """Cameras write their clock without a zone: it is taken for the city's."""
    city = facts_by_id(city_id)
    return photo.taken_at and photo.taken_at.replace(tzinfo=city.tz if city else get_default_timezone())


def _write_synced(path: str, data: bytes) -> None:
    """On a folder: written aside, synced, then renamed, so that a crash leaves a whole file or none."""
    target = Path(default_storage.path(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    # Not Django's storage: `save` would choose another name where the file exists, and does not sync.
    aside = target.with_suffix(f".{os.urandom(4).hex()}")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(target)


def add_photo_rows(city_id: int, report_id: int, kind: str, photos: list[StoredPhoto], at: datetime) -> None:
    """One statement for all photos of a report, inside the caller's transaction."""
    if photos:
        # One array for each column, as `unnest` wants them.
        columns = zip(*((p.uuid, p.width, p.height, p.taken_at, p.dhash) for p in photos), strict=True)
        execute(INSERT_PHOTOS, [city_id, report_id, kind, at, *map(list, columns)])


# What a crew handed in is seen by staff alone until it is approved; then it belongs to the public report.
PUBLISH_PHOTOS = f"""
UPDATE reports_photo SET kind = '{PhotoKind.AFTER}' WHERE city_id = %s AND report_id = %s AND uuid = ANY(%s)
"""  # noqa: S608


def publish_photos(city_id: int, report_id: int, photos: Sequence[UUID]) -> None:
    """Makes photos of approved work part of the public report, inside the caller's transaction."""
    execute(PUBLISH_PHOTOS, [city_id, report_id, list(photos)])


def photo_bytes(city_id: int, photo: UUID, size: str) -> bytes:
    """The JPEG of one size; FileNotFoundError when the storage lacks it."""
    with default_storage.open(photo_path(city_id, photo, size)) as file:
        data: bytes = file.read()
    return data
