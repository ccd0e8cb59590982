"""What people at work see: the queue of an agency by deadline, one case with everything around it, notices."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all, fetch_value
from qlue.people.models import AGENCY_ROLES, Membership
from qlue.people.rights import may, scope_of
from qlue.reports.reading import Filter, happening_rows, photo_rows, where
from qlue.reports.states import OPEN

PAGE = 30
MOST_NOTICES = 30
MOST_COUNTED = 99

Row = dict[str, Any]


@dataclass(frozen=True)
class Tab:
    """One pile of the desk; `newest` sorts by the time of resolution, all others stand by deadline."""

    slug: str
    word: str | Promise
    states: tuple[str, ...]
    icon: str
    newest: bool = False
    mine: bool = False


TABS = {
    tab.slug: tab
    for tab in (
        Tab("menunggu", _("Waiting"), ("received", "routed"), "clock"),
        Tab("dikerjakan", _("In work"), ("accepted", "in_progress"), "progress"),
        Tab("ditunda", _("On hold"), ("on_hold",), "player-pause"),
        Tab("selesai", _("Done, to be confirmed"), ("resolved",), "circle-check", newest=True),
        Tab("dibantah", _("Disputed"), ("reopened",), "refresh-alert"),
        Tab("saya", _("Mine"), OPEN, "user-check", mine=True),
    )
}


@dataclass(frozen=True)
class Desk:
    """Whose work is looked at: an agency's (None = all of the city), or what no agency has yet; by which person."""

    agency: int | None
    person: int
    unrouted: bool = False

    def tabs(self) -> list[Tab]:
        """Cases are given to people of an agency, so only they have a pile of their own."""
        return [tab for tab in TABS.values() if self.agency or not tab.mine]


def desk_of(member: Membership) -> Desk:
    """The member's own agency; None for those who see all."""
    return Desk(scope_of(member), member.user_id)


QUEUE = """
SELECT r.id, report_code(%(prefix)s, r.id) AS code, r.status, r.category_id, r.area_id, r.agency_id,
    left(r.words, 300), r.landmark, r.private, r.created_at, r.due_at, r.resolved_at, r.hold_until,
    coalesce(nullif(u.first_name, ''), u.username), r.assignee_id, p.uuid
FROM (SELECT * FROM reports_report r WHERE {where} ORDER BY {order} LIMIT %(limit)s) r
LEFT JOIN people_user u ON u.id = r.assignee_id
LEFT JOIN LATERAL (
    SELECT uuid FROM reports_photo p WHERE p.city_id = r.city_id AND p.report_id = r.id AND NOT r.private
    ORDER BY p.id LIMIT 1) p ON true
ORDER BY {order}
"""
COLUMNS = (
    "id", "code", "status", "category", "area", "agency", "words", "landmark", "private", "created_at", "due_at",
    "resolved_at", "hold_until", "assignee_name", "assignee", "photo",
)  # fmt: skip
# The open states in plain letters, so that PostgreSQL sees without parameters that the index by deadline fits.
STILL_OPEN = " AND r.status IN ({})".format(", ".join(f"'{state}'" for state in OPEN))
DUE_FIRST = "r.due_at, r.id"
NEWEST_DONE = "r.resolved_at DESC, r.id DESC"
Place = tuple[datetime | None, int]  # the sort key of the last row seen: deadline or resolution, and id


def queue_rows(city: CityFacts, desk: Desk, tab: Tab, wanted: Filter, after: Place | None = None) -> list[Row]:
    """One page of a pile, overdue first; one row more than `PAGE` when another page follows. One statement."""
    clause, values = _scope(city, desk, wanted)
    clause += " AND r.status = ANY(%(states)s)" + ("" if tab.newest else STILL_OPEN)
    clause += " AND r.assignee_id = %(person)s" if tab.mine else ""
    if after:
        clause += f" AND {AFTER_NEWEST if tab.newest else AFTER_DUE}"
        values |= {"after_at": after[0], "after_id": after[1]}
    values |= {"states": list(tab.states), "person": desk.person, "prefix": city.code_prefix, "limit": PAGE + 1}
    sql = QUEUE.format(where=clause, order=NEWEST_DONE if tab.newest else DUE_FIRST)
    return [dict(zip(COLUMNS, row, strict=True)) for row in fetch_all(sql, values)]


# A case without a deadline stands last, as PostgreSQL sorts NULL.
AFTER_DUE = (
    "(coalesce(r.due_at, 'infinity'), r.id) > (coalesce(%(after_at)s::timestamptz, 'infinity'), %(after_id)s::bigint)"
)
AFTER_NEWEST = "(r.resolved_at, r.id) < (%(after_at)s::timestamptz, %(after_id)s::bigint)"


def place_of(tab: Tab, row: Row) -> Place:
    """Where the page after this row begins."""
    return row["resolved_at" if tab.newest else "due_at"], row["id"]


def _scope(city: CityFacts, desk: Desk, wanted: Filter) -> tuple[str, dict[str, Any]]:
    """The filter within what this desk may see; private reports are its work too."""
    own = {"private": True, "status": "", "before": None}
    if desk.agency:
        own["agency"] = desk.agency
    clause, values = where(city, Filter(**{**vars(wanted), **own}))
    return clause + (" AND r.agency_id IS NULL" if desk.unrouted else ""), values


