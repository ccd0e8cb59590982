"""Verbs on questions to authorities outside the city: ask, answer through the link, let it expire."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.kit.ids import same_token, secret_token, uuid7
from qlue.people.models import Membership
from qlue.people.rights import may
from qlue.reports.actions import Mover, Refused, StoredPhoto, made, move
from qlue.reports.actions.move import MISSING
from qlue.reports.actions.photos import add_photo_rows
from qlue.reports.states import OPEN
from qlue.timeline.actions import record
from qlue.work.actions.locking import locked_report
from qlue.work.actions.orders import PROOF
from qlue.work.actions.ringing import heads_of, ring
from qlue.work.actions.waking import in_city_language
from qlue.work.models import OutsideAsk
from qlue.work.states import Steps

OUTSIDE_DAYS = 14
REMIND_DAYS = 3
State = OutsideAsk.State
GRANTED = frozenset({"accept", "hold", "resume"})
TO_HOLD: Steps = {
    **dict.fromkeys(("received", "routed", "reopened"), ("accept", "hold")),
    **dict.fromkeys(("accepted", "in_progress"), ("hold",)),
}


def token_of(city: CityFacts, uuid: UUID, turn: int) -> str:
    """The secret half of a question's link: 128 bits that no row holds; a new `turn` makes another."""
    return secret_token(settings.SECRET_KEY, "outside", f"{city.id}:{uuid}:{turn}")


def outside_path(city: CityFacts, uuid: UUID, turn: int) -> str:
    """The link's path, made anew whenever somebody who may has to read or to send it."""
    return f"/{city.slug}/otoritas/{uuid}/{token_of(city, uuid, turn)}/"


def ask_outside(
    *,
    city: CityFacts,
    report_id: int,
    by: Membership,
    outside: int | None,
    words: str,
    email: str = "",
    uuid: UUID | None = None,
) -> OutsideAsk | None:
    """Asks an authority outside; the report waits until the link expires. Raises `Refused`; None for a repeat.

    With an `email` the channels send the link there: they follow the timeline, which knows neither of both.
    """
    with transaction.atomic():
        agency, status, private = locked_report(city, report_id)
        if made(city, report_id, Mover(by), uuid):
            return None
        _check_question(city, by, agency, status, private, outside, words)
        until = now() + timedelta(days=int(city.auto.get("outside_days", OUTSIDE_DAYS)))
        if OutsideAsk.objects.filter(
            city_id=city.id, report_id=report_id, outside_id=outside or 0, state__in=OutsideAsk.WAITING
        ).exists():
            raise Refused(_("This authority has been asked already and has not answered yet."))
        ask = OutsideAsk.objects.create(
            city_id=city.id, report_id=report_id, outside_id=outside or 0, uuid=uuid7(), state=State.ASKED,
            words=words, email=email, asked_by_id=by.user_id, asked_at=now(), expires_at=until,
        )  # fmt: skip
        _tell(city, ask, "outside.asked", {"move": uuid and str(uuid), "until": until.isoformat()}, by)
        _wait(city, ask, status, by)
    return ask


def _check_question(
    city: CityFacts, by: Membership, agency: int | None, status: str, private: bool, outside: int | None, words: str
) -> None:
    if not may(by, "hand_over", agency):
        raise Refused(gettext_lazy("You may not do this with this report."))
    if status not in OPEN:
        raise Refused(_("This report is not open any more; there is nothing to ask."))
    if private:
        raise Refused(_("A private report is shown to nobody outside the city."))
    known = city.outside.get(outside or 0)
    if known is None or not known.active:
        raise Refused(_("Choose the authority."), "outside")
    if not words:
        raise Refused(_("Say what you ask of them."), "words")


def _wait(city: CityFacts, ask: OutsideAsk, status: str, by: Membership) -> None:
    """The report is on hold with the reason that everybody reads, until the link expires."""
    reason = in_city_language(lambda: _("We wait for %(name)s.") % {"name": city.outside[ask.outside_id].name})
    for step in TO_HOLD.get(status, ()):
        given = {"reason": reason, "until": ask.expires_at} if step == "hold" else {}
        move(city=city, report_id=ask.report_id, verb=step, by=Mover(by, granted=GRANTED), **given)


def find_ask(city: CityFacts, uuid: UUID, token: str) -> OutsideAsk | None:
    """The question that a link opens, whatever its state; None for a wrong or void link."""
    ask = OutsideAsk.objects.filter(city_id=city.id, uuid=uuid).first()
    return ask if ask is not None and same_token(token, token_of(city, ask.uuid, ask.turn)) else None


def opened(city: CityFacts, ask: OutsideAsk) -> None:
    """Notes when the link was looked at first; a look uses nothing up, for mail programs look ahead too."""
    OutsideAsk.objects.filter(city_id=city.id, id=ask.id, opened_at=None).update(opened_at=now())


def is_open(ask: OutsideAsk) -> bool:
    """True while the link still takes an answer."""
    return ask.state in OutsideAsk.WAITING and ask.expires_at > now()


def answer_outside(
    *,
    city: CityFacts,
    ask: OutsideAsk,
    verb: str,
    words: str = "",
    name: str = "",
    photos: list[StoredPhoto] | None = None,
) -> OutsideAsk:
    """`accepted` (an end will follow), `done` or `not_ours` (final: the link is used up). Raises `Refused`."""
    with transaction.atomic():
        _agency, status, _private = locked_report(city, ask.report_id)
        fresh = OutsideAsk.objects.select_for_update(of=("self",)).get(city_id=city.id, id=ask.id)
        _check_answer(fresh, verb, words)
        shots = photos or []
        fresh.state, fresh.answer, fresh.answered_as, fresh.answered_at = State(verb), words, name, now()
        fresh.photos = [str(one.uuid) for one in shots]
        fresh.save()
        add_photo_rows(city.id, ask.report_id, PROOF, shots, now())
        _tell(city, fresh, f"outside.{verb}", {"words": words})
        if verb != State.ACCEPTED and status == "on_hold":
            move(city=city, report_id=ask.report_id, verb="resume", by=Mover(granted=GRANTED))
    return fresh


