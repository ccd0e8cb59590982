"""Drafts: an uploaded table waits for a person to say what its columns are, then becomes a version."""

from hashlib import file_digest
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import msgspec
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from qlue.atlas.actions.datasets import record_dataset_event
from qlue.atlas.files.storage import store_table, stored_table, table_path
from qlue.atlas.files.table import Cell, Table, table_of_file
from qlue.atlas.join.mapping import ColumnMapping, guess_mapping, mapping_from_json
from qlue.atlas.join.table import JoinResult, join_table
from qlue.atlas.models import Dataset, Version
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_value

MAX_DRAFTS = 20  # of a city; the oldest ones go
LAST_NUMBER = "SELECT max(number) FROM atlas_version WHERE city_id = %s AND dataset_id = %s"
# All rows in one statement: a dataset of places may have 50,000.
INSERT_FIGURES = """
INSERT INTO atlas_figure (city_id, version_id, area_id, value, parts)
SELECT %(city)s, %(version)s, (one->>0)::bigint, (one->>1)::float8, one->2
FROM jsonb_array_elements(%(rows)s::jsonb) AS one
"""
INSERT_PLACES = """
INSERT INTO atlas_place (city_id, version_id, name, kind, lon, lat, area_id)
SELECT %(city)s, %(version)s, one->>0, one->>1, (one->>2)::float8, (one->>3)::float8, (one->>4)::bigint
FROM jsonb_array_elements(%(rows)s::jsonb) AS one
"""


def read_upload(file: "UploadedFile[Any]") -> tuple[Table, str]:
    """The table in an uploaded file, and the file's SHA-256. Raises `UnreadableFile`."""
    # Django keeps small uploads in memory, but the child that parses needs a file.
    with NamedTemporaryFile(prefix="qlue-data-") as temporary:
        for chunk in file.chunks():
            temporary.write(chunk)
        temporary.flush()
        temporary.seek(0)
        digest = file_digest(temporary, "sha256").hexdigest()
        return table_of_file(Path(temporary.name)), digest


def create_draft(
    *, city: CityFacts, dataset: Dataset, table: Table, digest: str = "", name: str = "", actor_id: int | None = None
) -> Version:
    """Creates a draft of the dataset's next version, with a guess at what its columns mean."""
    with transaction.atomic():
        draft = Version.objects.create(
            city_id=city.id,
            dataset=dataset,
            file_name=name[-200:],  # the end has the extension
            kind=table.kind,
            digest=digest,
            rows=len(table.rows),
            mapping=guess_mapping(city, table, dataset.shape).to_json(),
            notes=table.notes,
            made_by_id=actor_id,
            made_at=now(),
        )
        store_table(draft, table)
    _discard_old_drafts(city)
    return draft


def _discard_old_drafts(city: CityFacts) -> None:
    """Discards the oldest drafts: uploads that nobody returned to would fill the storage."""
    drafts = Version.objects.filter(city_id=city.id, number__isnull=True).order_by("-id")
    for draft in drafts[MAX_DRAFTS:]:
        discard_draft(draft)


def preview_join(city: CityFacts, draft: Version, mapping: ColumnMapping | None = None) -> JoinResult:
    """What publishing the draft would give; changes nothing."""
    return join_table(city, stored_table(draft), mapping or mapping_from_json(draft.mapping), draft.dataset.shape)


def publish_draft(
    *, city: CityFacts, draft: Version, mapping: ColumnMapping, actor_id: int | None = None
) -> JoinResult:
    """Makes the draft the dataset's current version, unless not one row matches; returns how it matched."""
    outcome = preview_join(city, draft, mapping)
    if not outcome.matched:
        return outcome
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().get(city_id=city.id, pk=draft.dataset_id)
        if Version.objects.filter(pk=draft.pk, number__isnull=False).exists():  # the button was pressed twice
            return outcome
        # Under the dataset's lock, so that two drafts cannot get one number.
        _insert_rows(city, draft, outcome)
        last_number = fetch_value(LAST_NUMBER, [city.id, dataset.id])
        draft.number, draft.kept_at, draft.matched = (last_number or 0) + 1, now(), outcome.matched
        draft.mapping, draft.report = mapping.to_json(), outcome.report()
        draft.save()
        dataset.current = draft
        dataset.save(update_fields=["current"])
        record_dataset_event(city, "dataset_kept", dataset, draft, actor_id)
    return outcome


def _insert_rows(city: CityFacts, draft: Version, outcome: JoinResult) -> None:
    parameters = {"city": city.id, "version": draft.id}
    if outcome.figures:
        rows = [(area, value, outcome.parts.get(area, [])) for area, value in outcome.figures.items()]
        execute(INSERT_FIGURES, parameters | {"rows": _rows_json(rows)})
    if outcome.places:
        execute(INSERT_PLACES, parameters | {"rows": _rows_json(outcome.places)})


def _rows_json(rows: Any) -> str:
    return msgspec.json.encode(rows).decode()


def import_table(
    *, city: CityFacts, dataset: Dataset, columns: list[str], rows: list[list[Cell]], name: str, digest: str = ""
) -> JoinResult:
    """Publishes a table at once, with the mapping as guessed: for packs and programs, which know their columns."""
    draft = create_draft(city=city, dataset=dataset, table=Table("csv", columns, rows), digest=digest, name=name)
    return publish_draft(city=city, draft=draft, mapping=mapping_from_json(draft.mapping))


def discard_draft(draft: Version) -> None:
    """Deletes a draft, and its dataset too when that has nothing else."""
    # A version that was published never goes by itself.
    if draft.number is not None:
        return
    path, dataset = table_path(draft), draft.dataset
    with transaction.atomic():
        draft.delete()
        if dataset.current_id is None and not Version.objects.filter(dataset=dataset).exists():
            dataset.delete()
    default_storage.delete(path)
