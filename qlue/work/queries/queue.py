"""The queue of an agency: cases in tabs, by deadline, one page at a time."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.kit.db import SqlParams, fetch_all, fetch_records
from qlue.people.models import Membership
from qlue.people.records import USERS
from qlue.people.rights import scope_of
from qlue.reports.queries.filters import ReportFilter, filter_clause
from qlue.reports.records import IS_OPEN, REPORT_COLUMNS, REPORTS
from qlue.reports.states import OPEN_STATUSES, ReportStatus
from qlue.work.records import QueueRecord

PAGE = 30


@dataclass(frozen=True)
class Tab:
    """One tab of the queue; `newest` sorts by the time of resolution, all others by deadline."""

    slug: str
    label: str | Promise
    states: tuple[str, ...]
    icon: str
    newest: bool = False
    mine: bool = False


# The slugs stand in the address, so that a tab can be bookmarked.
TABS = {
    tab.slug: tab
    for tab in (
        Tab("menunggu", _("Waiting"), (ReportStatus.RECEIVED, ReportStatus.ROUTED), "clock"),
        Tab("dikerjakan", _("In work"), (ReportStatus.ACCEPTED, ReportStatus.IN_PROGRESS), "progress"),
        Tab("ditunda", _("On hold"), (ReportStatus.ON_HOLD,), "player-pause"),
        Tab("selesai", _("Done, to be confirmed"), (ReportStatus.RESOLVED,), "circle-check", newest=True),
        Tab("dibantah", _("Disputed"), (ReportStatus.REOPENED,), "refresh-alert"),
        Tab("saya", _("Mine"), OPEN_STATUSES, "user-check", mine=True),
    )
}


@dataclass(frozen=True)
class Desk:
    """Whose queue it is: an agency's (None = all of the city), or what no agency has yet; and which person's."""

    agency: int | None
    person: int
    unrouted: bool = False

    def tabs(self) -> list[Tab]:
        """Cases are assigned to people of an agency, so only they have a tab of their own."""
        return [tab for tab in TABS.values() if self.agency or not tab.mine]


def desk_of(member: Membership) -> Desk:
    """The member's own agency; None for those who see all."""
    return Desk(scope_of(member), member.user_id)


# The inner query chooses one page by its index; names and photos are joined to these few rows alone.
QUEUE_PAGE = f"""
SELECT {REPORT_COLUMNS}, coalesce(nullif(u.first_name, ''), u.username) AS assignee_name
FROM (SELECT * FROM {REPORTS} AS r WHERE {{where}} ORDER BY {{order}} LIMIT %(limit)s) r
LEFT JOIN {USERS} AS u ON u.id = r.assignee_id ORDER BY {{order}}
"""
# The id makes the order total: cases with one deadline neither repeat nor vanish between pages.
DUE_FIRST = "r.due_at, r.id"
NEWEST_RESOLVED = "r.resolved_at DESC, r.id DESC"
PageCursor = tuple[datetime | None, int]  # the sort key of the last row of a page: deadline or resolution, and id


def list_cases(
    city: CityFacts, desk: Desk, tab: Tab, report_filter: ReportFilter, after: PageCursor | None = None
) -> list[QueueRecord]:
    """One page of a tab, overdue first; one row more than `PAGE` when another page follows. One statement."""
    clause, params = _queue_clause(city, desk, report_filter)
    # The open statuses once more, written out: without parameters the planner sees that the index by deadline fits.
    clause += " AND r.status = ANY(%(states)s)" + ("" if tab.newest else f" AND {IS_OPEN}")
    clause += " AND r.assignee_id = %(person)s" if tab.mine else ""
    if after:
        clause += f" AND {AFTER_NEWEST if tab.newest else AFTER_DUE}"
        params |= {"after_at": after[0], "after_id": after[1]}
    params |= {"states": list(tab.states), "person": desk.person, "prefix": city.code_prefix, "limit": PAGE + 1}
    sql = QUEUE_PAGE.format(where=clause, order=NEWEST_RESOLVED if tab.newest else DUE_FIRST)
    return fetch_records(QueueRecord, sql, params)


# A case without a deadline stands last, as PostgreSQL sorts NULL.
AFTER_DUE = (
    "(coalesce(r.due_at, 'infinity'), r.id) > (coalesce(%(after_at)s::timestamptz, 'infinity'), %(after_id)s::bigint)"
)
AFTER_NEWEST = "(r.resolved_at, r.id) < (%(after_at)s::timestamptz, %(after_id)s::bigint)"


def cursor_after(tab: Tab, case: QueueRecord) -> PageCursor:
    """Where the page after this case begins."""
    return case.resolved_at if tab.newest else case.due_at, case.id


def _queue_clause(city: CityFacts, desk: Desk, report_filter: ReportFilter) -> tuple[str, SqlParams]:
    """The filter within what this desk may see; private reports are its work too."""
    # Whatever the address says of these, the desk and the tab decide.
    agency = desk.agency or report_filter.agency
    desk_filter = replace(report_filter, private=True, status="", before=None, agency=agency)
    clause, params = filter_clause(city, desk_filter)
    return clause + (" AND r.agency_id IS NULL" if desk.unrouted else ""), params


@dataclass(frozen=True)
class TabCounts:
    """How many cases stand in each tab, by its slug, and how many open ones are overdue."""

    by_tab: dict[str, int]
    overdue: int


def count_tabs(city: CityFacts, desk: Desk, report_filter: ReportFilter) -> TabCounts:
    """The numbers of a desk's tabs. One statement."""
    clause, params = _queue_clause(city, desk, report_filter)
    columns = []
    for tab in desk.tabs():
        condition = " AND r.assignee_id = %(person)s" if tab.mine else ""
        columns.append(f"count(*) FILTER (WHERE r.status = ANY(%({tab.slug})s){condition})")
        params[tab.slug] = list(tab.states)
    columns.append("count(*) FILTER (WHERE r.status = ANY(%(open)s) AND r.due_at < now())")
    # Everything else has ended, and there is far more of it: those rows need not be read to be left out.
    statuses = [*OPEN_STATUSES, ReportStatus.RESOLVED]
    params |= {"person": desk.person, "open": list(OPEN_STATUSES), "statuses": statuses}
    sql = f"SELECT {', '.join(columns)} FROM {REPORTS} AS r WHERE {clause} AND r.status = ANY(%(statuses)s)"  # noqa: S608
    *counts, overdue = fetch_all(sql, params)[0]
    return TabCounts({tab.slug: n for tab, n in zip(desk.tabs(), counts, strict=True)}, overdue)