def _check_answer(ask: OutsideAsk, verb: str, words: str) -> None:
    if verb not in (State.ACCEPTED, State.DONE, State.NOT_OURS):
        raise Refused(_("Choose one of the answers."), "verb")
    if not is_open(ask):
        raise Refused(_("This link has been used or has expired."))
    if verb == State.ACCEPTED and ask.state == State.ACCEPTED:
        raise Refused(_("You have already accepted it; tell us when it is done."), "verb")
    if verb != State.ACCEPTED and not words:
        raise Refused(MISSING["words"] if verb == State.DONE else _("Say why it is not yours."), "words")


def renew_link(*, city: CityFacts, number: int, by: Membership, email: str | None = None) -> OutsideAsk:
    """Another link and another term; the former link is void. It goes to `email`, None: as before. Raises `Refused`."""
    with transaction.atomic():
        ask = _open_ask(city, number, by, (*OutsideAsk.WAITING, State.EXPIRED))
        days = int(city.auto.get("outside_days", OUTSIDE_DAYS))
        if ask.state == State.EXPIRED:
            ask.state = State.ASKED
        ask.turn, ask.expires_at, ask.opened_at = ask.turn + 1, now() + timedelta(days=days), None
        ask.reminded_at, ask.email = None, ask.email if email is None else email
        ask.save()
        _tell(city, ask, "outside.renewed", {"until": ask.expires_at.isoformat()}, by)
    return ask


def withdraw_ask(*, city: CityFacts, number: int, by: Membership) -> OutsideAsk:
    """The question is taken back; its link is void. Raises `Refused`."""
    with transaction.atomic():
        ask = _open_ask(city, number, by, OutsideAsk.WAITING)
        ask.state, ask.answered_at = State.WITHDRAWN, now()
        ask.save()
        _tell(city, ask, "outside.withdrawn", {}, by)
    return ask


def _open_ask(city: CityFacts, number: int, by: Membership, states: tuple[str, ...]) -> OutsideAsk:
    known = OutsideAsk.objects.filter(city_id=city.id, id=number).first()
    if known is None:
        raise Refused(_("There is no such question."))
    agency, _status, _private = locked_report(city, known.report_id)
    if not may(by, "hand_over", agency):
        raise Refused(gettext_lazy("You may not do this with this report."))
    fresh = OutsideAsk.objects.select_for_update(of=("self",)).get(city_id=city.id, id=number)
    if fresh.state not in states:
        raise Refused(_("This question has already been answered."))
    return fresh


def expire_asks(city: CityFacts, most: int = 500) -> int:
    """Questions whose time is over; the heads who asked hear of it. Returns how many."""
    due = OutsideAsk.objects.filter(city_id=city.id, state__in=OutsideAsk.WAITING, expires_at__lte=now())
    done = 0
    for number in due.order_by("id").values_list("id", flat=True)[:most]:
        with transaction.atomic():
            ask = due.select_for_update(of=("self",), skip_locked=True).filter(id=number).first()
            if ask is not None:
                ask.state = State.EXPIRED
                ask.save(update_fields=["state"])
                _tell(city, ask, "outside.expired", {})
                done += 1
    return done


def remind_asks(city: CityFacts, most: int = 500) -> int:
    """Questions whose link expires soon: who asked hears of it, and so does the authority that has an address.

    "Soon" is the pack's `outside_remind_days`, at most half of its `outside_days`. Once a link; returns how many.
    """
    said = city.auto.get
    days = min(said("outside_remind_days", REMIND_DAYS), said("outside_days", OUTSIDE_DAYS) / 2)
    waiting = OutsideAsk.objects.filter(city_id=city.id, state__in=OutsideAsk.WAITING, reminded_at=None)
    due = waiting.filter(expires_at__gt=now(), expires_at__lte=now() + timedelta(days=days))
    done = 0
    for number in due.order_by("id").values_list("id", flat=True)[:most]:
        with transaction.atomic():
            ask = due.select_for_update(of=("self",), skip_locked=True).filter(id=number).first()
            if ask is not None:
                ask.reminded_at = now()
                ask.save(update_fields=["reminded_at"])
                _tell(city, ask, "outside.reminded", {"until": ask.expires_at.isoformat()})
                done += 1
    return done


def _tell(city: CityFacts, ask: OutsideAsk, kind: str, told: dict[str, Any], by: Membership | None = None) -> None:
    """In the timeline, and by the bell to those who asked when the answer or the end comes from outside."""
    about = {"ask": ask.id, "outside": city.outside[ask.outside_id].name}
    happening = record(
        city_id=city.id,
        kind=kind,
        report_id=ask.report_id,
        actor_id=by.user_id if by else None,
        actor_role=by.role if by else "outside",
        data=about | {key: value for key, value in told.items() if value},
    )
    if by is None:
        agency = fetch_all(
            "SELECT agency_id FROM reports_report WHERE city_id = %s AND id = %s", [city.id, ask.report_id]
        )
        ring(city, happening, kind, ask.report_id, [(None, ask.asked_by_id), *heads_of(city, agency[0][0])])
