"""Work orders as pages show them: piles of an agency's orders, one order, the orders of a report; and their photos."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.people.models import Membership
from qlue.people.records import USERS
from qlue.people.rights import scope_of
from qlue.reports.actions import StoredPhoto
from qlue.reports.records import PHOTOS, REPORTS
from qlue.timeline.records import EVENTS
from qlue.work.models import Order
from qlue.work.states import ENDED_STATES, LIVE_STATES, OrderState

PAGE = 30
Row = dict[str, Any]


@dataclass(frozen=True)
class OrderPile:
    """One tab of the page of orders; `newest` sorts by the latest transition, the others by deadline."""

    slug: str
    label: str | Promise
    states: tuple[str, ...]
    icon: str
    newest: bool = False


ORDER_PILES = {
    pile.slug: pile
    for pile in (
        OrderPile(
            "ditawarkan", _("To be answered"), (OrderState.DRAFT, OrderState.OFFERED, OrderState.DECLINED), "clock"
        ),
        OrderPile(
            "dikerjakan",
            _("Under way"),
            (OrderState.ACCEPTED, OrderState.EN_ROUTE, OrderState.ON_SITE, OrderState.WORKING, OrderState.RETURNED),
            "progress",
        ),
        OrderPile("ditunda", _("On hold"), ("on_hold",), "player-pause"),
        OrderPile("diperiksa", _("To be reviewed"), ("submitted",), "photo-check"),
        OrderPile("selesai", _("Ended"), ENDED_STATES, "circle-check", newest=True),
    )
}

# {orders} is a subquery that has chosen and limited the orders already, so that the joins touch one page of them.
ORDER_SELECT = f"""
SELECT o.id, o.number, o.state, o.agency_id AS worker, o.words AS task, o.reason, o.done_words, o.due_at AS order_due,
    o.hold_until AS order_hold, o.ended_at, o.updated_at, o.created_at AS ordered_at, o.accepted_at, o.started_at,
    o.submitted_at, o.crew_id, o.person_id, c.name AS crew, coalesce(nullif(u.first_name, ''), u.username) AS person,
    coalesce(nullif(b.first_name, ''), b.username) AS ordered_by,
    r.id AS report, report_code(%(prefix)s, r.id) AS code, r.status, r.category_id AS category, r.area_id AS area,
    r.agency_id AS agency, r.words, r.landmark, r.lon, r.lat, r.place, r.private, r.created_at, r.due_at, r.resolved_at,
    r.hold_until
FROM {{orders}} o JOIN {REPORTS} AS r ON r.city_id = o.city_id AND r.id = o.report_id
LEFT JOIN work_crew c ON c.city_id = o.city_id AND c.id = o.crew_id
LEFT JOIN {USERS} AS u ON u.id = o.person_id LEFT JOIN {USERS} AS b ON b.id = o.created_by_id
"""
ORDER_COLUMNS = (
    "id", "number", "state", "worker", "task", "reason", "done_words", "order_due", "order_hold", "ended_at",
    "updated_at", "ordered_at", "accepted_at", "started_at", "submitted_at", "crew_id", "person_id", "crew", "person",
    "ordered_by", "report", "code", "status", "category", "area", "agency", "words", "landmark", "lon", "lat", "place",
    "private", "created_at", "due_at", "resolved_at", "hold_until",
)  # fmt: skip
# Their own agency's, and those that their agency's reports have with others; all for those who see all.
VISIBLE_ORDERS = f"""
o.city_id = %(city)s AND (%(agency)s::bigint IS NULL OR o.agency_id = %(agency)s OR EXISTS (
    SELECT FROM {REPORTS} AS l WHERE l.city_id = o.city_id AND l.id = o.report_id AND l.agency_id = %(agency)s))
