"""Reports as rows of a table, a batch at a time from the index of the list: memory does not grow with their number."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.kit.db import in_city
from qlue.kit.tables import Column, Row
from qlue.people.actions import record_look
from qlue.people.models import Membership
from qlue.reports.reading import Filter, list_rows
from qlue.reports.states import STATUS_WORDS

BATCH = 1_000
MOST = 1_000_000  # rows of one file
COLUMNS: list[Column] = [
    ("kode", "text"), ("status", "text"), ("status_kata", "text"), ("kategori", "text"), ("opd", "text"),
    ("kecamatan", "text"), ("kelurahan", "text"), ("kode_wilayah", "text"), ("laporan", "text"), ("patokan", "text"),
    ("lon", "number"), ("lat", "number"), ("masuk", "text"), ("tenggat", "text"), ("selesai", "text"),
    ("pendukung", "number"), ("rahasia", "text"),
]  # fmt: skip


def report_rows(city: CityFacts, wanted: Filter, member: Membership | None = None) -> Iterator[Row]:
    """Newest first. With `member` private reports are among them, and that this member saw each is noted first."""
    left, before = MOST, wanted.before
    while left > 0:
        with in_city(city.id):
            found = list_rows(city, replace(wanted, before=before), min(BATCH, left))
            _note(member, found)
        for row in found:
            yield _row(city, row)
        if len(found) < BATCH:
            return
        left, before = left - len(found), (found[-1]["created_at"], found[-1]["id"])


def _note(member: Membership | None, found: list[dict[str, Any]]) -> None:
    private = [row["id"] for row in found if row["private"]]
    if not private:
        return
    if member is None:
        raise PermissionError("private reports leave only to a member whose looks are noted")
    with transaction.atomic():
        for number in private:
            record_look(member, number, "export")


def _row(city: CityFacts, row: dict[str, Any]) -> Row:
    area, agency = city.areas.get(row["area"] or 0), city.agencies.get(row["agency"] or 0)
    parent = city.areas.get(area.parent_id or 0) if area else None
    return [
        row["code"],
        row["status"],
        str(STATUS_WORDS[row["status"]]),
        city.categories[row["category"]].label,
        agency.short_name if agency else None,
        parent.name if parent else None,
        area.name if area else None,
        area.code if area else None,
        row["words"],
        row["landmark"],
        round(row["lon"], 6),
        round(row["lat"], 6),
        *(_time(city, row[name]) for name in ("created_at", "due_at", "resolved_at")),
        row["supporters"],
        "ya" if row["private"] else "",
    ]


def _time(city: CityFacts, at: datetime | None) -> str | None:
    return at.astimezone(city.tz).isoformat(timespec="seconds") if at else None
