"""What happens to orders, in sentences for the report's story; registered with `reports.story` while Qlue starts."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from qlue.cities.facts import CityFacts
from qlue.work.states import ORDER_ICONS

Say = Callable[[CityFacts, Mapping[str, Any]], str]


def _of_order(msgid: str) -> Say:
    """A sentence with the order's number and the short name of the agency that does it."""

    def say(city: CityFacts, data: Mapping[str, Any]) -> str:
        agency = city.agencies.get(data.get("agency") or 0)
        return _(msgid) % {"number": data.get("number", ""), "agency": agency.short_name if agency else ""}

    return say


def _plain(msgid: str) -> Say:
    return lambda _city, _data: _(msgid)


SENTENCES: dict[str, Say] = {
    "order.draft": _of_order(gettext_noop("Work order %(number)s was drafted")),
    "order.offered": _of_order(gettext_noop("Work order %(number)s was offered to %(agency)s")),
    "order.accepted": _of_order(gettext_noop("Work order %(number)s was accepted")),
    "order.declined": _of_order(gettext_noop("Work order %(number)s was declined")),
    "order.en_route": _plain(gettext_noop("A crew is on its way")),
    "order.on_site": _plain(gettext_noop("A crew is at the place")),
    "order.working": _of_order(gettext_noop("Work order %(number)s: the work has begun")),
    "order.on_hold": _of_order(gettext_noop("Work order %(number)s is on hold")),
    "order.submitted": _of_order(gettext_noop("Work order %(number)s was handed in for review")),
    "order.returned": _of_order(gettext_noop("Work order %(number)s was sent back")),
    "order.approved": _of_order(gettext_noop("Work order %(number)s was approved")),
    "order.closed": _of_order(gettext_noop("Work order %(number)s was closed")),
    "order.cancelled": _of_order(gettext_noop("Work order %(number)s was cancelled")),
}
ICONS = {f"order.{state}": icon for state, icon in ORDER_ICONS.items()}
PUBLIC = frozenset({"order.en_route", "order.on_site"})
INSIDE = frozenset(SENTENCES) - PUBLIC
