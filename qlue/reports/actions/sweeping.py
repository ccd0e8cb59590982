"""Photos of forms that were never sent: files that nothing names, older than a day, go.

A running form is safe without a lock: what names its photos, the note, holds for `keeping.NOTE_HOLDS`, and the files
are touched before each note is written, so a file that is older than `UNSENT_KEPT` has no note that still holds.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.core.files.storage import default_storage

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.reports.models import PhotoSweep

UNSENT_KEPT = timedelta(days=1)
BATCH = 500
# What names a photo, over %(city)s and %(photos)s; one statement, so that what moves from one to the other is seen.
USES = ["SELECT uuid FROM reports_photo WHERE city_id = %(city)s AND uuid = ANY(%(photos)s)"]


def add_use(sql: str) -> None:
    """Where a room above keeps names of photos that no report has (yet); said once, while Qlue starts."""
    USES.append(sql)


def sweep_photos(city: CityFacts) -> PhotoSweep:
    """Looks through the city's photos and notes what was there. In the city's scope, any number of times at once."""
    done = PhotoSweep(city_id=city.id, at=now(), photos=0, waiting=0, swept=0, swept_bytes=0)
    limit = (done.at - UNSENT_KEPT).timestamp()
    for folder in _folders(city):
        files = _files(folder)
        for some in _batches(files):
            _sweep(city, {name: files[name] for name in some}, limit, done)
    counted = {name: getattr(done, name) for name in ("at", "photos", "waiting", "swept", "swept_bytes")}
    return PhotoSweep.objects.update_or_create(city_id=city.id, defaults=counted)[0]


def _folders(city: CityFacts) -> Iterator[Path]:
    home = Path(default_storage.path(f"photos/{city.id}"))
    return (folder for folder in sorted(home.iterdir()) if folder.is_dir()) if home.is_dir() else iter(())


def _files(folder: Path) -> dict[UUID, list[Path]]:
    """A folder's files by their photo, half-written ones too; what has no such name is not ours."""
    found: dict[UUID, list[Path]] = {}
    for entry in os.scandir(folder):
        name = entry.name.partition("-")[0]
        if len(name) == 32 and all(letter in "0123456789abcdef" for letter in name):
            found.setdefault(UUID(name), []).append(Path(entry.path))
    return found


def _batches(files: dict[UUID, list[Path]]) -> Iterator[list[UUID]]:
    names = list(files)
    return (names[first : first + BATCH] for first in range(0, len(names), BATCH))


def _sweep(city: CityFacts, files: dict[UUID, list[Path]], limit: float, done: PhotoSweep) -> None:
    done.photos += len(files)
    found = fetch_all(" UNION ALL ".join(USES), {"city": city.id, "photos": list(files)})
    for name in set(files) - {used for (used,) in found}:
        if any(_touched(path) > limit for path in files[name]):
            done.waiting += 1
        else:
            done.swept += 1
            done.swept_bytes += sum(_drop(path) for path in files[name])


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _drop(path: Path) -> int:
    """Its size; 0 where another sweep was faster."""
    try:
        size = path.stat().st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return size
