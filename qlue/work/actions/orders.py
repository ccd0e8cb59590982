"""Verbs on work orders: make one, move it on. Each in one transaction, with the report moving along."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.people.models import Membership
from qlue.people.reading import crew_of
from qlue.people.rights import may
from qlue.reports.actions import Mover, Refused, StoredPhoto, made, move
from qlue.reports.actions.move import MISSING
from qlue.reports.actions.photos import add_photo_rows
from qlue.reports.states import OPEN
from qlue.timeline.actions import record
from qlue.work.actions.ringing import Receiver, heads_of, ring
from qlue.work.models import Crew, CrewMember, Order
from qlue.work.states import CREW, LIVE, ORDER_MOVES, REPORT_VERBS, REVIEW, OrderMove

LOCK_REPORT = """
SELECT agency_id, status, private, due_at FROM reports_report WHERE city_id = %s AND id = %s FOR NO KEY UPDATE
"""
NEXT = "SELECT coalesce(max(number), 0) + 1 FROM work_order WHERE city_id = %s AND report_id = %s"
GRANTED = frozenset({"accept", "start", "hold", "resume"})  # what an order lets its crew do with the report
PROOF = "proof"  # kind of a photo that was handed in and not yet approved; then it becomes "after"
REVIEWED = """
UPDATE work_proof SET state = %s, review_words = %s, reviewed_at = now()
WHERE city_id = %s AND order_id = %s AND state = 'open'
"""
APPROVED = "UPDATE reports_photo SET kind = 'after' WHERE city_id = %s AND report_id = %s AND uuid = ANY(%s)"


@dataclass(frozen=True)
class Brought:
    """What comes with an order's move; the table says what each verb needs. `uuid` is the form's own."""

    words: str = ""
    reason: str = ""
    until: datetime | None = None
    crew: int | None = None
    person: int | None = None
    photo: list[StoredPhoto] = field(default_factory=list)
    uuid: UUID | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Leading:
    """The report as an order sees it, locked."""

    agency: int | None
    status: str
    private: bool
    due: datetime | None


def make_order(
    *,
    city: CityFacts,
    report_id: int,
    by: Membership,
    agency: int | None = None,
    crew: int | None = None,
    person: int | None = None,
    words: str = "",
    due_at: datetime | None = None,
    draft: bool = False,
    uuid: UUID | None = None,
    at: datetime | None = None,
) -> Order:
    """A new order, offered at once unless it is a draft; raises `Refused`.

    Without `agency` it is the report's own. Who leads the report may also order from another agency; that agency's
    head then chooses the crew. Without `due_at` it is due with the report. A repeat (same `uuid`) gives the first.
    """
    moment, uuid_text = at or now(), uuid and str(uuid)
    with transaction.atomic():
        leading = _lock(city, report_id)
        if uuid and made(city, report_id, Mover(by), uuid):
            return _made_before(city, report_id, by, str(uuid))
        worker = _worker(city, by, leading, agency or leading.agency)
        _check_people(city, worker, crew, person)
        order = Order.objects.create(
            city_id=city.id, report_id=report_id, agency_id=worker, crew_id=crew, person_id=person, words=words,
            number=fetch_value(NEXT, [city.id, report_id]), state="draft" if draft else "offered",
            due_at=due_at or leading.due, created_by_id=by.user_id, created_at=moment, updated_at=moment,
        )  # fmt: skip
        happening = _tell(city, order, by, {"to": order.state, "words": words, "move": uuid_text}, leading, moment)
        if not draft:
            ring(city, happening, "order.offered", report_id, _offered_to(city, order))
    return order


def move_order(*, city: CityFacts, order_id: int, verb: str, by: Membership | None, **given: Any) -> Order:
    """Does one verb of `states.ORDER_MOVES` and returns the order as it is then; raises `Refused`.

    `by` None is the system itself. A repeat of a move (same person, same `uuid`) is answered as if it were new. The
    report moves along by `states.REPORT_VERBS`. The connection is in the city's scope.
    """
    what, brought = ORDER_MOVES[verb], Brought(**given)
    report_id = fetch_value("SELECT report_id FROM work_order WHERE city_id = %s AND id = %s", [city.id, order_id])
    if report_id is None:
        raise Refused(_("There is no such work order."))
    with transaction.atomic():
        leading = _lock(city, report_id)
        order = Order.objects.select_for_update(of=("self",)).get(city_id=city.id, id=order_id)
        if made(city, report_id, Mover(by), brought.uuid):
            return order
        _check_move(city, order, leading, what, by, brought)
        was = order.state
        _apply(order, what, brought)
        order.save()
        _keep_photos(city, order, what, brought)
        _report_moves(city, order, leading, verb, by, brought)
        told = _told(order, was, brought)
        happening = _tell(city, order, by, told, leading, brought.at or now())
        ring(city, happening, what.kind, report_id, _hears(city, order, leading, what, by))
    return order


def may_order(member: Membership | None, order: Order, leading_agency: int | None, who: str) -> bool:
    """Whether this member is one of those whom `ORDER_MOVES` names; `who` is CREW, LEAD or REVIEW."""
    if member is None:
        return False
    if who == CREW:
        return may(member, "work_in_field", order.agency_id) and _holds(member, order)
    right = "review_proof" if who == REVIEW else "lead_crews"
    return may(member, right, order.agency_id) or may(member, right, leading_agency)


def _holds(member: Membership, order: Order) -> bool:
    """The person, or anybody of the crew, or anybody of the agency where it names neither; their heads always."""
    if may(member, "lead_crews", order.agency_id) or order.person_id == member.user_id:
        return True
    if order.crew_id is None:
        return order.person_id is None
    return CrewMember.objects.filter(city_id=order.city_id, crew_id=order.crew_id, user_id=member.user_id).exists()


def _lock(city: CityFacts, report_id: int) -> Leading:
    """The report first, then its orders: all who move either wait in the same order."""
    found = fetch_all(LOCK_REPORT, [city.id, report_id])
    if not found:
        raise Refused(_("There is no such report."))
    return Leading(*found[0])


def _made_before(city: CityFacts, report_id: int, by: Membership, uuid: str) -> Order:
    sql = """SELECT (data->>'order')::bigint FROM timeline_happening
        WHERE city_id = %s AND report_id = %s AND actor_id = %s AND data->>'move' = %s"""
    return Order.objects.get(city_id=city.id, id=fetch_value(sql, [city.id, report_id, by.user_id, uuid]))


def _worker(city: CityFacts, by: Membership, leading: Leading, agency: int | None) -> int:
    """The agency that shall do it, once all is well with the wish."""
    if not may(by, "lead_crews", leading.agency):
        raise Refused(_("You may not give orders for this report."))
    if leading.status not in OPEN:
        raise Refused(_("This report is not open any more; there is nothing left to order."))
    known = city.agencies.get(agency or 0)
    if known is None or not known.active:
        raise Refused(_("Choose the agency that shall do it."), "agency")
    return known.id


def _check_people(city: CityFacts, agency: int, crew: int | None, person: int | None) -> None:
    if crew and not Crew.objects.filter(city_id=city.id, agency_id=agency, id=crew, active=True).exists():
        raise Refused(_("Choose a crew of this agency."), "crew")
    if person and person not in {one.user_id for one in crew_of(city.id, agency)}:
        raise Refused(_("Choose somebody who works for this agency."), "person")


def _check_move(
    city: CityFacts, order: Order, leading: Leading, what: OrderMove, by: Membership | None, brought: Brought
) -> None:
    if by is not None and not may_order(by, order, leading.agency, what.who):
        raise Refused(_("This work order is not yours to move."))
    if order.state not in what.sources:
        raise Refused(_("Somebody was faster: in its present state this can no longer be done. Please look again."))
    for need in what.needs:
        if not getattr(brought, need):
            raise Refused(MISSING[need], need)
    if brought.until and brought.until <= now():
        raise Refused(_("The date must lie in the future."), "until")
    _check_people(city, order.agency_id, brought.crew, brought.person)


STAMPS = {"accept": "accepted_at", "begin": "started_at", "submit": "submitted_at"}


def _apply(order: Order, what: OrderMove, brought: Brought) -> None:
    at = brought.at or now()
    order.state, order.updated_at = what.target, at
    order.hold_until = brought.until if what.verb == "hold" else None
    if brought.reason:
        order.reason = brought.reason
    if what.verb == "offer" and (brought.crew or brought.person):
        order.crew_id, order.person_id = brought.crew, brought.person
    if what.verb == "submit":
        order.done_words = brought.words
    if what.target in ("approved", "cancelled"):
        order.ended_at = at
    stamp = STAMPS.get(what.verb)
    if stamp and getattr(order, stamp) is None:
        setattr(order, stamp, at)


def _keep_photos(city: CityFacts, order: Order, what: OrderMove, brought: Brought) -> None:
    if what.verb == "submit":
        add_photo_rows(city.id, order.report_id, PROOF, brought.photo, brought.at or now())
    if what.verb == "approve":
        execute(APPROVED, [city.id, order.report_id, handed_in(city, order)])
    if what.verb in ("approve", "return", "cancel"):
        state = "approved" if what.verb == "approve" else "returned"
        execute(REVIEWED, [state, brought.reason, city.id, order.id])


HANDED_IN = """
SELECT jsonb_array_elements_text(data->'photos') FROM (SELECT data FROM timeline_happening
    WHERE city_id = %s AND report_id = %s AND kind = 'order.submitted' AND (data->>'order')::bigint = %s
    ORDER BY id DESC LIMIT 1) AS latest
