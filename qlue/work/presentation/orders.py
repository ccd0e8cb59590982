"""Work orders as cards and pages show them, and their own history."""

from typing import Any

from django.urls import reverse

from qlue.cities.facts import CityFacts
from qlue.reports.presentation.cards import card
from qlue.reports.presentation.history import event_line
from qlue.reports.queries.reports import event_rows
from qlue.work.queries.names import user_names
from qlue.work.states import ORDER_COLOURS, ORDER_ICONS, ORDER_LABELS, OrderState

Row = dict[str, Any]


def order_card(city: CityFacts, row: Row) -> dict[str, Any]:
    """The report's card, and the order's own state, people and deadline."""
    worker = city.agencies.get(row["worker"])
    state = row["state"]
    return card(city, row) | {
        "order_url": reverse("order", args=[city.slug, row["id"]]),
        "number": row["number"],
        "state": state,
        "order_colour": ORDER_COLOURS[state],
        "order_word": ORDER_LABELS[state],
        "order_icon": ORDER_ICONS[state],
        "worker": worker.short_name if worker else "",
        "joint": row["worker"] != row["agency"],
        "who": row["crew"] or row["person"] or "",
        "task": row["task"],
        # The reason stays on the order; in other states it would be read as one for those.
        "reason": row["reason"]
        if state in (OrderState.DECLINED, OrderState.ON_HOLD, OrderState.RETURNED, OrderState.CANCELLED)
        else "",
        "order_due": row["order_due"],
        "order_hold": row["order_hold"],
        # The crew is measured by when it handed in, not by when somebody found time to review it.
        "ended_at": row["submitted_at"]
        if state in (OrderState.SUBMITTED, OrderState.APPROVED, OrderState.CLOSED)
        else row["ended_at"],
    }


def order_history(city: CityFacts, row: Row) -> list[dict[str, Any]]:
    """The events of this order, the latest first, with the names of those who did it."""
    events = [event for event in event_rows(city, row["report"]) if event["data"].get("order") == row["id"]]
    names = user_names(event["actor"] for event in events)
    # Without photos: the page shows them beside, and only to those who may see them.
    lines = [event_line(city, event | {"data": event["data"] | {"photos": []}}) for event in events]
    for line, event in zip(lines, events, strict=True):
        line["who"] = names.get(event["actor"], line["who"])
    return lines[::-1]
