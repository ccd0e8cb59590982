"""Verbs on datasets: take a file in as a draft, say what its columns are, keep it, go back, describe, let go.

All run in the city's scope. What becomes visible is told to the timeline.
"""

from hashlib import file_digest
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import msgspec
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.text import slugify

from qlue.atlas.files.intake import Cell, Table, packed, table_of, unpacked
from qlue.atlas.joining.join import Joined, joined
from qlue.atlas.joining.mapping import Columns, columns_from, guessed
from qlue.atlas.models import Dataset, Figure, Place, Version
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_value
from qlue.timeline.actions import record

RESERVED = {"unggah", "draf", "indikator"}  # words of our own addresses
MOST_DRAFTS = 20  # a city's uploads that wait; the oldest go
LAST = "SELECT max(number) FROM atlas_version WHERE city_id = %s AND dataset_id = %s"
ADD_FIGURES = """
INSERT INTO atlas_figure (city_id, version_id, area_id, value, parts)
SELECT %(city)s, %(version)s, (one->>0)::bigint, (one->>1)::float8, one->2
FROM jsonb_array_elements(%(told)s::jsonb) AS one
"""
ADD_PLACES = """
INSERT INTO atlas_place (city_id, version_id, name, kind, lon, lat, area_id)
SELECT %(city)s, %(version)s, one->>0, one->>1, (one->>2)::float8, (one->>3)::float8, (one->>4)::bigint
FROM jsonb_array_elements(%(told)s::jsonb) AS one
"""


def new_dataset(city: CityFacts, **said: Any) -> Dataset:
    """A dataset without a version: nobody sees it before one is kept. `said` are fields of `Dataset`."""
    base = slugify(said["name"])[:50] or "data"
    taken = {*RESERVED, *Dataset.objects.filter(city_id=city.id).values_list("slug", flat=True)}
    slug = next(name for n in range(1, 9999) if (name := base if n == 1 else f"{base}-{n}") not in taken)
    return Dataset.objects.create(city_id=city.id, slug=slug, created_at=now(), **said)


def read_upload(file: "UploadedFile[Any]") -> tuple[Table, str]:
    """The table in an uploaded file, and the SHA-256 of the file. Raises `limits.Unreadable`."""
    with NamedTemporaryFile(prefix="qlue-data-") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
        kept.flush()
        kept.seek(0)
        digest = file_digest(kept, "sha256").hexdigest()
        return table_of(Path(kept.name)), digest


def receive(
    *, city: CityFacts, dataset: Dataset, table: Table, digest: str = "", name: str = "", by: int | None = None
) -> Version:
    """A draft of the dataset's next version, with a guess at what its columns are."""
    with transaction.atomic():
        draft = Version.objects.create(
            city_id=city.id,
            dataset=dataset,
            file_name=name[-200:],
            kind=table.kind,
            digest=digest,
            rows=len(table.rows),
            mapping=guessed(city, table, dataset.shape).to_json(),
            notes=table.notes,
            made_by_id=by,
            made_at=now(),
        )
        default_storage.save(table_path(draft), ContentFile(packed(table)))
    _let_old_drafts_go(city)
    return draft


def _let_old_drafts_go(city: CityFacts) -> None:
    waiting = Version.objects.filter(city_id=city.id, number__isnull=True).order_by("-id")
    for old in waiting[MOST_DRAFTS:]:
        discard(old)


def table_path(version: Version) -> str:
    """Where the version's table lies in the storage."""
    return f"atlas/{version.city_id}/{version.id}.jsonl.gz"


def table_in(version: Version) -> Table:
    """The table as it was taken in."""
    with default_storage.open(table_path(version)) as stored:
        return unpacked(stored.read())


def look(city: CityFacts, draft: Version, columns: Columns | None = None) -> Joined:
    """What keeping the draft would give, and nothing else."""
    return joined(city, table_in(draft), columns or columns_from(draft.mapping), draft.dataset.shape)