"""


def handed_in(city: CityFacts, order: Order) -> list[UUID]:
    """The photos that the crew handed in last."""
    return [UUID(name) for (name,) in fetch_all(HANDED_IN, [city.id, order.report_id, order.id])]


APPROVED_PHOTOS = """
SELECT p.uuid, p.width, p.height, p.taken_at, p.dhash FROM reports_photo p
WHERE p.city_id = %(city)s AND p.report_id = %(report)s AND p.kind = 'after' AND p.uuid::text IN (
    SELECT jsonb_array_elements_text(h.data->'photos') FROM timeline_happening h
    JOIN work_order o ON o.city_id = h.city_id AND o.id = (h.data->>'order')::bigint
    WHERE h.city_id = %(city)s AND h.report_id = %(report)s AND h.kind = 'order.submitted'
        AND o.state IN ('approved', 'closed'))
ORDER BY p.id DESC LIMIT %(most)s
"""


def approved_photos(city: CityFacts, report_id: int, most: int = 5) -> list[StoredPhoto]:
    """What the crews handed in and a supervisor approved: a head may resolve the report with these."""
    return [
        StoredPhoto(*row) for row in fetch_all(APPROVED_PHOTOS, {"city": city.id, "report": report_id, "most": most})
    ]


def _report_moves(
    city: CityFacts, order: Order, leading: Leading, verb: str, by: Membership | None, brought: Brought
) -> None:
    """The report follows its orders; it waits only when all of them do."""
    if verb == "hold" and _others_under_way(order):
        return
    for step in REPORT_VERBS.get(verb, {}).get(leading.status, ()):
        given = {"reason": brought.reason, "until": brought.until} if step == "hold" else {}
        mover = Mover(by, granted=GRANTED)
        move(city=city, report_id=order.report_id, verb=step, by=mover, at=brought.at, **given)


def _others_under_way(order: Order) -> bool:
    others = Order.objects.filter(city_id=order.city_id, report_id=order.report_id, state__in=LIVE)
    return others.exclude(id=order.id).exclude(state="on_hold").exists()


def _told(order: Order, was: str, brought: Brought) -> dict[str, Any]:
    return {
        "from": was,
        "to": order.state,
        "words": brought.words,
        "reason": brought.reason,
        "until": brought.until and brought.until.isoformat(),
        "move": brought.uuid and str(brought.uuid),
        "photos": [str(photo.uuid) for photo in brought.photo],
    }


def _tell(
    city: CityFacts, order: Order, by: Membership | None, told: dict[str, Any], leading: Leading, at: datetime
) -> int:
    about: dict[str, Any] = {"order": order.id, "number": order.number, "agency": order.agency_id}
    about |= {"crew": order.crew_id, "person": order.person_id}
    return record(
        city_id=city.id,
        kind=f"order.{order.state}",
        report_id=order.report_id,
        actor_id=by.user_id if by else None,
        actor_role=by.role if by else "system",
        public=not leading.private,
        at=at,
        data={key: value for key, value in (about | told).items() if value},
    )


def _offered_to(city: CityFacts, order: Order) -> list[Receiver]:
    if order.person_id:
        return [(None, order.person_id)]
    if order.crew_id:
        found = CrewMember.objects.filter(city_id=city.id, crew_id=order.crew_id).order_by("user_id")
        return [(None, user) for user in found.values_list("user_id", flat=True)] or heads_of(city, order.agency_id)
    return heads_of(city, order.agency_id)


def _hears(city: CityFacts, order: Order, leading: Leading, what: OrderMove, by: Membership | None) -> list[Receiver]:
    """Who is told: the crew of what is offered to it or taken from it, the heads of what they must judge."""
    found: list[Receiver] = []
    if what.verb in ("offer", "return", "cancel", "approve") or (by is None and what.verb == "resume"):
        found = _offered_to(city, order)
    if what.verb in ("decline", "submit", "hold"):
        found = [*heads_of(city, order.agency_id), *heads_of(city, leading.agency)]
    if what.verb == "approve" and not open_orders(city, order.report_id):
        found = [*found, *heads_of(city, leading.agency)]
    return [who for who in found if by is None or who != (None, by.user_id)]


def open_orders(city: CityFacts, report_id: int) -> int:
    """How many orders of a report still stand in the way of resolving it."""
    return Order.objects.filter(city_id=city.id, report_id=report_id, state__in=LIVE).count()


def cancel_orders(city: CityFacts, report_id: int, reason: str, agency: int | None = None) -> int:
    """The system ends what is still open of a report (of one agency, where one is given); returns how many."""
    found = Order.objects.filter(city_id=city.id, report_id=report_id, state__in=("draft", "declined", *LIVE))
    numbers = list((found.filter(agency_id=agency) if agency else found).values_list("id", flat=True))
    for number in numbers:
        move_order(city=city, order_id=number, verb="cancel", by=None, reason=reason)
    return len(numbers)
