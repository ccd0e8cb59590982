"""Files first, rows second: a photo that a row names is always there; a file without a row is harmless."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid5

from django.core.files.storage import default_storage

from qlue.kit.db import run
from qlue.kit.photo import CleanPhoto

INSERT = """
INSERT INTO reports_photo (city_id, report_id, uuid, kind, width, height, taken_at, created_at)
SELECT %s, %s, p.uuid, %s, p.width, p.height, p.taken_at, %s
FROM unnest(%s::uuid[], %s::int[], %s::int[], %s::timestamptz[]) AS p(uuid, width, height, taken_at)
ON CONFLICT (uuid) DO NOTHING
"""


@dataclass(frozen=True)
class StoredPhoto:
    """A photo whose files lie in the storage."""

    uuid: UUID
    width: int
    height: int
    taken_at: datetime | None


def photo_path(city_id: int, photo: UUID, size: str) -> str:
    """Where a size of a photo lies in the storage."""
    return f"photos/{city_id}/{photo.hex[-2:]}/{photo.hex}-{size}.jpg"


def store_photos(city_id: int, owner: UUID, photos: list[CleanPhoto]) -> list[StoredPhoto]:
    """Writes the files; the same photos for the same owner get the same names, so a repeat overwrites itself."""
    return [_store(city_id, uuid5(owner, f"photo {number}"), photo) for number, photo in enumerate(photos)]


def _store(city_id: int, name: UUID, photo: CleanPhoto) -> StoredPhoto:
    for size, data in photo.sizes.items():
        _write(photo_path(city_id, name, size), data)
    taken_at = photo.taken_at and photo.taken_at.astimezone()
    return StoredPhoto(name, photo.width, photo.height, taken_at)


def _write(path: str, data: bytes) -> None:
    """On a folder: written aside, synced, then renamed, so that a crash leaves a whole file or none."""
    target = Path(default_storage.path(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_suffix(f".{os.urandom(4).hex()}")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(target)


def add_photo_rows(city_id: int, report_id: int, kind: str, photos: list[StoredPhoto], at: datetime) -> None:
    """One statement for all photos of a report, inside the caller's transaction."""
    if photos:
        columns = zip(*((p.uuid, p.width, p.height, p.taken_at) for p in photos), strict=True)
        run(INSERT, [city_id, report_id, kind, at, *map(list, columns)])


def photo_bytes(city_id: int, photo: UUID, size: str) -> bytes:
    """The JPEG of one size; FileNotFoundError when the storage lacks it."""
    with default_storage.open(photo_path(city_id, photo, size)) as file:
        data: bytes = file.read()
    return data


