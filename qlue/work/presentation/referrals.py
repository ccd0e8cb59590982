"""Referrals to authorities outside the city, with their link and what became of the letters."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.people.models import Membership
from qlue.people.rights import may
from qlue.work.actions import referral_path
from qlue.work.models import ExternalReferral
from qlue.work.states import ReferralState

Row = dict[str, Any]

# Label, colour and icon of each state.
REFERRAL_STATES = {
    "asked": (gettext_lazy("Waiting for an answer"), "red", "clock"),
    "accepted": (gettext_lazy("Taken on"), "yellow", "progress"),
    "done": (gettext_lazy("Done, they say"), "green", "circle-check"),
    "not_ours": (gettext_lazy("Not theirs, they say"), "grey", "circle-x"),
    "expired": (gettext_lazy("Expired"), "grey", "alarm"),
    "withdrawn": (gettext_lazy("Taken back"), "grey", "circle-minus"),
}

# By the states of the outbox of channels. Mail knows nothing beyond the next server: "sent" is all that can be said.
_LETTER_WAITS = ("yellow", "clock", gettext_lazy("Letter waits to be sent"))
_LETTER_SENT = ("blue", "send", gettext_lazy("Letter sent"))
LETTER_STATES = {
    "queued": _LETTER_WAITS,
    "sending": _LETTER_WAITS,
    "failed_for_now": ("yellow", "refresh-alert", gettext_lazy("Letter not sent yet; tried again by itself")),
    "sent": _LETTER_SENT,
    "delivered": _LETTER_SENT,
    "read": _LETTER_SENT,
    "gave_up": ("red", "circle-x", gettext_lazy("Letter not delivered")),
}


def referral_card(request: HttpRequest, city: CityFacts, member: Membership, row: Row) -> dict[str, Any]:
    """A referral; its link, which answers without an account, only for those who may make one."""
    label, colour, icon = REFERRAL_STATES[row["state"]]
    authority, may_refer = city.authorities[row["outside"]], may(member, "refer_external", row["agency"])
    is_waiting = row["state"] in ExternalReferral.WAITING
    path = referral_path(city, row["uuid"], row["turn"])
    return row | {
        "state_word": label,
        "state_colour": colour,
        "state_icon": icon,
        "name": authority.name,
        "to": row["email"] or authority.email,
        "phone": authority.phone,
        "link": request.build_absolute_uri(path) if may_refer and is_waiting else "",
        "letters": [_letter_line(letter) for letter in row["letters"]],
        "mails": bool(settings.EMAIL_HOST),
        "may_renew": may_refer and (is_waiting or row["state"] == ReferralState.EXPIRED),
        "may_withdraw": may_refer and is_waiting,
    }


def _letter_line(letter: Row) -> Row:
    colour, icon, label = LETTER_STATES[letter["state"]]
    return letter | {"colour": colour, "icon": icon, "word": label}
