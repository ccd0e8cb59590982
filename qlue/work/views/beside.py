"""What stands beside a case: its work orders, hand-overs, questions to outside, and who has held it for how long."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.people.reading import city_and_member
from qlue.people.rights import may
from qlue.reports.states import OPEN
from qlue.work.holders import Holding, holders
from qlue.work.order_rows import Row, orders_of
from qlue.work.passing_rows import asks_of, handovers_of
from qlue.work.views.orders import shown as shown_order
from qlue.work.views.passing import shown as shown_handover
from qlue.work.views.passing import shown_ask


def around(request: HttpRequest, row: Row, story: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Context of `work/_orders.html` and `work/_passing.html`. Three statements."""
    here, member = city_and_member(request)
    still_open = row["status"] in OPEN
    handed = handovers_of(here, row["id"])
    waiting = any(one["state"] in ("asked", "arbitration") for one in handed)
    held = holders(here, story, now())
    return {
        "orders": [shown_order(here, one) for one in orders_of(here, row["id"])],
        "handovers": [shown_handover(here, member, one) for one in handed],
        "asks": [shown_ask(request, here, member, one) for one in asks_of(here, row["id"])],
        "holders": [_held(here, one) for one in held] if len(held) > 1 else [],
        "may_order": still_open and may(member, "lead_crews", row["agency"]),
        "may_ask": still_open and not waiting and row["agency"] is not None and may(member, "pass_on", row["agency"]),
        "may_ask_outside": still_open and not row["private"] and may(member, "hand_over", row["agency"]),
    }


def _held(city: CityFacts, one: Holding) -> dict[str, Any]:
    agency = city.agencies.get(one.agency or 0)
    return {"name": agency.short_name if agency else "", "since": one.since, "until": one.until, "hours": one.hours}
