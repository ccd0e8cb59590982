"""Sentences of work for a report's history; registered with `reports.presentation.history` while Qlue starts."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from qlue.cities.facts import CityFacts
from qlue.people.models import Role
from qlue.reports.presentation.history import SentenceWriter, plain_sentence
from qlue.work.states import ORDER_ICONS


def _order_sentence(msgid: str) -> SentenceWriter:
    """A sentence with the order's number and the short name of the agency that does it."""

    def write(city: CityFacts, data: Mapping[str, Any]) -> str:
        agency = city.agencies.get(data.get("agency") or 0)
        return _(msgid) % {"number": data.get("number", ""), "agency": agency.short_name if agency else ""}

    return write


# By the kinds of events, which are stored and stay. Transfers are called hand-overs in them, referrals outside.
WORK_SENTENCES: dict[str, SentenceWriter] = {
    "order.draft": _order_sentence(gettext_noop("Work order %(number)s was drafted")),
    "order.offered": _order_sentence(gettext_noop("Work order %(number)s was offered to %(agency)s")),
    "order.accepted": _order_sentence(gettext_noop("Work order %(number)s was accepted")),
    "order.declined": _order_sentence(gettext_noop("Work order %(number)s was declined")),
    "order.en_route": plain_sentence(gettext_noop("A crew is on its way")),
    "order.on_site": plain_sentence(gettext_noop("A crew is at the place")),
    "order.working": _order_sentence(gettext_noop("Work order %(number)s: the work has begun")),
    "order.on_hold": _order_sentence(gettext_noop("Work order %(number)s is on hold")),
    "order.submitted": _order_sentence(gettext_noop("Work order %(number)s was handed in for review")),
    "order.returned": _order_sentence(gettext_noop("Work order %(number)s was sent back")),
    "order.approved": _order_sentence(gettext_noop("Work order %(number)s was approved")),
    "order.closed": _order_sentence(gettext_noop("Work order %(number)s was closed")),
    "order.cancelled": _order_sentence(gettext_noop("Work order %(number)s was cancelled")),
}


def _transfer_sentence(msgid: str) -> SentenceWriter:
    """A sentence with the agency that acts and the other one."""

    def write(city: CityFacts, data: Mapping[str, Any]) -> str:
        names = {}
        for key in ("agency", "other"):
            agency = city.agencies.get(data.get(key) or 0)
            names[key] = agency.short_name if agency else ""
        return _(msgid) % names

    return write


def _referral_sentence(msgid: str) -> SentenceWriter:
    return lambda _city, data: _(msgid) % {"name": data.get("outside", "")}


def _escalation_sentence(_city: CityFacts, data: Mapping[str, Any]) -> str:
    hours = data.get("hours", 0)
    if hours < 0:
        return _("The deadline comes near; those on it were reminded")
    return _("Overdue: told one level higher (%(who)s)") % {"who": Role(data["told"]).label}


WORK_SENTENCES |= {
    "handover.asked": _transfer_sentence(gettext_noop("%(agency)s asked %(other)s to take this over")),
    "handover.accepted": _transfer_sentence(gettext_noop("%(agency)s takes it over from %(other)s")),
    "handover.refused": _transfer_sentence(gettext_noop("%(agency)s refused to take it over from %(other)s")),
    "handover.arbitration": _transfer_sentence(
        gettext_noop("No agreement between %(agency)s and %(other)s: an arbiter decides")
    ),
    "handover.decided": _transfer_sentence(gettext_noop("The arbiter decided: %(agency)s takes it")),
    "handover.withdrawn": _transfer_sentence(gettext_noop("%(agency)s took its question to %(other)s back")),
    "outside.asked": _referral_sentence(gettext_noop("Passed on to %(name)s, outside the city")),
    "outside.renewed": _referral_sentence(gettext_noop("A new link was made for %(name)s")),
    "outside.reminded": _referral_sentence(gettext_noop("%(name)s has not answered yet; a reminder was due")),
    "outside.accepted": _referral_sentence(gettext_noop("%(name)s has taken it on")),
    "outside.done": _referral_sentence(gettext_noop("%(name)s says that it is done; the agency checks it")),
    "outside.not_ours": _referral_sentence(gettext_noop("%(name)s says that it is not theirs")),
    "outside.expired": _referral_sentence(gettext_noop("%(name)s did not answer in time")),
    "outside.withdrawn": _referral_sentence(gettext_noop("The question to %(name)s was taken back")),
    "work.escalated": _escalation_sentence,
}
WORK_ICONS = {
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
WORK_SENTENCES |= {
    "proof.approved": plain_sentence(gettext_noop("A supervisor has reviewed the proof and found it good")),
    "proof.returned": plain_sentence(gettext_noop("A supervisor has reviewed the proof and sent it back")),
}
WORK_ICONS |= {"proof.approved": "photo-check", "proof.returned": "arrow-back-up"}
WORK_ICONS |= {f"order.{state}": icon for state, icon in ORDER_ICONS.items()}
# What residents may read: that somebody comes, and that an authority outside has the case. Who gives orders to whom,
# and how agencies argue, stays among staff.
PUBLIC_KINDS = frozenset({"order.en_route", "order.on_site", "outside.asked", "outside.accepted", "outside.done"})
INTERNAL_KINDS = frozenset(WORK_SENTENCES) - PUBLIC_KINDS