def counts(city: CityFacts, desk: Desk, wanted: Filter) -> dict[str, int]:
    """How many cases each pile holds, and under `overdue` how many open ones are late. One statement."""
    clause, values = _scope(city, desk, wanted)
    parts = []
    for tab in desk.tabs():
        mine = " AND r.assignee_id = %(person)s" if tab.mine else ""
        parts.append(f"count(*) FILTER (WHERE r.status = ANY(%({tab.slug})s){mine})")
        values[tab.slug] = list(tab.states)
    parts.append("count(*) FILTER (WHERE r.status = ANY(%(still)s) AND r.due_at < now())")
    values |= {"person": desk.person, "still": list(OPEN), "shown": [*OPEN, "resolved"]}
    sql = f"SELECT {', '.join(parts)} FROM reports_report r WHERE {clause} AND r.status = ANY(%(shown)s)"  # noqa: S608
    return dict(zip([*(tab.slug for tab in desk.tabs()), "overdue"], fetch_all(sql, values)[0], strict=True))


BESIDE = """
SELECT EXISTS (SELECT FROM reports_contact c WHERE c.city_id = %(city)s AND c.report_id = %(id)s)
        OR EXISTS (SELECT FROM reports_aid a WHERE a.city_id = %(city)s AND a.report_id = %(id)s),
    (SELECT coalesce(array_agg(report_code(%(prefix)s, m.id) ORDER BY m.id), '{}') FROM reports_report m
     WHERE m.city_id = %(city)s AND m.merged_into_id = %(id)s)
"""
NAMES = "SELECT id, coalesce(nullif(first_name, ''), username) FROM people_user WHERE id = ANY(%s)"


def case_of(city: CityFacts, row: Row) -> Row:
    """Around a `reports.reading.report_row`: photos, story with the names of staff, whether a contact is known.

    Four statements. The names are for staff only; the public story has roles in their place.
    """
    has_contact, copies = fetch_all(BESIDE, {"city": city.id, "id": row["id"], "prefix": city.code_prefix})[0]
    photos, story = photo_rows(city, row["id"]), happening_rows(city, row["id"])
    people = {row["assignee"], *(one["actor"] for one in story), *(one["data"].get("person") for one in story)}
    names = names_of(people)
    return {
        "has_contact": has_contact,
        "copies": copies,
        "photos": [photo for photo in photos if photo["kind"] == "before"],
        "story": story,
        "names": names,
        "assignee_name": names.get(row["assignee"], ""),
    }


def names_of(people: Iterable[int | None]) -> dict[int, str]:
    """The names of accounts, for staff only."""
    return dict(fetch_all(NAMES, [sorted({person for person in people if person})]))


INBOX = """
FROM work_notice n WHERE n.city_id = %(city)s
AND (n.user_id = %(user)s OR n.user_id IS NULL AND n.agency_id IS NOT DISTINCT FROM %(agency)s AND %(shared)s)
"""
SEEN = "coalesce((SELECT last_id FROM work_seen WHERE city_id = %(city)s AND user_id = %(user)s), 0)"
NOTICES = f"""
SELECT n.id, n.kind, n.created_at, n.id > {SEEN}, n.user_id IS NOT NULL, r.id, r.status, r.category_id, r.area_id,
    r.agency_id, report_code(%(prefix)s, r.id), left(r.words, 160), r.due_at, r.resolved_at
FROM (SELECT n.* {INBOX} ORDER BY n.id DESC LIMIT %(limit)s) n
JOIN reports_report r ON r.city_id = n.city_id AND r.id = n.report_id ORDER BY n.id DESC
"""
NOTICE_COLUMNS = (
    "id", "kind", "at", "new", "personal", "report", "status", "category", "area", "agency", "code", "words",
    "due_at", "resolved_at",
)  # fmt: skip


def _inbox_of(member: Membership) -> Mapping[str, Any]:
    """Their own, and their agency's; what no agency has yet is for those who can pass it on."""
    shared = member.role in AGENCY_ROLES or may(member, "reroute")
    return {"city": member.city_id, "user": member.user_id, "agency": member.agency_id, "shared": shared}


def notices(city: CityFacts, member: Membership) -> list[Row]:
    """The newest notices of a member, with what they are about."""
    values = {**_inbox_of(member), "prefix": city.code_prefix, "limit": MOST_NOTICES}
    return [dict(zip(NOTICE_COLUMNS, row, strict=True)) for row in fetch_all(NOTICES, values)]


def unseen(member: Membership) -> int:
    """How many notices are new, counted up to 100."""
    sql = f"SELECT count(*) FROM (SELECT {INBOX} AND n.id > {SEEN} LIMIT {MOST_COUNTED + 1}) t"  # noqa: S608
    return int(fetch_value(sql, _inbox_of(member)))


Letters = dict[int, list[dict[str, Any]]]
_LETTERS: list[Callable[[CityFacts, list[tuple[int, int]]], Letters]] = []


def letters_from(read: Callable[[CityFacts, list[tuple[int, int]]], Letters]) -> None:
    """The room that sends letters says, while Qlue starts, how to read what became of them.

    `read` gets (question, turn) and answers by question with letters as `{state, reminder, at, next_at, error}`.
    """
    _LETTERS.append(read)


def letters_of(city: CityFacts, asks: list[tuple[int, int]]) -> Letters:
    """What became of the letters to authorities; nothing where no room sends any."""
    return {number: letters for read in _LETTERS if asks for number, letters in read(city, asks).items()}
