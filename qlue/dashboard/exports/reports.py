"""Reports as rows of a table, a batch at a time from the index of the list: memory does not grow with their number."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.kit.db import in_city
from qlue.kit.tables import Column, TableRow
from qlue.people.actions import record_access
from qlue.people.models import Membership
from qlue.reports.queries.reports import ReportFilter, list_reports
from qlue.reports.records import ReportRecord
from qlue.reports.states import STATUS_LABELS

ROWS_PER_BATCH = 1_000
MAX_ROWS = 1_000_000  # of one file, about what a spreadsheet takes
# The order is that of `_report_row`. Names are what people's own programs read: one may be added, none changed.
COLUMNS: list[Column] = [
    ("kode", "text"),
    ("status", "text"),
    ("status_kata", "text"),
    ("kategori", "text"),
    ("opd", "text"),
    ("kecamatan", "text"),
    ("kelurahan", "text"),
    ("kode_wilayah", "text"),
    ("laporan", "text"),
    ("patokan", "text"),
    ("lon", "number"),
    ("lat", "number"),
    ("masuk", "text"),
    ("tenggat", "text"),
    ("selesai", "text"),
    ("pendukung", "number"),
    ("rahasia", "text"),
]


def report_rows(city: CityFacts, report_filter: ReportFilter, member: Membership | None = None) -> Iterator[TableRow]:
    """Newest first. With `member` private reports are among them, and that this member saw each is noted first."""
    rows_left, before = MAX_ROWS, report_filter.before
    while rows_left > 0:
        # The rows are sent after the view has returned, when its scope is gone; between two batches the connection
        # serves others, so none is held in the city.
        with in_city(city.id):
            reports = list_reports(city, replace(report_filter, before=before), min(ROWS_PER_BATCH, rows_left))
            _record_accesses(member, reports)
        for report in reports:
            yield _report_row(city, report)
        if len(reports) < ROWS_PER_BATCH:
            return
        rows_left, before = rows_left - len(reports), (reports[-1].created_at, reports[-1].id)


def _record_accesses(member: Membership | None, reports: list[ReportRecord]) -> None:
    """Before a row leaves: a file that was broken off half-way must not be read without a trace."""
    private_ids = [report.id for report in reports if report.private]
    if not private_ids:
        return
    if member is None:
        raise PermissionError("private reports leave only to a member whose looks are noted")
    with transaction.atomic():
        for report_id in private_ids:
            record_access(member, report_id, "export")


def _report_row(city: CityFacts, report: ReportRecord) -> TableRow:
    area, agency = city.areas.get(report.area_id or 0), city.agencies.get(report.agency_id or 0)
    parent = city.areas.get(area.parent_id or 0) if area else None
    return [
        report.code,
        report.status,
        str(STATUS_LABELS[report.status]),
        city.categories[report.category_id].label,
        agency.short_name if agency else None,
        parent.name if parent else None,
        area.name if area else None,
        area.code if area else None,
        report.words,
        report.landmark,
        round(report.lon, 6),  # 10 cm, which is finer than any telephone knows
        round(report.lat, 6),
        _local_time(city, report.created_at),
        _local_time(city, report.due_at),
        _local_time(city, report.resolved_at),
        report.supporters,
        "ya" if report.private else "",
    ]


def _local_time(city: CityFacts, at: datetime | None) -> str | None:
    return at.astimezone(city.tz).isoformat(timespec="seconds") if at else None
