"""One verb applied to one report, by the table of transitions: right, state and input are checked under its lock."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_record, fetch_value
from qlue.people.queries import agency_members
from qlue.people.rights import may
from qlue.reports.actions.category import check_category
from qlue.reports.actions.effects import TransitionContext, state_after
from qlue.reports.actions.inputs import SYSTEM, Actor, TransitionInput
from qlue.reports.actions.photos import add_photo_rows
from qlue.reports.actions.refusal import ActionRefused
from qlue.reports.actions.support_count import carry_support
from qlue.reports.records import LOCK_REPORT, LOCK_REPORTS, ReportState, report_facts
from qlue.reports.states import ALL_TRANSITIONS, PhotoKind, ReportStatus, Transition
from qlue.timeline.actions import record_event
from qlue.timeline.records import EVENTS, ReportPayload, payload_text

# By actor: another person's form with the same uuid is a different request (or a guess), and no repeat.
IS_ALREADY_APPLIED = f"""
SELECT EXISTS (SELECT FROM {EVENTS} AS e
    WHERE city_id = %s AND report_id = %s AND actor_id IS NOT DISTINCT FROM %s AND {payload_text("move")} = %s)
"""  # noqa: S608
UPDATE_REPORT = """
UPDATE reports_report SET status = %(status)s, category_id = %(category_id)s, agency_id = %(agency_id)s,
    assignee_id = %(assignee_id)s, private = %(private)s, first_response_at = %(first_response_at)s,
    resolved_at = %(resolved_at)s, hold_until = %(hold_until)s, merged_into_id = %(merged_into_id)s,
    respond_by = %(respond_by)s, due_at = %(due_at)s, updated_at = %(at)s
WHERE city_id = %(city)s AND id = %(id)s
"""


def transition(*, city: CityFacts, report_id: int, verb: str, actor: Actor, **inputs: Any) -> str:
    """Applies one verb of `states.TABLE` and returns the new state; raises `ActionRefused`.

    A repeat (same actor, same `uuid`) is answered as if it were new; where no `uuid` came, a report that already is
    where the verb leads to is left as it is. The connection is in the city's scope.
    """
    rule, request = ALL_TRANSITIONS[verb], TransitionInput(**inputs)
    # The order matters. A repeat is answered before the right is checked, for the first request may have taken the
    # right away, such as handing the case on. The right comes before the state: who may not act learns nothing of it.
    with transaction.atomic():
        before = lock_report(city, report_id, request.into)
        if already_applied(city, report_id, actor, request.uuid):
            return before.status
        check_right(actor, rule, before.agency_id)
        if is_in_target(rule, before, request):
            return before.status
        check_possible(rule, before, request)
        check_input(city, report_id, before, request)
        at = request.at or now()
        context = TransitionContext(city, report_id, before, request, at, may_route(actor, before.agency_id))
        after = state_after(context, rule)
        apply_transition(context, rule, after, actor)
    return after.status


def already_applied(city: CityFacts, report_id: int, actor: Actor, uuid: UUID | None) -> bool:
    """True when this actor's request with this `uuid` has been applied before."""
    return uuid is not None and bool(fetch_value(IS_ALREADY_APPLIED, [city.id, report_id, actor.user_id, str(uuid)]))


def lock_reports_in_order(city: CityFacts, report_id: int, into: int | None) -> None:
    """Locks both reports of a merge, the older first: two that are merged into each other wait, and do not deadlock.

    Whoever locks one of them before `transition` does, calls this first.
    """
    if into:
        fetch_all(LOCK_REPORTS, [city.id, [report_id, into]])


def lock_report(city: CityFacts, report_id: int, into: int | None = None) -> ReportState:
    """The report's state, locked until the transaction ends; raises `ActionRefused` where there is none."""
    lock_reports_in_order(city, report_id, into)
    state = fetch_record(ReportState, LOCK_REPORT, [city.id, report_id])
    if state is None:
        raise ActionRefused(_("There is no such report."))
    return state


def check_right(actor: Actor, rule: Transition, agency_id: int | None) -> None:
    """Raises `ActionRefused` unless the table, the actor's role or a grant allows the verb."""
    # A grant stands above the role, because it is for this one report and was checked by whoever gave it.
    if rule.verb in actor.granted or (actor.reporter and rule.by_reporter) or (actor == SYSTEM and rule.by_system):
        return
    if actor.member is None or not may(actor.member, rule.verb, agency_id):
        raise ActionRefused(_("You may not do this with this report."))


