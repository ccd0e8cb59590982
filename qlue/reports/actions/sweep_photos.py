"""Photos of forms that were never sent: files that nothing names, older than a day, go.

A form that is being filled in is safe without a lock: the note that names its photos is valid for
`draft_photos.NOTE_HOLDS`, and the files are touched before each note is written, so a file older than `UNSENT_KEPT` has
no valid note.
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
BATCH = 500  # names in one statement
# What names a photo, over %(city)s and %(photos)s. All in one statement, so with one snapshot: a photo that goes from a
# message to its report in this moment is seen in one of them.
PHOTO_USES = ["SELECT uuid FROM reports_photo WHERE city_id = %(city)s AND uuid = ANY(%(photos)s)"]


def register_photo_use(sql: str) -> None:
    """Registers SQL for photos that a room above holds before there is a report; called once, while Qlue starts."""
    PHOTO_USES.append(sql)


def sweep_photos(city: CityFacts) -> PhotoSweep:
    """Deletes what no report names, and stores the counts. In the city's scope; may run several times at once."""
    sweep = PhotoSweep(city_id=city.id, at=now(), photos=0, waiting=0, swept=0, swept_bytes=0)
    limit = (sweep.at - UNSENT_KEPT).timestamp()
    for folder in _folders(city):
        files = _photo_files(folder)
        for names in _name_batches(files):
            _sweep_batch(city, {name: files[name] for name in names}, limit, sweep)
    counts = {name: getattr(sweep, name) for name in ("at", "photos", "waiting", "swept", "swept_bytes")}
    return PhotoSweep.objects.update_or_create(city_id=city.id, defaults=counts)[0]


def _folders(city: CityFacts) -> Iterator[Path]:
    home = Path(default_storage.path(f"photos/{city.id}"))
    return (folder for folder in sorted(home.iterdir()) if folder.is_dir()) if home.is_dir() else iter(())


def _photo_files(folder: Path) -> dict[UUID, list[Path]]:
    """A folder's files by their photo, half-written ones too; what has no such name is not ours."""
    files_by_photo: dict[UUID, list[Path]] = {}
    # By folder, not for the whole city at once: a large one may have millions of files.
    for entry in os.scandir(folder):
        name = entry.name.partition("-")[0]
        if len(name) == 32 and all(letter in "0123456789abcdef" for letter in name):
            files_by_photo.setdefault(UUID(name), []).append(Path(entry.path))
    return files_by_photo


def _name_batches(files: dict[UUID, list[Path]]) -> Iterator[list[UUID]]:
    names = list(files)
    return (names[first : first + BATCH] for first in range(0, len(names), BATCH))


def _sweep_batch(city: CityFacts, files: dict[UUID, list[Path]], limit: float, sweep: PhotoSweep) -> None:
    sweep.photos += len(files)
    used_rows = fetch_all(" UNION ALL ".join(PHOTO_USES), {"city": city.id, "photos": list(files)})
    for name in set(files) - {name for (name,) in used_rows}:
        # One young size is enough to wait: the three are written one after the other.
        if any(_modified_at(path) > limit for path in files[name]):
            sweep.waiting += 1
        else:
            sweep.swept += 1
            sweep.swept_bytes += sum(_delete_file(path) for path in files[name])


def _modified_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _delete_file(path: Path) -> int:
    """Its size; 0 where another sweep was faster."""
    try:
        size = path.stat().st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return size
