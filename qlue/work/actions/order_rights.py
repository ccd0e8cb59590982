"""Who may do what with a work order."""

from qlue.people.models import Membership
from qlue.people.rights import may
from qlue.work.models import CrewMember, Order
from qlue.work.states import CREW, REVIEW


def may_transition_order(member: Membership | None, order: Order, leading_agency: int | None, permission: str) -> bool:
    """Whether this member has the permission that a row of `ORDER_TRANSITIONS` names: CREW, LEAD or REVIEW."""
    if member is None:
        return False
    if permission == CREW:
        return may(member, "work_in_field", order.agency_id) and _is_assigned(member, order)
    # The agency that does the work and the one that leads the report both answer for the result.
    right = "review_proof" if permission == REVIEW else "lead_crews"
    return may(member, right, order.agency_id) or may(member, right, leading_agency)


def _is_assigned(member: Membership, order: Order) -> bool:
    """The person, or anybody of the crew, or anybody of the agency where it names neither; their heads always."""
    if may(member, "lead_crews", order.agency_id) or order.person_id == member.user_id:
        return True
    # Offered to the agency as a whole: whoever has time takes it.
    if order.crew_id is None:
        return order.person_id is None
    return CrewMember.objects.filter(city_id=order.city_id, crew_id=order.crew_id, user_id=member.user_id).exists()
