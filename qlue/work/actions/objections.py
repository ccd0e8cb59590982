"""Objections: who is measured may say what the numbers do not, and gets an answer."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.people.models import Membership
from qlue.people.rights import may
from qlue.reports.actions import Refused
from qlue.reports.actions.text import LEAST_WORDS, MOST_WORDS, tidy
from qlue.work.models import Objection

MOST_OPEN = 5  # of one person


def object_to(
    *, city: CityFacts, by: Membership, card: str, period: str, numbers: dict[str, Any], words: str
) -> Objection:
    """Stores an objection to one's own card, or as its head to one's agency's; raises `Refused`."""
    said = tidy(words)[:MOST_WORDS]
    if card == "agency" and not may(by, "lead_crews", by.agency_id):
        raise Refused(_("Only the head speaks for the agency."))
    if len(said) < LEAST_WORDS:
        raise Refused(_("Say in a few words what the numbers do not show."), "words")
    key = by.agency_id if card == "agency" and by.agency_id else by.user_id
    with transaction.atomic():
        Membership.objects.select_for_update().get(pk=by.pk)  # the same form sent twice at once waits here
        mine = Objection.objects.filter(city_id=city.id, user_id=by.user_id, answered_at=None)
        if same := mine.filter(card=card, key=key, period=period, words=said).first():
            return same
        if mine.count() >= MOST_OPEN:
            raise Refused(_("Your earlier objections wait for an answer; please wait for it."))
        return Objection.objects.create(
            city_id=city.id, user_id=by.user_id, agency_id=by.agency_id, card=card, key=key, period=period,
            numbers=numbers, words=said, created_at=now(),
        )  # fmt: skip


def answer_objection(*, city: CityFacts, number: int, by: Membership, words: str) -> Objection:
    """The answer, once: of a head to people of the agency, of an operator to anybody; raises `Refused`."""
    said = tidy(words)[:MOST_WORDS]
    found = Objection.objects.filter(city_id=city.id, id=number).first()
    if found is None or not may_answer(by, found):
        raise Refused(_("This objection is not yours to answer."))
    if found.answered_at:
        raise Refused(_("Somebody has already answered."))
    if len(said) < LEAST_WORDS:
        raise Refused(_("Write an answer in a few words."), "words")
    found.answer, found.answered_by_id, found.answered_at = said, by.user_id, now()
    found.save()
    return found


def may_answer(by: Membership, one: Objection) -> bool:
    """Nobody answers themselves; agencies are answered by the city, not by their own head."""
    if one.user_id == by.user_id:
        return False
    if one.card == "agency":
        return may(by, "arbitrate")
    return may(by, "lead_crews", one.agency_id)
