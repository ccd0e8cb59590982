"""Verbs on hand-overs: ask another agency, answer, decide where two have refused.

The report's deadline never moves by any of this; how long each agency held it is read from the timeline.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts, after_hours
from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.people.models import Membership, Role
from qlue.people.rights import may
from qlue.reports.actions import Mover, Refused, made, move
from qlue.reports.actions.move import MISSING
from qlue.reports.states import OPEN
from qlue.timeline.actions import record
from qlue.work.actions.locking import locked_report
from qlue.work.actions.orders import cancel_orders
from qlue.work.actions.ringing import Receiver, heads_of, ring, those_who_are
from qlue.work.actions.waking import in_city_language
from qlue.work.models import HandOver

ANSWER_HOURS = 8.0  # of office time
MOST_REFUSALS = 2
State = HandOver.State


def ask_hand_over(
    *, city: CityFacts, report_id: int, by: Membership, agency: int | None, reason: str, uuid: UUID | None = None
) -> HandOver | None:
    """Asks another agency to take the report; raises `Refused`. None when this very question was asked before."""
    with transaction.atomic():
        held, status, private = locked_report(city, report_id)
        if made(city, report_id, Mover(by), uuid):
            return None
        _check_question(city, by, held, status, report_id, agency, reason)
        asked = HandOver.objects.create(
            city_id=city.id, report_id=report_id, from_agency_id=held or 0, to_agency_id=agency or 0,
            state=State.ASKED, reason=reason, asked_by_id=by.user_id, asked_at=now(), answer_due=answer_due(city),
        )  # fmt: skip
        told = {"reason": reason, "agency": held, "other": agency, "move": uuid and str(uuid)}
        _tell(city, asked, "handover.asked", by, told, private, heads_of(city, agency))
    return asked


def answer_due(city: CityFacts, start: datetime | None = None) -> datetime:
    """Until when an agency that is asked now has to answer: office hours, by the pack's `[auto] hand_over_hours`."""
    hours = city.auto.get("hand_over_hours", ANSWER_HOURS)
    return after_hours(city, start or now(), float(hours))


def _check_question(
    city: CityFacts, by: Membership, held: int | None, status: str, report_id: int, agency: int | None, reason: str
) -> None:
    if held is None or not may(by, "pass_on", held):
        raise Refused(_("You may not do this with this report."))
    if status not in OPEN:
        raise Refused(_("This report is not open any more; there is nothing to hand over."))
    known = city.agencies.get(agency or 0)
    if known is None or not known.active or known.id == held:
        raise Refused(_("Choose another agency of this city."), "agency")
    if not reason:
        raise Refused(MISSING["reason"], "reason")
    before = HandOver.objects.filter(city_id=city.id, report_id=report_id)
    if before.filter(state__in=HandOver.OPEN).exists():
        raise Refused(_("A hand-over of this report is already waiting for an answer."))
    if before.filter(state=State.DECIDED, decided_for_id=held).exists():
        raise Refused(_("The arbiter has decided that this report stays with this agency."))


def answer_hand_over(*, city: CityFacts, number: int, by: Membership, accept: bool, words: str = "") -> HandOver:
    """Takes the report, or refuses it with a reason; the second refusal makes it the arbiter's. Raises `Refused`."""
    with transaction.atomic():
        asked, private = _locked(city, number)
        if not may(by, "pass_on", asked.to_agency_id):
            raise Refused(_("Only the agency that was asked can answer."))
        if asked.state != State.ASKED:
            raise Refused(_("This hand-over has already been answered."))
        if not accept and not words:
            raise Refused(_("Say why; the agency that asked and the arbiter read it."), "words")
        asked.answered_by_id, asked.answered_at, asked.answer = by.user_id, now(), words
        asked.state = State.ACCEPTED if accept else _refused(asked)
        asked.save()
        told = {"reason": words, "agency": asked.to_agency_id, "other": asked.from_agency_id}
        _tell(city, asked, f"handover.{asked.state}", by, told, private, _hear_answer(city, asked))
        if accept:
            _hand(city, asked, asked.to_agency_id, by)
    return asked


def _refused(asked: HandOver) -> HandOver.State:
    """Refused, or with this one refused twice since the agency has the report: then an arbiter decides."""
    before = HandOver.objects.filter(city_id=asked.city_id, report_id=asked.report_id, id__lt=asked.id)
    turned = before.filter(state__in=(State.ACCEPTED, State.DECIDED)).order_by("-id").values_list("id", flat=True)
    refused = before.filter(state=State.REFUSED, id__gt=turned.first() or 0, from_agency_id=asked.from_agency_id)
    return State.ARBITRATION if refused.count() + 1 >= MOST_REFUSALS else State.REFUSED


def _hear_answer(city: CityFacts, asked: HandOver) -> list[Receiver]:
    askers = heads_of(city, asked.from_agency_id)
    return [*askers, *arbiters(city)] if asked.state == State.ARBITRATION else askers


