"""From rows to reports: every check that a row can fail, then what `submit` computes for a new report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from qlue.cities.facts import agency_for
from qlue.kit.clock import now
from qlue.kit.geo import cell, is_position
from qlue.reports.imports.cells import BadCell, parse_number
from qlue.reports.imports.lookups import WorkingTimeTable
from qlue.reports.imports.places import areas_at
from qlue.reports.imports.plan import Plan
from qlue.reports.imports.source import Row, UnreadableRow
from qlue.reports.records import ReportState, report_facts
from qlue.reports.states import COLOURS, GREEN, ReportStatus
from qlue.timeline.records import ReportFacts

# Never to be changed: the uuids of everything that was ever imported follow from it.
NAMESPACE = UUID("5d7c0f5e-52f1-5b7e-9a53-6a2f0c1d7b10")
MOST_WORDS = 10_000  # longer than what people may type here: other systems have other limits
SLOW_CLOCK = timedelta(hours=1)  # the other system's clock may be ahead of ours by this much


@dataclass(slots=True)
class Draft:
    """A report in the making; `line` is its row's number in the file."""

    line: int
    external_id: str
    uuid: UUID
    created: datetime
    resolved: datetime | None
    category: int
    status: str
    agency: int | None
    words: str
    landmark: str
    private: bool
    lon: float = 0.0
    lat: float = 0.0
    place: str = "pin"
    area: int = 0
    respond_by: datetime | None = None
    due: datetime | None = None


@dataclass(frozen=True)
class Reject:
    """A row that stays outside, and why."""

    line: int
    reason: str
    cells: Sequence[object]


