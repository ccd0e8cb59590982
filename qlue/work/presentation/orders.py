"""Work orders as cards and pages show them, and their own history."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse

from qlue.cities.facts import CityFacts
from qlue.reports.presentation.cards import ReportCard, report_card
from qlue.reports.presentation.history import HistoryLine, history_line
from qlue.reports.queries.reports import list_events
from qlue.work.queries.names import user_names
from qlue.work.records import OrderRecord
from qlue.work.states import ORDER_COLOURS, ORDER_ICONS, ORDER_LABELS, OrderState

STATES_WITH_REASON = (OrderState.DECLINED, OrderState.ON_HOLD, OrderState.RETURNED, OrderState.CANCELLED)
STATES_AFTER_SUBMISSION = (OrderState.SUBMITTED, OrderState.APPROVED, OrderState.CLOSED)


@dataclass(frozen=True)
class OrderCard:
    """An order on a page, with the card of its report.

    `assignee` is the crew's or person's name, empty where anybody of the agency may do it; `joint` is True where
    another agency than the report's own does the work.
    """

    case: ReportCard
    url: str
    number: int
    state: str
    colour: str
    word: object
    icon: str
    agency_name: str
    joint: bool
    assignee: str
    task: str
    reason: str
    done_words: str
    ordered_by: str
    ordered_at: datetime
    due_at: datetime | None
    hold_until: datetime | None
    ended_at: datetime | None


def order_card(city: CityFacts, order: OrderRecord) -> OrderCard:
    """The report's card, and the order's own state, people and deadline."""
    agency = city.agencies.get(order.order_agency_id)
    return OrderCard(
        case=report_card(city, order),
        url=reverse("order", args=[city.slug, order.order_id]),
        number=order.number,
        state=order.state,
        colour=ORDER_COLOURS[order.state],
        word=ORDER_LABELS[order.state],
        icon=ORDER_ICONS[order.state],
        agency_name=agency.short_name if agency else "",
        joint=order.order_agency_id != order.agency_id,
        assignee=order.crew or order.person or "",
        task=order.task,
        # The reason stays on the order; in other states it would be read as one for those.
        reason=order.reason if order.state in STATES_WITH_REASON else "",
        done_words=order.done_words,
        ordered_by=order.ordered_by or "",
        ordered_at=order.ordered_at,
        due_at=order.order_due_at,
        hold_until=order.order_hold_until,
        # The crew is measured by when it handed in, not by when somebody found time to review it.
        ended_at=order.submitted_at if order.state in STATES_AFTER_SUBMISSION else order.ended_at,
    )


def order_history(city: CityFacts, order: OrderRecord) -> list[HistoryLine]:
    """The events of this order, the latest first, with the names of those who did it."""
    events = [event for event in list_events(city, order.id) if event.data.get("order") == order.order_id]
    names = user_names(event.actor_id for event in events)
    lines = [(event, history_line(city, event)) for event in events]
    # Without photos: the page shows them beside, and only to those who may see them.
    named_lines = [replace(line, who=names.get(event.actor_id or 0, line.who), photos=()) for event, line in lines]
    return named_lines[::-1]
