"""What a verb changes in a report besides its state: one function for each effect that the table of verbs names."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from qlue.cities.facts import CityFacts, agency_for, deadline
from qlue.reports.actions.category import category_changes
from qlue.reports.actions.inputs import TransitionInput
from qlue.reports.records import ReportState
from qlue.reports.states import Effect, ReportStatus, Transition, target_status


@dataclass(frozen=True)
class TransitionContext:
    """What effects may read; `may_route`: whether the actor may give cases to other agencies without asking them."""

    city: CityFacts
    report_id: int
    before: ReportState
    request: TransitionInput
    at: datetime
    may_route: bool


def state_after(context: TransitionContext, rule: Transition) -> ReportState:
    """The report as it is once `rule` has been applied; nothing is written yet."""
    before = context.before
    status = target_status(rule, before.status)
    # A date to go on from belongs to a hold: whatever ends the hold clears it.
    hold_until = before.hold_until if status == ReportStatus.ON_HOLD else None
    after = replace(before, status=status, hold_until=hold_until)
    for effect in rule.effects:
        after = EFFECTS[effect](context, after)
    return after


def route(city: CityFacts, state: ReportState, start: datetime) -> ReportState:
    """The state with the agency that the pack names for category and area, and its deadlines counted from `start`.

    Without an area, or in a city that has not joined, nobody is responsible: the report is kept as unserved.
    """
    agency_id = agency_for(city, state.category_id, state.area_id) if state.area_id else None
    if agency_id:
        respond_by, due_at = (deadline(city, state.category_id, start, hours) for hours in ("respond", "resolve"))
        return replace(state, status=ReportStatus.ROUTED, agency_id=agency_id, respond_by=respond_by, due_at=due_at)
    # Received: the city takes part, but its pack names no agency for this; an operator has to.
    status = ReportStatus.RECEIVED if state.area_id and city.joined else ReportStatus.UNSERVED
    return replace(state, status=status, agency_id=None, respond_by=None, due_at=None)


def _route(context: TransitionContext, after: ReportState) -> ReportState:
    return route(context.city, after, context.at)


def _set_hold_until(context: TransitionContext, after: ReportState) -> ReportState:
    return replace(after, hold_until=context.request.until)


def _set_first_response(context: TransitionContext, after: ReportState) -> ReportState:
    # The first answer stays the first: a reopened report does not start the clock of the first response again.
    return after if after.first_response_at else replace(after, first_response_at=context.at)


def _set_resolved(context: TransitionContext, after: ReportState) -> ReportState:
    return replace(after, resolved_at=context.at)


def _clear_resolved(context: TransitionContext, after: ReportState) -> ReportState:
    # The deadline stays: work that was not done was not done in time either.
    return replace(after, resolved_at=None)


def _set_agency(context: TransitionContext, after: ReportState) -> ReportState:
    """Another agency, with nobody assigned. The deadline stays: passing a case on must not win time."""
    # A report that no agency had has no deadline yet; it counts from its arrival all the same.
    due_at = after.due_at or deadline(context.city, after.category_id, after.created_at)
    return replace(after, agency_id=context.request.agency, assignee_id=None, due_at=due_at)


def _set_assignee(context: TransitionContext, after: ReportState) -> ReportState:
    return replace(after, assignee_id=context.request.person)


def _set_category(context: TransitionContext, after: ReportState) -> ReportState:
    category_id = context.request.category
    if not category_id:
        return after
    changes = category_changes(
        context.city, context.report_id, context.before, category_id, may_route=context.may_route
    )
    return replace(after, **changes)


def _set_merged_into(context: TransitionContext, after: ReportState) -> ReportState:
    return replace(after, merged_into_id=context.request.into)


EFFECTS: dict[Effect, Callable[[TransitionContext, ReportState], ReportState]] = {
    Effect.SET_HOLD_UNTIL: _set_hold_until,
    Effect.SET_FIRST_RESPONSE: _set_first_response,
    Effect.SET_RESOLVED: _set_resolved,
    Effect.CLEAR_RESOLVED: _clear_resolved,
    Effect.SET_AGENCY: _set_agency,
    Effect.SET_ASSIGNEE: _set_assignee,
    Effect.SET_CATEGORY: _set_category,
    Effect.SET_MERGED_INTO: _set_merged_into,
    Effect.ROUTE: _route,
}