class Drafter:
    """Turns batches into drafts. Remembers the ids it let through: about 70 bytes of memory for each."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.working_time = WorkingTimeTable(plan.city)
        # Hashes instead of the texts: that two of a million ids share one has a chance below 1 in 30 million.
        self.seen_ids: set[int] = set()

    def drafts(self, first: int, rows: Sequence[Row | UnreadableRow]) -> tuple[list[Draft], list[Reject]]:
        """What can be imported, complete, and what cannot; together all rows."""
        read: list[tuple[Draft, Row]] = []
        rejects: list[Reject] = []
        latest = now() + SLOW_CLOCK
        for line, row in enumerate(rows, first):
            if isinstance(row, UnreadableRow):
                rejects.append(Reject(line, row.reason, row.cells))
                continue
            try:
                read.append((_parse_row(self.plan, line, row, latest), row))
            except BadCell as bad:
                rejects.append(Reject(line, str(bad), row))
        accepted_rows = self._accepted_rows(read, rejects)
        return accepted_rows, sorted(rejects, key=lambda reject: reject.line)

    def _accepted_rows(self, read: list[tuple[Draft, Row]], rejects: list[Reject]) -> list[Draft]:
        """Those with an area and an id that is new in this file, routed and with their deadlines."""
        # Together, for the whole batch: a query of the tree for each point would be the dearest check of all.
        inside = iter(areas_at(self.plan.city, [(draft.lon, draft.lat) for draft, _ in read if draft.place == "pin"]))
        rows = []
        for draft, row in read:
            area = next(inside) if draft.place == "pin" else draft.area
            if reason := self._obstacle(draft, area):
                rejects.append(Reject(draft.line, reason, row))
            elif area:
                self._complete(draft, area)
                rows.append(draft)
        return rows

    def _obstacle(self, draft: Draft, area: int | None) -> str:
        if area is None:
            return _outside(self.plan, draft)
        # Last of all checks: a rejected row must not take its id from a good one further down.
        key = hash(draft.external_id)
        if key in self.seen_ids:
            return "duplicate id in the file"
        self.seen_ids.add(key)
        return ""

    def _complete(self, draft: Draft, area: int) -> None:
        city = self.plan.city
        draft.area = area
        draft.agency = draft.agency or agency_for(city, draft.category, area)
        # A mapping can hide more than the category does, never less: bansos is always private.
        draft.private = draft.private or city.categories[draft.category].private
        if draft.agency:
            draft.respond_by = self.working_time.deadline(draft.category, draft.created, "respond")
            draft.due = self.working_time.deadline(draft.category, draft.created, "resolve")


def facts_of(plan: Plan, draft: Draft, code: int) -> ReportFacts:
    """What the timeline says of an imported report; `code` is its cell."""
    state = ReportState(
        category_id=draft.category,
        area_id=draft.area,
        agency_id=draft.agency,
        assignee_id=None,
        status=draft.status,
        cell=code,
        private=draft.private,
        created_at=draft.created,
        respond_by=draft.respond_by,
        due_at=draft.due,
        resolved_at=draft.resolved,
    )
    return report_facts(plan.city, state)


def cell_of(draft: Draft) -> int:
    return cell(draft.lon, draft.lat)


def report_uuid(city: str, external_id: str) -> UUID:
    """The same report of the same city has the same uuid, however often it is imported."""
    return uuid5(NAMESPACE, f"{city}/{external_id}")


def _parse_row(plan: Plan, line: int, row: Row, latest: datetime) -> Draft:
    external_id = _id(plan.external_id(row))
    created_at = plan.created_at(row)
    if created_at is None:
        raise BadCell("no date")
    if created_at > latest:
        raise BadCell("created in the future")
    status = ReportStatus.MERGED if plan.merged(row) else plan.status(row)
    draft = Draft(
        line=line,
        external_id=external_id,
        uuid=report_uuid(plan.city.slug, external_id),
        created=created_at,
        resolved=_resolved_at(plan, row, status, created_at, latest),
        category=plan.category(row),
        status=status,
        agency=plan.agency(row),
        words=plan.words(row)[:MOST_WORDS],
        landmark=plan.landmark(row)[:200],
        private=plan.private(row),
    )
    # Lists and searches need some text, and old counters often wrote none.
    draft.words = draft.words or plan.city.categories[draft.category].name
    _place(plan, row, draft)
    return draft


def _id(text: str) -> str:
    if not text:
        raise BadCell("no id")
    if len(text) > 100:
        raise BadCell("id is longer than 100 characters")
    return text


def _resolved_at(plan: Plan, row: Row, status: str, created_at: datetime, latest: datetime) -> datetime | None:
    """When it was finished. What was closed without work has no such time; neither has what is open again."""
    closed_at = plan.closed_at(row)
    # Checked whatever the state: a date that cannot be true means that the mapping took the wrong column.
    if closed_at and closed_at > latest:
        raise BadCell("closed in the future")
    if closed_at and closed_at < created_at and not _same_day(plan, created_at, closed_at):
        raise BadCell("closes before it opens")
    if COLOURS[status] != GREEN:
        return None
    if closed_at is None and plan.closed_missing == "reject":
        raise BadCell(f"{status}, but without a closing date")
    # A closing date without a time would lie before a report of the same day, and the duration below zero.
    return max(closed_at or created_at, created_at)


def _same_day(plan: Plan, created_at: datetime, closed_at: datetime) -> bool:
    """A closing date without time of day is the same day's midnight, before anything that came that day."""
    local = closed_at.astimezone(plan.city.tz)
    is_midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
    return is_midnight and local.date() == created_at.astimezone(plan.city.tz).date()


def _place(plan: Plan, row: Row, draft: Draft) -> None:
    lon = None if plan.lon is None else parse_number(row[plan.lon])
    lat = None if plan.lat is None else parse_number(row[plan.lat])
    if lon is not None and lat is not None:
        if not is_position(lon, lat):
            raise BadCell(f"no place on earth: longitude {lon:g}, latitude {lat:g}")
        draft.lon, draft.lat = lon, lat
        return
    # Half a position is none; the kelurahan's centre then stands for the place, and `place` says so.
    code = plan.area_code(row)
    if not code:
        raise BadCell("no place")
    area = plan.areas.get(code)
    if area is None:
        raise BadCell(f'unknown area "{code[:20]}"')
    draft.lon, draft.lat, draft.area, draft.place = area.lon, area.lat, area.id, "area"


def _outside(plan: Plan, draft: Draft) -> str:
    # A common mistake in foreign files, so it is named.
    if plan.city.is_near(draft.lat, draft.lon):
        return "outside the city: longitude and latitude seem to be swapped"
    return f"outside the city: {draft.lon:.5f}, {draft.lat:.5f}"