def keep(*, city: CityFacts, draft: Version, columns: Columns, by: int | None = None) -> Joined:
    """The draft becomes the version that holds. Nothing is kept of a draft without one row that matches."""
    found = look(city, draft, columns)
    if not found.matched:
        return found
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().get(city_id=city.id, pk=draft.dataset_id)
        if Version.objects.filter(pk=draft.pk, number__isnull=False).exists():  # somebody pressed twice
            return found
        _write(city, draft, found)
        last = fetch_value(LAST, [city.id, dataset.id])
        draft.number, draft.kept_at, draft.matched = (last or 0) + 1, now(), found.matched
        draft.mapping, draft.report = columns.to_json(), found.report()
        draft.save()
        dataset.current = draft
        dataset.save(update_fields=["current"])
        _tell(city, "dataset_kept", dataset, draft, by)
    return found


def _write(city: CityFacts, draft: Version, found: Joined) -> None:
    given = {"city": city.id, "version": draft.id}
    if found.figures:
        told = [(area, value, found.parts.get(area, [])) for area, value in found.figures.items()]
        execute(ADD_FIGURES, given | {"told": _json(told)})
    if found.places:
        execute(ADD_PLACES, given | {"told": _json(found.places)})


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def adopt(
    *, city: CityFacts, dataset: Dataset, columns: list[str], rows: list[list[Cell]], name: str, digest: str = ""
) -> Joined:
    """A table that needs nobody's yes, with the mapping as guessed: for what comes with a pack or from a program."""
    draft = receive(city=city, dataset=dataset, table=Table("csv", columns, rows), digest=digest, name=name)
    return keep(city=city, draft=draft, columns=columns_from(draft.mapping))


def hold(*, city: CityFacts, version: Version, by: int | None = None) -> None:
    """An older (or again a newer) version of the dataset holds from now on."""
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().get(city_id=city.id, pk=version.dataset_id)
        if version.number is None or dataset.current_id == version.id:
            return
        dataset.current = version
        dataset.save(update_fields=["current"])
        _tell(city, "dataset_version_chosen", dataset, version, by)


def describe(*, city: CityFacts, dataset: Dataset, by: int | None = None, **said: Any) -> None:
    """Other words for a dataset, or who sees it."""
    with transaction.atomic():
        changed = {name: value for name, value in said.items() if getattr(dataset, name) != value}
        if not changed:
            return
        Dataset.objects.filter(city_id=city.id, pk=dataset.pk).update(**changed)
        _tell(city, "dataset_described", dataset, dataset.current, by, changed=sorted(changed))


def discard(draft: Version) -> None:
    """A draft goes, and with it a dataset that has nothing else."""
    if draft.number is not None:
        return
    path, dataset = table_path(draft), draft.dataset
    with transaction.atomic():
        draft.delete()
        if dataset.current_id is None and not Version.objects.filter(dataset=dataset).exists():
            dataset.delete()
    default_storage.delete(path)


def remove(*, city: CityFacts, dataset: Dataset, by: int | None = None) -> None:
    """A whole dataset goes for good, with every version."""
    paths = [table_path(one) for one in Version.objects.filter(city_id=city.id, dataset=dataset)]
    with transaction.atomic():
        _tell(city, "dataset_removed", dataset, dataset.current, by)
        Dataset.objects.filter(pk=dataset.pk).update(current=None)
        for model in (Figure, Place):
            model.objects.filter(city_id=city.id, version__dataset=dataset).delete()
        dataset.delete()
    for path in paths:
        default_storage.delete(path)


def _tell(city: CityFacts, kind: str, dataset: Dataset, version: Version | None, by: int | None, **more: Any) -> None:
    told = {"dataset": dataset.slug, "version": version.number if version else None} | more
    record(city_id=city.id, kind=kind, actor_id=by, actor_role="member" if by else "system", public=False, data=told)
