"""What happens to orders, in sentences for the report's story; registered with `reports.story` while Qlue starts."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from qlue.cities.facts import CityFacts
from qlue.people.models import Role
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


def _between(msgid: str) -> Say:
    """A sentence with the agency that acts and the other one."""

    def say(city: CityFacts, data: Mapping[str, Any]) -> str:
        acting, other = (city.agencies.get(data.get(key) or 0) for key in ("agency", "other"))
        return _(msgid) % {"agency": acting.short_name if acting else "", "other": other.short_name if other else ""}

    return say


def _outside(msgid: str) -> Say:
    return lambda _city, data: _(msgid) % {"name": data.get("outside", "")}


def _escalated(_city: CityFacts, data: Mapping[str, Any]) -> str:
    hours = data.get("hours", 0)
    if hours < 0:
        return _("The deadline comes near; those on it were reminded")
    return _("Overdue: told one level higher (%(who)s)") % {"who": Role(data["told"]).label}


SENTENCES |= {
    "handover.asked": _between(gettext_noop("%(agency)s asked %(other)s to take this over")),
    "handover.accepted": _between(gettext_noop("%(agency)s takes it over from %(other)s")),
    "handover.refused": _between(gettext_noop("%(agency)s refused to take it over from %(other)s")),
    "handover.arbitration": _between(gettext_noop("No agreement between %(agency)s and %(other)s: an arbiter decides")),
    "handover.decided": _between(gettext_noop("The arbiter decided: %(agency)s takes it")),
    "handover.withdrawn": _between(gettext_noop("%(agency)s took its question to %(other)s back")),
    "outside.asked": _outside(gettext_noop("Passed on to %(name)s, outside the city")),
    "outside.renewed": _outside(gettext_noop("A new link was made for %(name)s")),
    "outside.reminded": _outside(gettext_noop("%(name)s has not answered yet; a reminder was due")),
    "outside.accepted": _outside(gettext_noop("%(name)s has taken it on")),
    "outside.done": _outside(gettext_noop("%(name)s says that it is done; the agency checks it")),
    "outside.not_ours": _outside(gettext_noop("%(name)s says that it is not theirs")),
    "outside.expired": _outside(gettext_noop("%(name)s did not answer in time")),
    "outside.withdrawn": _outside(gettext_noop("The question to %(name)s was taken back")),
    "work.escalated": _escalated,
}
ICONS = {
    "handover.asked": "arrows-exchange",
    "handover.accepted": "check",
    "handover.refused": "circle-x",
    "handover.arbitration": "scale",
    "handover.decided": "gavel",
    "handover.withdrawn": "arrow-back-up",
    "outside.asked": "external-link",
    "outside.renewed": "link",
    "outside.reminded": "bell",
    "outside.accepted": "clipboard-check",
    "outside.done": "circle-check",
    "outside.not_ours": "circle-x",
    "outside.expired": "alarm",
    "outside.withdrawn": "arrow-back-up",
    "work.escalated": "alarm",
}
SENTENCES |= {
    "proof.approved": _plain(gettext_noop("A supervisor has reviewed the proof and found it good")),
    "proof.returned": _plain(gettext_noop("A supervisor has reviewed the proof and sent it back")),
}
ICONS |= {"proof.approved": "photo-check", "proof.returned": "arrow-back-up"}
ICONS |= {f"order.{state}": icon for state, icon in ORDER_ICONS.items()}
PUBLIC = frozenset({"order.en_route", "order.on_site", "outside.asked", "outside.accepted", "outside.done"})
INSIDE = frozenset(SENTENCES) - PUBLIC
