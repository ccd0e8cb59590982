"""What the pages of work orders show: piles of an agency's orders, one order, the orders of a report."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.people.models import Membership
from qlue.people.rights import scope_of
from qlue.work.states import ENDED

PAGE = 30
Row = dict[str, Any]


@dataclass(frozen=True)
class Pile:
    """One pile of the page; `newest` shows what moved last first, the others stand by deadline."""

    slug: str
    word: str | Promise
    states: tuple[str, ...]
    icon: str
    newest: bool = False


PILES = {
    pile.slug: pile
    for pile in (
        Pile("ditawarkan", _("To be answered"), ("draft", "offered", "declined"), "clock"),
        Pile("dikerjakan", _("Under way"), ("accepted", "en_route", "on_site", "working", "returned"), "progress"),
        Pile("ditunda", _("On hold"), ("on_hold",), "player-pause"),
        Pile("diperiksa", _("To be reviewed"), ("submitted",), "photo-check"),
        Pile("selesai", _("Ended"), ENDED, "circle-check", newest=True),
    )
}

FIELDS = """
SELECT o.id, o.number, o.state, o.agency_id AS worker, o.words AS task, o.reason, o.done_words, o.due_at AS order_due,
    o.hold_until AS order_hold, o.ended_at, o.updated_at, o.created_at AS ordered_at, o.accepted_at, o.started_at,
    o.submitted_at, o.crew_id, o.person_id, c.name AS crew, coalesce(nullif(u.first_name, ''), u.username) AS person,
    coalesce(nullif(b.first_name, ''), b.username) AS ordered_by,
    r.id AS report, report_code(%(prefix)s, r.id) AS code, r.status, r.category_id AS category, r.area_id AS area,
    r.agency_id AS agency, r.words, r.landmark, r.lon, r.lat, r.place, r.private, r.created_at, r.due_at, r.resolved_at,
    r.hold_until
FROM {orders} o JOIN reports_report r ON r.city_id = o.city_id AND r.id = o.report_id
LEFT JOIN work_crew c ON c.city_id = o.city_id AND c.id = o.crew_id
LEFT JOIN people_user u ON u.id = o.person_id LEFT JOIN people_user b ON b.id = o.created_by_id
"""
COLUMNS = (
    "id", "number", "state", "worker", "task", "reason", "done_words", "order_due", "order_hold", "ended_at",
    "updated_at", "ordered_at", "accepted_at", "started_at", "submitted_at", "crew_id", "person_id", "crew", "person",
    "ordered_by", "report", "code", "status", "category", "area", "agency", "words", "landmark", "lon", "lat", "place",
    "private", "created_at", "due_at", "resolved_at", "hold_until",
)  # fmt: skip
# Their own agency's, and those that their agency's reports have with others; all for those who see all.
SEEN = """
o.city_id = %(city)s AND (%(agency)s::bigint IS NULL OR o.agency_id = %(agency)s OR EXISTS (
    SELECT FROM reports_report l WHERE l.city_id = o.city_id AND l.id = o.report_id AND l.agency_id = %(agency)s))
"""
BY_DEADLINE = "o.due_at NULLS LAST, o.id"
NEWEST = "o.updated_at DESC, o.id DESC"


def _dicts(sql: str, values: Mapping[str, Any]) -> list[Row]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in fetch_all(sql, values)]


def _whose(city: CityFacts, member: Membership) -> dict[str, Any]:
    return {"city": city.id, "prefix": city.code_prefix, "agency": scope_of(member)}


def order_rows(city: CityFacts, member: Membership, pile: Pile, page: int = 0) -> list[Row]:
    """One page of a pile; one row more than `PAGE` when another follows. One statement."""
    order = NEWEST if pile.newest else BY_DEADLINE
    some = f"(SELECT * FROM work_order o WHERE {SEEN} AND o.state = ANY(%(states)s) ORDER BY {order} LIMIT %(n)s OFFSET %(skip)s)"  # noqa: S608, E501
    values = _whose(city, member) | {"states": list(pile.states), "n": PAGE + 1, "skip": page * PAGE}
    return _dicts(f"{FIELDS.format(orders=some)} ORDER BY {order}", values)


def pile_counts(city: CityFacts, member: Membership) -> dict[str, int]:
    """How many orders stand in each pile. One statement."""
    sql = f"SELECT o.state, count(*) FROM work_order o WHERE {SEEN} GROUP BY 1"  # noqa: S608
    found = dict(fetch_all(sql, _whose(city, member)))
    return {pile.slug: sum(found.get(state, 0) for state in pile.states) for pile in PILES.values()}


def order_row(city: CityFacts, number: int) -> Row | None:
    """One order with the report that it is for; the caller decides who may see it."""
    some = "(SELECT * FROM work_order WHERE city_id = %(city)s AND id = %(id)s)"
    found = _dicts(FIELDS.format(orders=some), {"city": city.id, "prefix": city.code_prefix, "id": number})
    return found[0] if found else None


def orders_of(city: CityFacts, report: int) -> list[Row]:
    """All orders of a report, by number."""
    some = "(SELECT * FROM work_order WHERE city_id = %(city)s AND report_id = %(report)s)"
    values = {"city": city.id, "prefix": city.code_prefix, "report": report}
    return _dicts(f"{FIELDS.format(orders=some)} ORDER BY o.number", values)
