"""Who is notified: by role, by duty, by an order's transition."""

from datetime import datetime

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.people.models import Membership, Role
from qlue.people.records import MEMBERSHIPS
from qlue.work.models import CrewMember, Order
from qlue.work.queries.crews import crew_statuses
from qlue.work.queries.orders import count_open_orders
from qlue.work.states import OrderTransition

Recipient = tuple[int | None, int | None]  # (agency, person); (None, None) are the operators

MEMBERS_WITH_ROLE = f"""
SELECT user_id FROM {MEMBERSHIPS} AS membership
WHERE city_id = %s AND role = %s AND active AND (%s::bigint IS NULL OR agency_id = %s::bigint) ORDER BY id
"""


def members_with_role(city: CityFacts, role: str, agency: int | None = None) -> list[Recipient]:
    """Everybody with this role, of this agency where one is given."""
    return [(None, user_id) for (user_id,) in fetch_all(MEMBERS_WITH_ROLE, [city.id, role, agency, agency])]


def members_on_duty(city: CityFacts, agency: int, moment: datetime) -> list[Recipient]:
    """Everybody in a crew of this agency whose shift runs, and who is not on leave."""
    crews = [crew for crew in crew_statuses(city, moment, agency) if crew.on_duty]
    return [(None, person.id) for crew in crews for person in crew.people if not person.leave]


def agency_heads(city: CityFacts, agency: int | None) -> list[Recipient]:
    """The heads of an agency; the operators where there is no agency or nobody heads it."""
    # Never an empty list: what concerns an agency must reach somebody.
    return (members_with_role(city, Role.HEAD, agency) if agency else []) or [(None, None)]


def order_assignees(city: CityFacts, order: Order) -> list[Recipient]:
    """The person or the crew that has the order; the heads of its agency where it names neither."""
    if order.person_id:
        return [(None, order.person_id)]
    if order.crew_id:
        members = CrewMember.objects.filter(city_id=city.id, crew_id=order.crew_id).order_by("user_id")
        people = members.values_list("user_id", flat=True)
        return [(None, user_id) for user_id in people] or agency_heads(city, order.agency_id)
    return agency_heads(city, order.agency_id)


def transition_recipients(
    city: CityFacts, order: Order, leading_agency: int | None, rule: OrderTransition, actor: Membership | None
) -> list[Recipient]:
    """The crew of what is offered to it or taken from it, the heads of what they must judge; never the actor."""
    recipients: list[Recipient] = []
    # A hold that ends by itself is news to the crew; one that somebody ends is that person's own act.
    if rule.verb in ("offer", "return", "cancel", "approve") or (actor is None and rule.verb == "resume"):
        recipients = order_assignees(city, order)
    if rule.verb in ("decline", "submit", "hold"):
        recipients = [*agency_heads(city, order.agency_id), *agency_heads(city, leading_agency)]
    # With the last order approved, it is the leading agency's turn to resolve the report.
    if rule.verb == "approve" and not count_open_orders(city, order.report_id):
        recipients = [*recipients, *agency_heads(city, leading_agency)]
    return [recipient for recipient in recipients if actor is None or recipient != (None, actor.user_id)]