"""
# The id makes the order total: pages by OFFSET neither repeat nor skip an order of the same moment.
BY_DEADLINE = "o.due_at NULLS LAST, o.id"
NEWEST = "o.updated_at DESC, o.id DESC"


def _fetch_orders(sql: str, params: Mapping[str, Any]) -> list[Row]:
    return [dict(zip(ORDER_COLUMNS, row, strict=True)) for row in fetch_all(sql, params)]


def _visibility_params(city: CityFacts, member: Membership) -> dict[str, Any]:
    return {"city": city.id, "prefix": city.code_prefix, "agency": scope_of(member)}


def order_rows(city: CityFacts, member: Membership, pile: OrderPile, page: int = 0) -> list[Row]:
    """One page of a pile; one row more than `PAGE` when another follows. One statement."""
    order_by = NEWEST if pile.newest else BY_DEADLINE
    subquery = (
        f"(SELECT * FROM work_order o WHERE {VISIBLE_ORDERS} AND o.state = ANY(%(states)s) "  # noqa: S608
        f"ORDER BY {order_by} LIMIT %(limit)s OFFSET %(offset)s)"
    )
    params = _visibility_params(city, member) | {"states": list(pile.states), "limit": PAGE + 1, "offset": page * PAGE}
    return _fetch_orders(f"{ORDER_SELECT.format(orders=subquery)} ORDER BY {order_by}", params)


def order_pile_counts(city: CityFacts, member: Membership) -> dict[str, int]:
    """How many orders stand in each pile. One statement."""
    sql = f"SELECT o.state, count(*) FROM work_order o WHERE {VISIBLE_ORDERS} GROUP BY 1"  # noqa: S608
    counts = dict(fetch_all(sql, _visibility_params(city, member)))
    return {pile.slug: sum(counts.get(state, 0) for state in pile.states) for pile in ORDER_PILES.values()}


def order_row(city: CityFacts, order_id: int) -> Row | None:
    """One order with the report that it is for; the caller decides who may see it."""
    subquery = "(SELECT * FROM work_order WHERE city_id = %(city)s AND id = %(id)s)"
    params = {"city": city.id, "prefix": city.code_prefix, "id": order_id}
    rows = _fetch_orders(ORDER_SELECT.format(orders=subquery), params)
    return rows[0] if rows else None


def orders_of_report(city: CityFacts, report_id: int) -> list[Row]:
    """All orders of a report, by number."""
    subquery = "(SELECT * FROM work_order WHERE city_id = %(city)s AND report_id = %(report)s)"
    params = {"city": city.id, "prefix": city.code_prefix, "report": report_id}
    return _fetch_orders(f"{ORDER_SELECT.format(orders=subquery)} ORDER BY o.number", params)


# A crew may hand in again after it was sent back; only the latest photos count.
SUBMITTED_PHOTOS = f"""
SELECT jsonb_array_elements_text(data->'photos') FROM (SELECT data FROM {EVENTS} AS event
    WHERE city_id = %s AND report_id = %s AND kind = 'order.submitted' AND (data->>'order')::bigint = %s
    ORDER BY id DESC LIMIT 1) AS latest
"""


def submitted_photo_ids(city: CityFacts, order: Order) -> list[UUID]:
    """The photos that the crew handed in last."""
    return [UUID(name) for (name,) in fetch_all(SUBMITTED_PHOTOS, [city.id, order.report_id, order.id])]


APPROVED_PHOTOS = f"""
SELECT p.uuid, p.width, p.height, p.taken_at, p.dhash FROM {PHOTOS} AS p
WHERE p.city_id = %(city)s AND p.report_id = %(report)s AND p.kind = 'after' AND p.uuid::text IN (
    SELECT jsonb_array_elements_text(h.data->'photos') FROM {EVENTS} AS h
    JOIN work_order o ON o.city_id = h.city_id AND o.id = (h.data->>'order')::bigint
    WHERE h.city_id = %(city)s AND h.report_id = %(report)s AND h.kind = 'order.submitted'
        AND o.state IN ('{OrderState.APPROVED}', '{OrderState.CLOSED}'))
ORDER BY p.id DESC LIMIT %(limit)s
"""


def approved_photos(city: CityFacts, report_id: int, limit: int = 5) -> list[StoredPhoto]:
    """What the crews handed in and a supervisor approved: a head may resolve the report with these."""
    params = {"city": city.id, "report": report_id, "limit": limit}
    return [StoredPhoto(*row) for row in fetch_all(APPROVED_PHOTOS, params)]


def count_open_orders(city: CityFacts, report_id: int) -> int:
    """How many orders of a report still stand in the way of resolving it."""
    return Order.objects.filter(city_id=city.id, report_id=report_id, state__in=LIVE_STATES).count()
