"""Objections: who is measured by a scorecard may say what its numbers do not show, and gets an answer."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.text import LEAST_WORDS, MOST_WORDS, tidy
from qlue.people.models import Membership
from qlue.people.rights import may
from qlue.reports.actions import ActionRefused
from qlue.work.models import Objection

MOST_OPEN = 5  # of one person


def create_objection(
    *, city: CityFacts, actor: Membership, card: str, period: str, numbers: dict[str, Any], message: str
) -> Objection:
    """Stores an objection to one's own card, or as its head to one's agency's; raises `ActionRefused`."""
    text = tidy(message)[:MOST_WORDS]
    if card == "agency" and not may(actor, "lead_crews", actor.agency_id):
        raise ActionRefused(_("Only the head speaks for the agency."))
    if len(text) < LEAST_WORDS:
        raise ActionRefused(_("Say in a few words what the numbers do not show."), "words")
    # The card that is objected to: the agency's or the person's own.
    key = actor.agency_id if card == "agency" and actor.agency_id else actor.user_id
    with transaction.atomic():
        Membership.objects.select_for_update().get(pk=actor.pk)  # the same form sent twice at once waits here
        open_objections = Objection.objects.filter(city_id=city.id, user_id=actor.user_id, answered_at=None)
        if repeat := open_objections.filter(card=card, key=key, period=period, words=text).first():
            return repeat
        if open_objections.count() >= MOST_OPEN:
            raise ActionRefused(_("Your earlier objections wait for an answer; please wait for it."))
        return Objection.objects.create(
            city_id=city.id,
            user_id=actor.user_id,
            agency_id=actor.agency_id,
            card=card,
            key=key,
            period=period,
            # A copy: tomorrow the card shows other numbers, and the objection is to these.
            numbers=numbers,
            words=text,
            created_at=now(),
        )


def answer_objection(*, city: CityFacts, objection_id: int, actor: Membership, message: str) -> Objection:
    """The answer, once: of a head to people of the agency, of an operator to anybody; raises `ActionRefused`."""
    text = tidy(message)[:MOST_WORDS]
    objection = Objection.objects.filter(city_id=city.id, id=objection_id).first()
    if objection is None or not may_answer_objection(actor, objection):
        raise ActionRefused(_("This objection is not yours to answer."))
    if objection.answered_at:
        raise ActionRefused(_("Somebody has already answered."))
    if len(text) < LEAST_WORDS:
        raise ActionRefused(_("Write an answer in a few words."), "words")
    objection.answer, objection.answered_by_id, objection.answered_at = text, actor.user_id, now()
    objection.save()
    return objection


def may_answer_objection(actor: Membership, objection: Objection) -> bool:
    """Nobody answers themselves; agencies are answered by the city, not by their own head."""
    if objection.user_id == actor.user_id:
        return False
    if objection.card == "agency":
        return may(actor, "arbitrate")
    return may(actor, "lead_crews", objection.agency_id)