def is_in_target(rule: Transition, before: ReportState, request: TransitionInput) -> bool:
    """Whether a request without a uuid of its own has nothing left to do."""
    # Two colleagues who correct the same mistake both mean the same: the second one is done already.
    if rule.verb == "recategorise":
        return before.status in rule.sources and request.category == before.category_id
    # A form that is no repeat has somebody's words in it: they must get an answer, not vanish behind "done already".
    if request.uuid is not None:
        return False
    # A report that is routed already can be rerouted to yet another agency.
    return rule.target == before.status and before.status not in rule.sources and rule.verb != "reroute"


def check_possible(rule: Transition, before: ReportState, request: TransitionInput) -> None:
    """Raises `ActionRefused` in a state from which the verb does not lead, or without what it needs."""
    if before.status not in rule.sources:
        raise ActionRefused(
            _("Somebody was faster: in its present state this can no longer be done. Please look again.")
        )
    for need in rule.needs:
        if not getattr(request, need):
            raise ActionRefused(MISSING_INPUT[need], need)


def check_input(city: CityFacts, report_id: int, before: ReportState, request: TransitionInput) -> None:
    """Raises `ActionRefused` where something that came along cannot be used with this report."""
    agency = city.agencies.get(request.agency or 0)
    if request.agency and (agency is None or not agency.active or agency.id == before.agency_id):
        raise ActionRefused(_("Choose another agency of this city."), "agency")
    # Compared now, not at `request.at`: work that was sent late by a phone may bring a date that has passed.
    if request.until and request.until <= now():
        raise ActionRefused(_("The date must lie in the future."), "until")
    if request.person and not _works_for(city, before.agency_id, request.person):
        raise ActionRefused(_("Choose somebody who works for this agency."), "person")
    if request.category:
        check_category(city, before, request.category, request.seen)
    if request.into:
        check_merge_target(city, report_id, request.into, private=before.private)


def may_route(actor: Actor, agency_id: int | None) -> bool:
    """Whether this actor may give a case to another agency without asking."""
    if actor == SYSTEM or "reroute" in actor.granted:
        return True
    return actor.member is not None and may(actor.member, "reroute", agency_id)


def _works_for(city: CityFacts, agency_id: int | None, person: int) -> bool:
    return agency_id is not None and person in {member.user_id for member in agency_members(city.id, agency_id)}


def check_merge_target(city: CityFacts, report_id: int, into: int, *, private: bool) -> None:
    """What stays is another report that stands for itself, and not one that the first reporter could not see."""
    # Not into a merged one: people would be sent on from there, and two reports could point at each other.
    rows = fetch_all("SELECT status, private FROM reports_report WHERE city_id = %s AND id = %s", [city.id, into])
    if into == report_id or not rows or rows[0][0] == ReportStatus.MERGED:
        raise ActionRefused(_("Give the code of another report of this city that is not merged itself."), "into")
    if rows[0][1] and not private:
        raise ActionRefused(_("That report is private: who sent this one could no longer see what happens."), "into")


MISSING_INPUT = {
    "words": _("Say in a few words what was done."),
    "reason": _("Give a reason; the reporter will read it."),
    "photo": _("Add a photo of the finished work."),
    "person": _("Choose who shall do it."),
    "agency": _("Choose the agency that shall take it."),
    "until": _("Say until when."),
    "into": _("Give the code of the report that stays."),
    "category": _("Choose the right category."),
}


def apply_transition(context: TransitionContext, rule: Transition, after: ReportState, actor: Actor) -> None:
    """Writes the new state and its event, with the photos and the support that come along."""
    city, report_id, request = context.city, context.report_id, context.request
    # All that any verb may change, changed or not: the row is locked, and one statement serves every verb.
    execute(UPDATE_REPORT, asdict(after) | {"city": city.id, "id": report_id, "at": context.at})
    add_photo_rows(city.id, report_id, PhotoKind.AFTER, request.photo, context.at)
    if request.into:
        carry_support(city, report_id, request.into)
    record_event(
        city_id=city.id,
        kind=rule.event,
        report_id=report_id,
        actor_id=actor.user_id,
        actor_role=actor.role,
        # An event that touches a private state is never public, on whichever side of the change it was private.
        public=not context.before.private and not after.private,
        at=context.at,
        data=_transition_payload(city, context.before, after, request),
    )


def _transition_payload(
    city: CityFacts, before: ReportState, after: ReportState, request: TransitionInput
) -> ReportPayload:
    return ReportPayload(
        was=report_facts(city, before),
        now=report_facts(city, after),
        words=request.words,
        reason=request.reason,
        person=request.person,
        into=request.into,
        until=_iso(request.until),
        move=str(request.uuid) if request.uuid else None,
        photos=tuple(str(photo.uuid) for photo in request.photo),
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
