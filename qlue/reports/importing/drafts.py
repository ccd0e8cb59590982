"""From rows to reports: every check a row can fail, then everything the spine computes of a new report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from qlue.cities.facts import agency_for
from qlue.kit.clock import now
from qlue.kit.geo import cell, is_position
from qlue.reports.facts import report_facts
from qlue.reports.importing.cells import Bad, number
from qlue.reports.importing.office import Office
from qlue.reports.importing.places import areas_at
from qlue.reports.importing.plan import Plan
from qlue.reports.importing.source import Row, Unreadable
from qlue.reports.states import COLOURS, GREEN

NAMESPACE = UUID("5d7c0f5e-52f1-5b7e-9a53-6a2f0c1d7b10")
MOST_WORDS = 10_000
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
        self.office = Office(plan.city)
        self.seen: set[int] = set()

    def drafts(self, first: int, rows: Sequence[Row | Unreadable]) -> tuple[list[Draft], list[Reject]]:
        """What can be imported, complete, and what cannot; together all rows."""
        read: list[tuple[Draft, Row]] = []
        rejects: list[Reject] = []
        latest = now() + SLOW_CLOCK
        for line, row in enumerate(rows, first):
            if isinstance(row, Unreadable):
                rejects.append(Reject(line, row.reason, row.cells))
                continue
            try:
                read.append((_read(self.plan, line, row, latest), row))
            except Bad as bad:
                rejects.append(Reject(line, str(bad), row))
        accepted = self._accepted(read, rejects)
        return accepted, sorted(rejects, key=lambda reject: reject.line)

    def _accepted(self, read: list[tuple[Draft, Row]], rejects: list[Reject]) -> list[Draft]:
        """Those with an area and an id that is new in this file, routed and with their deadlines."""
        inside = iter(areas_at(self.plan.city, [(draft.lon, draft.lat) for draft, _ in read if draft.place == "pin"]))
        accepted = []
        for draft, row in read:
            area = next(inside) if draft.place == "pin" else draft.area
            if reason := self._obstacle(draft, area):
                rejects.append(Reject(draft.line, reason, row))
            elif area:
                self._complete(draft, area)
                accepted.append(draft)
        return accepted

    def _obstacle(self, draft: Draft, area: int | None) -> str:
        if area is None:
            return _outside(self.plan, draft)
        key = hash(draft.external_id)
        if key in self.seen:
            return "duplicate id in the file"
        self.seen.add(key)
        return ""

    def _complete(self, draft: Draft, area: int) -> None:
        city = self.plan.city
        draft.area = area
        draft.agency = draft.agency or agency_for(city, draft.category, area)
        draft.private = draft.private or city.categories[draft.category].private
        if draft.agency:
            draft.respond_by = self.office.deadline(draft.category, draft.created, "respond")
            draft.due = self.office.deadline(draft.category, draft.created, "resolve")


def facts_of(plan: Plan, draft: Draft, code: int) -> dict[str, object]:
    """What the timeline says of an imported report; `code` is its cell."""
    row = {
        "status": draft.status,
        "category": draft.category,
        "area": draft.area,
        "agency": draft.agency,
        "cell": code,
        "private": draft.private,
        "created": draft.created,
        "due": draft.due,
        "resolved": draft.resolved,
    }
    return report_facts(plan.city, row)


def cell_of(draft: Draft) -> int:
    return cell(draft.lon, draft.lat)


def report_uuid(city: str, external_id: str) -> UUID:
    """The same report of the same city has the same uuid, however often it is imported."""
    return uuid5(NAMESPACE, f"{city}/{external_id}")


def _read(plan: Plan, line: int, row: Row, latest: datetime) -> Draft:
    external_id = _id(plan.external_id(row))
    created = plan.created_at(row)
    if created is None:
        raise Bad("no date")
    if created > latest:
        raise Bad("created in the future")
    status = "merged" if plan.merged(row) else plan.status(row)
    draft = Draft(
        line=line,
        external_id=external_id,
        uuid=report_uuid(plan.city.slug, external_id),
        created=created,
        resolved=_resolved(plan, row, status, created, latest),
        category=plan.category(row),
        status=status,
        agency=plan.agency(row),
        words=plan.words(row)[:MOST_WORDS],
        landmark=plan.landmark(row)[:200],
        private=plan.private(row),
    )
    draft.words = draft.words or plan.city.categories[draft.category].name
    _place(plan, row, draft)
    return draft


def _id(given: str) -> str:
    if not given:
        raise Bad("no id")
    if len(given) > 100:
        raise Bad("id is longer than 100 characters")
    return given


def _resolved(plan: Plan, row: Row, status: str, created: datetime, latest: datetime) -> datetime | None:
    """When it was finished. What was closed without work has no such time; neither has what is open again."""
    closed = plan.closed_at(row)
    if closed and closed > latest:
        raise Bad("closed in the future")
    if closed and closed < created and not _same_day(plan, created, closed):
        raise Bad("closes before it opens")
    if COLOURS[status] != GREEN:
        return None
    if closed is None and plan.closed_missing == "reject":
        raise Bad(f"{status}, but without a closing date")
    return max(closed or created, created)


def _same_day(plan: Plan, created: datetime, closed: datetime) -> bool:
    """A closing date without time of day is the same day's midnight, before anything that came that day."""
    local = closed.astimezone(plan.city.tz)
    is_midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
    return is_midnight and local.date() == created.astimezone(plan.city.tz).date()


def _place(plan: Plan, row: Row, draft: Draft) -> None:
    lon = None if plan.lon is None else number(row[plan.lon])
    lat = None if plan.lat is None else number(row[plan.lat])
    if lon is not None and lat is not None:
        if not is_position(lon, lat):
            raise Bad(f"no place on earth: longitude {lon:g}, latitude {lat:g}")
        draft.lon, draft.lat = lon, lat
        return
    code = plan.area_code(row)
    if not code:
        raise Bad("no place")
    area = plan.areas.get(code)
    if area is None:
        raise Bad(f'unknown area "{code[:20]}"')
    draft.lon, draft.lat, draft.area, draft.place = area.lon, area.lat, area.id, "area"


def _outside(plan: Plan, draft: Draft) -> str:
    if plan.city.around(draft.lat, draft.lon):
        return "outside the city: longitude and latitude seem to be swapped"
    return f"outside the city: {draft.lon:.5f}, {draft.lat:.5f}"
