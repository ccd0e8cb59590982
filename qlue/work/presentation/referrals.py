"""Referrals to authorities outside the city, with their link and what became of the letters."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.people.models import Membership
from qlue.people.rights import may
from qlue.work.actions import referral_path
from qlue.work.models import ExternalReferral
from qlue.work.queries.letters import letters_of_referrals
from qlue.work.records import LetterRecord, ReferralRecord
from qlue.work.states import ReferralState

# Label, colour and icon of each state.
REFERRAL_STATES: dict[str, tuple[Promise, str, str]] = {
    ReferralState.ASKED: (gettext_lazy("Waiting for an answer"), "red", "clock"),
    ReferralState.ACCEPTED: (gettext_lazy("Taken on"), "yellow", "progress"),
    ReferralState.DONE: (gettext_lazy("Done, they say"), "green", "circle-check"),
    ReferralState.NOT_OURS: (gettext_lazy("Not theirs, they say"), "grey", "circle-x"),
    ReferralState.EXPIRED: (gettext_lazy("Expired"), "grey", "alarm"),
    ReferralState.WITHDRAWN: (gettext_lazy("Taken back"), "grey", "circle-minus"),
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


@dataclass(frozen=True)
class LetterLine:
    """A letter to an authority in words."""

    colour: str
    icon: str
    word: Promise
    is_reminder: bool
    at: datetime
    error: str


@dataclass(frozen=True)
class ReferralCard:
    """A referral as pages show it; `link` answers without an account, and is empty for those who may not make one.

    `mails`: whether this installation sends letters at all.
    """

    referral: ReferralRecord
    state_word: Promise
    state_colour: str
    state_icon: str
    name: str
    to: str
    phone: str
    link: str
    letters: list[LetterLine]
    mails: bool
    may_renew: bool
    may_withdraw: bool


def referral_cards(
    request: HttpRequest, city: CityFacts, member: Membership, referrals: Iterable[ReferralRecord]
) -> list[ReferralCard]:
    """Referrals with their links and what became of their letters."""
    referrals = list(referrals)
    letters = letters_of_referrals(city, referrals)
    return [_referral_card(request, city, member, referral, letters.get(referral.id, [])) for referral in referrals]


def _referral_card(
    request: HttpRequest, city: CityFacts, member: Membership, referral: ReferralRecord, letters: list[LetterRecord]
) -> ReferralCard:
    label, colour, icon = REFERRAL_STATES[referral.state]
    authority, may_refer = city.authorities[referral.outside_id], may(member, "refer_external", referral.agency_id)
    is_waiting = referral.state in ExternalReferral.WAITING
    path = referral_path(city, referral.uuid, referral.turn)
    return ReferralCard(
        referral=referral,
        state_word=label,
        state_colour=colour,
        state_icon=icon,
        name=authority.name,
        to=referral.email or authority.email,
        phone=authority.phone,
        link=request.build_absolute_uri(path) if may_refer and is_waiting else "",
        letters=[_letter_line(letter) for letter in letters],
        mails=bool(settings.EMAIL_HOST),
        may_renew=may_refer and (is_waiting or referral.state == ReferralState.EXPIRED),
        may_withdraw=may_refer and is_waiting,
    )


def _letter_line(letter: LetterRecord) -> LetterLine:
    colour, icon, label = LETTER_STATES[letter.state]
    return LetterLine(colour, icon, label, letter.is_reminder, letter.at, letter.error)