def arbiters(city: CityFacts) -> list[Receiver]:
    """Those who decide between agencies."""
    return [*those_who_are(city, Role.OPERATOR), *those_who_are(city, Role.MAYOR)]


def decide_hand_over(*, city: CityFacts, number: int, by: Membership, agency: int | None, words: str) -> HandOver:
    """The arbiter says which agency takes the report, for good. Raises `Refused`."""
    with transaction.atomic():
        asked, private = _locked(city, number)
        if not may(by, "arbitrate"):
            raise Refused(_("Only an arbiter can decide this."))
        if asked.state != State.ARBITRATION:
            raise Refused(_("This hand-over is not waiting for a decision."))
        known = city.agencies.get(agency or 0)
        if known is None or not known.active:
            raise Refused(_("Choose the agency that shall take it."), "agency")
        if not words:
            raise Refused(_("Say why; both agencies read it."), "words")
        asked.state, asked.decided_for_id = State.DECIDED, known.id
        asked.answered_by_id, asked.answered_at, asked.answer = by.user_id, now(), words
        asked.save()
        hearing = [
            *heads_of(city, asked.from_agency_id),
            *heads_of(city, asked.to_agency_id),
            *heads_of(city, known.id),
        ]
        told = {"reason": words, "agency": known.id, "other": asked.from_agency_id}
        _tell(city, asked, "handover.decided", by, told, private, hearing)
        _hand(city, asked, known.id, by)
    return asked


def withdraw_hand_over(*, city: CityFacts, number: int, by: Membership) -> HandOver:
    """Who asked takes the question back, as long as nobody has answered. Raises `Refused`."""
    with transaction.atomic():
        asked, private = _locked(city, number)
        if not may(by, "pass_on", asked.from_agency_id):
            raise Refused(_("Only the agency that asked can take it back."))
        if asked.state not in HandOver.OPEN:
            raise Refused(_("This hand-over has already been answered."))
        asked.state, asked.answered_at = State.WITHDRAWN, now()
        asked.save()
        told = {"agency": asked.from_agency_id, "other": asked.to_agency_id}
        _tell(city, asked, "handover.withdrawn", by, told, private, heads_of(city, asked.to_agency_id))
    return asked


SILENT = "SELECT id FROM work_handover WHERE city_id = %s AND state = 'asked' AND answer_due < %s ORDER BY id LIMIT %s"


def silent_hand_overs(city: CityFacts, most: int = 500) -> int:
    """Who does not answer in time leaves it to the arbiter: silence must not pay. Returns how many."""
    done = 0
    for (number,) in fetch_all(SILENT, [city.id, now(), most]):
        with transaction.atomic():
            asked, private = _locked(city, number)
            if asked.state != State.ASKED:
                continue
            asked.state = State.ARBITRATION
            asked.save(update_fields=["state"])
            told = {"agency": asked.to_agency_id, "other": asked.from_agency_id, "silent": True}
            hearing = [*arbiters(city), *heads_of(city, asked.to_agency_id)]
            _tell(city, asked, "handover.arbitration", None, told, private, hearing)
            done += 1
    return done


def _locked(city: CityFacts, number: int) -> tuple[HandOver, bool]:
    """The hand-over and whether its report is private; the report is locked first, as everywhere."""
    known = HandOver.objects.filter(city_id=city.id, id=number).first()
    if known is None:
        raise Refused(_("There is no such hand-over."))
    _agency, _status, private = locked_report(city, known.report_id)
    return HandOver.objects.select_for_update(of=("self",)).get(city_id=city.id, id=number), private


def _hand(city: CityFacts, asked: HandOver, agency: int, by: Membership) -> None:
    """Moves the report to the agency, unless it has it or the report has ended meanwhile; old orders end."""
    held, status, _private = locked_report(city, asked.report_id)
    if held == agency or status not in OPEN:
        return
    reason = in_city_language(lambda: _("The report was handed to another agency."))
    cancel_orders(city, asked.report_id, reason, agency=held)
    mover = Mover(by, granted=frozenset({"reroute"}))
    move(city=city, report_id=asked.report_id, verb="reroute", by=mover, agency=agency, reason=asked.reason)


def _tell(
    city: CityFacts,
    asked: HandOver,
    kind: str,
    by: Membership | None,
    told: dict[str, Any],
    private: bool,
    hearing: list[Receiver],
) -> None:
    happening = record(
        city_id=city.id,
        kind=kind,
        report_id=asked.report_id,
        actor_id=by.user_id if by else None,
        actor_role=by.role if by else "system",
        public=not private,
        data={"handover": asked.id} | {key: value for key, value in told.items() if value},
    )
    ring(city, happening, kind, asked.report_id, [who for who in hearing if by is None or who != (None, by.user_id)])
