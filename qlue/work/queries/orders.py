"""Work orders as pages show them: piles of an agency's orders, one order, the orders of a report; and their photos."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.kit.db import SqlParams, fetch_all, fetch_record, fetch_records
from qlue.people.models import Membership
from qlue.people.records import USERS
from qlue.people.rights import scope_of
from qlue.reports.actions import StoredPhoto
from qlue.reports.records import PHOTOS, REPORT_COLUMNS, REPORTS
from qlue.timeline.records import EVENTS, payload_id
from qlue.work.models import Order
from qlue.work.records import OrderRecord
from qlue.work.states import ENDED_STATES, LIVE_STATES, OrderState

PAGE = 30


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
SELECT {REPORT_COLUMNS}, o.id AS order_id, o.number, o.state, o.agency_id AS order_agency_id, o.words AS task, o.reason,
    o.done_words, o.due_at AS order_due_at, o.hold_until AS order_hold_until, o.created_at AS ordered_at,
    o.submitted_at, o.ended_at, c.name AS crew, coalesce(nullif(u.first_name, ''), u.username) AS person,
    coalesce(nullif(b.first_name, ''), b.username) AS ordered_by
FROM {{orders}} o JOIN {REPORTS} AS r ON r.city_id = o.city_id AND r.id = o.report_id
LEFT JOIN work_crew c ON c.city_id = o.city_id AND c.id = o.crew_id
LEFT JOIN {USERS} AS u ON u.id = o.person_id LEFT JOIN {USERS} AS b ON b.id = o.created_by_id
"""
# Their own agency's, and those that their agency's reports have with others; all for those who see all.
VISIBLE_ORDERS = f"""
o.city_id = %(city)s AND (%(agency)s::bigint IS NULL OR o.agency_id = %(agency)s OR EXISTS (
    SELECT FROM {REPORTS} AS l WHERE l.city_id = o.city_id AND l.id = o.report_id AND l.agency_id = %(agency)s))
"""
# The id makes the order total: pages by OFFSET neither repeat nor skip an order of the same moment.
BY_DEADLINE = "o.due_at NULLS LAST, o.id"
NEWEST = "o.updated_at DESC, o.id DESC"


def _visibility_params(city: CityFacts, member: Membership) -> SqlParams:
    return {"city": city.id, "prefix": city.code_prefix, "agency": scope_of(member)}


def list_orders(city: CityFacts, member: Membership, pile: OrderPile, page: int = 0) -> list[OrderRecord]:
    """One page of a pile; one row more than `PAGE` when another follows. One statement."""
    order_by = NEWEST if pile.newest else BY_DEADLINE
    subquery = (
        f"(SELECT * FROM work_order o WHERE {VISIBLE_ORDERS} AND o.state = ANY(%(states)s) "  # noqa: S608
        f"ORDER BY {order_by} LIMIT %(limit)s OFFSET %(offset)s)"
    )
    params = _visibility_params(city, member) | {"states": list(pile.states), "limit": PAGE + 1, "offset": page * PAGE}
    return fetch_records(OrderRecord, f"{ORDER_SELECT.format(orders=subquery)} ORDER BY {order_by}", params)


def order_pile_counts(city: CityFacts, member: Membership) -> dict[str, int]:
    """How many orders stand in each pile. One statement."""
    sql = f"SELECT o.state, count(*) FROM work_order o WHERE {VISIBLE_ORDERS} GROUP BY 1"  # noqa: S608
    counts = dict(fetch_all(sql, _visibility_params(city, member)))
    return {pile.slug: sum(counts.get(state, 0) for state in pile.states) for pile in ORDER_PILES.values()}


def find_order(city: CityFacts, order_id: int) -> OrderRecord | None:
    """One order with the report that it is for; the caller decides who may see it."""
    subquery = "(SELECT * FROM work_order WHERE city_id = %(city)s AND id = %(id)s)"
    params: SqlParams = {"city": city.id, "prefix": city.code_prefix, "id": order_id}
    return fetch_record(OrderRecord, ORDER_SELECT.format(orders=subquery), params)


def orders_of_report(city: CityFacts, report_id: int) -> list[OrderRecord]:
    """All orders of a report, by number."""
    subquery = "(SELECT * FROM work_order WHERE city_id = %(city)s AND report_id = %(report)s)"
    params: SqlParams = {"city": city.id, "prefix": city.code_prefix, "report": report_id}
    return fetch_records(OrderRecord, f"{ORDER_SELECT.format(orders=subquery)} ORDER BY o.number", params)


# A crew may hand in again after it was sent back; only the latest photos count.
SUBMITTED_PHOTOS = f"""
SELECT jsonb_array_elements_text(data->'photos') FROM (SELECT data FROM {EVENTS} AS e
    WHERE city_id = %s AND report_id = %s AND kind = 'order.submitted' AND {payload_id("order")} = %s
    ORDER BY id DESC LIMIT 1) AS latest
"""


def submitted_photo_ids(city: CityFacts, order: Order) -> list[UUID]:
    """The photos that the crew handed in last."""
    return [UUID(name) for (name,) in fetch_all(SUBMITTED_PHOTOS, [city.id, order.report_id, order.id])]


APPROVED_PHOTOS = f"""
SELECT p.uuid, p.width, p.height, p.taken_at, p.dhash FROM {PHOTOS} AS p
WHERE p.city_id = %(city)s AND p.report_id = %(report)s AND p.kind = 'after' AND p.uuid::text IN (
    SELECT jsonb_array_elements_text(e.data->'photos') FROM {EVENTS} AS e
    JOIN work_order o ON o.city_id = e.city_id AND o.id = {payload_id("order")}
    WHERE e.city_id = %(city)s AND e.report_id = %(report)s AND e.kind = 'order.submitted'
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
