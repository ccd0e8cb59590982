"""Verbs on referrals to authorities outside the city: ask, answer through the link, renew, withdraw, expire, remind."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import fetch_value
from qlue.kit.ids import same_token, secret_token, uuid7
from qlue.people.models import Membership
from qlue.people.rights import may
from qlue.reports.actions import ActionRefused, Actor, StoredPhoto, already_applied, transition
from qlue.reports.actions.photos import add_photo_rows
from qlue.reports.actions.transition import MISSING_INPUT, lock_report
from qlue.reports.records import REPORTS, ReportState
from qlue.reports.states import OPEN_STATUSES, PhotoKind, ReportStatus
from qlue.timeline.actions import record_event
from qlue.work.actions.language import in_city_language
from qlue.work.actions.notices import notify
from qlue.work.models import ExternalReferral
from qlue.work.queries.recipients import agency_heads
from qlue.work.states import ReferralState, VerbsByStatus

# What a referral lets whoever may make one do with the report: it waits for the answer, and goes on after it.
GRANTED = frozenset({"accept", "hold", "resume"})
VERBS_TO_HOLD: VerbsByStatus = {
    **dict.fromkeys((ReportStatus.RECEIVED, ReportStatus.ROUTED, ReportStatus.REOPENED), ("accept", "hold")),
    **dict.fromkeys((ReportStatus.ACCEPTED, ReportStatus.IN_PROGRESS), ("hold",)),
}


def referral_token(city: CityFacts, uuid: UUID, turn: int) -> str:
    """The secret half of a referral's link: 128 bits that no row holds; a new `turn` makes another."""
    return secret_token(settings.SECRET_KEY, "outside", f"{city.id}:{uuid}:{turn}")


def referral_path(city: CityFacts, uuid: UUID, turn: int) -> str:
    """The link's path, computed whenever somebody who may has to read or to send it."""
    return f"/{city.slug}/otoritas/{uuid}/{referral_token(city, uuid, turn)}/"


def refer_external(
    *,
    city: CityFacts,
    report_id: int,
    actor: Membership,
    authority_id: int | None,
    message: str,
    email: str = "",
    uuid: UUID | None = None,
) -> ExternalReferral | None:
    """Asks an authority outside; the report waits until the link expires. Raises `ActionRefused`; None for a repeat.

    With an `email` the channels send the link there: they follow the timeline, which holds neither address nor link.
    """
    with transaction.atomic():
        report = lock_report(city, report_id)
        if already_applied(city, report_id, Actor(actor), uuid):
            return None
        _check_referral(city, actor, report, authority_id, message)
        _check_not_waiting(city, report_id, authority_id)
        referral = ExternalReferral.objects.create(
            city_id=city.id,
            report_id=report_id,
            outside_id=authority_id or 0,
            uuid=uuid7(),
            state=ReferralState.ASKED,
            words=message,
            email=email,
            asked_by_id=actor.user_id,
            asked_at=now(),
            expires_at=now() + _lifetime(city),
        )
        payload = {"move": uuid and str(uuid), "until": referral.expires_at.isoformat()}
        _insert_referral_event(city, referral, "outside.asked", payload, actor)
        _hold_report(city, referral, report.status, actor)
    return referral


def _lifetime(city: CityFacts) -> timedelta:
    return timedelta(days=city.auto.outside_days)


def _check_referral(
    city: CityFacts, actor: Membership, report: ReportState, authority_id: int | None, message: str
) -> None:
    if not may(actor, "refer_external", report.agency_id):
        raise ActionRefused(gettext_lazy("You may not do this with this report."))
    if report.status not in OPEN_STATUSES:
        raise ActionRefused(_("This report is not open any more; there is nothing to ask."))
    # The link needs no account, and a forwarded mail would be enough to read it.
    if report.private:
        raise ActionRefused(_("A private report is shown to nobody outside the city."))
    authority = city.authorities.get(authority_id or 0)
    if authority is None or not authority.active:
        raise ActionRefused(_("Choose the authority."), "outside")
    if not message:
        raise ActionRefused(_("Say what you ask of them."), "words")


def _check_not_waiting(city: CityFacts, report_id: int, authority_id: int | None) -> None:
    """The report is locked, so that two requests at once cannot both find none."""
    referrals = ExternalReferral.objects.filter(city_id=city.id, report_id=report_id, outside_id=authority_id or 0)
    if referrals.filter(state__in=ExternalReferral.WAITING).exists():
        raise ActionRefused(_("This authority has been asked already and has not answered yet."))


def _hold_report(city: CityFacts, referral: ExternalReferral, status: str, actor: Membership) -> None:
    """Puts the report on hold until the link expires, with a reason that everybody reads."""
    name = city.authorities[referral.outside_id].name
    reason = in_city_language(lambda: _("We wait for %(name)s.") % {"name": name})
    for verb in VERBS_TO_HOLD.get(status, ()):
        fields = {"reason": reason, "until": referral.expires_at} if verb == "hold" else {}
        referral_actor = Actor(actor, granted=GRANTED)
        transition(city=city, report_id=referral.report_id, verb=verb, actor=referral_actor, **fields)


def find_referral(city: CityFacts, uuid: UUID, token: str) -> ExternalReferral | None:
    """The referral that a link opens, whatever its state; None for a wrong or void link."""
    referral = ExternalReferral.objects.filter(city_id=city.id, uuid=uuid).first()
    if referral is None or not same_token(token, referral_token(city, referral.uuid, referral.turn)):
        return None
    return referral


def mark_referral_opened(city: CityFacts, referral: ExternalReferral) -> None:
    """Notes when the link was opened first; that uses nothing up, for mail programs open links ahead too."""
    ExternalReferral.objects.filter(city_id=city.id, id=referral.id, opened_at=None).update(opened_at=now())


def is_referral_open(referral: ExternalReferral) -> bool:
    """True while the link still takes an answer."""
    # The job that expires referrals runs once a minute; the clock decides, not the job.
    return referral.state in ExternalReferral.WAITING and referral.expires_at > now()


def answer_referral(
    *,
    city: CityFacts,
    referral: ExternalReferral,
    answer: str,
    message: str = "",
    respondent: str = "",
    photos: list[StoredPhoto] | None = None,
) -> ExternalReferral:
    """`accepted` (the end will follow), `done` or `not_ours` (final: the link is used up). Raises `ActionRefused`.

    `respondent` is the name or office that the authority gives; nobody checks it.
    """
    with transaction.atomic():
        report = lock_report(city, referral.report_id)
        current = ExternalReferral.objects.select_for_update(of=("self",)).get(city_id=city.id, id=referral.id)
        _check_referral_answer(current, answer, message)
        current.state, current.answer, current.answered_as = ReferralState(answer), message, respondent
        current.answered_at, current.photos = now(), [str(photo.uuid) for photo in photos or []]
        current.save()
        # As proof, not yet as a public photo: the agency checks it first.
        add_photo_rows(city.id, current.report_id, PhotoKind.PROOF, photos or [], now())
        _insert_referral_event(city, current, f"outside.{answer}", {"words": message})
        if answer != ReferralState.ACCEPTED and report.status == ReportStatus.ON_HOLD:
            transition(city=city, report_id=current.report_id, verb="resume", actor=Actor(granted=GRANTED))
    return current


def _check_referral_answer(referral: ExternalReferral, answer: str, message: str) -> None:
    if answer not in (ReferralState.ACCEPTED, ReferralState.DONE, ReferralState.NOT_OURS):
        raise ActionRefused(_("Choose one of the answers."), "verb")
    if not is_referral_open(referral):
        raise ActionRefused(_("This link has been used or has expired."))
    if answer == ReferralState.ACCEPTED and referral.state == ReferralState.ACCEPTED:
        raise ActionRefused(_("You have already accepted it; tell us when it is done."), "verb")
    if answer != ReferralState.ACCEPTED and not message:
        is_done = answer == ReferralState.DONE
        raise ActionRefused(MISSING_INPUT["words"] if is_done else _("Say why it is not yours."), "words")


def renew_referral_link(
    *, city: CityFacts, referral_id: int, actor: Membership, email: str | None = None
) -> ExternalReferral:
    """Another link and another term; the former link is void. It goes to `email`, None: as before. Raises
    `ActionRefused`."""
    with transaction.atomic():
        referral = _lock_referral(city, referral_id, actor, (*ExternalReferral.WAITING, ReferralState.EXPIRED))
        # Accepted stays accepted: the authority has said yes, and only needs a working link.
        if referral.state == ReferralState.EXPIRED:
            referral.state = ReferralState.ASKED
        referral.turn, referral.expires_at = referral.turn + 1, now() + _lifetime(city)
        # The new link has not been opened, and is worth a reminder of its own.
        referral.opened_at, referral.reminded_at = None, None
        referral.email = referral.email if email is None else email
        referral.save()
        payload = {"until": referral.expires_at.isoformat()}
        _insert_referral_event(city, referral, "outside.renewed", payload, actor)
    return referral


def withdraw_referral(*, city: CityFacts, referral_id: int, actor: Membership) -> ExternalReferral:
    """Withdraws the question; its link is void. Raises `ActionRefused`."""
    with transaction.atomic():
        referral = _lock_referral(city, referral_id, actor, ExternalReferral.WAITING)
        referral.state, referral.answered_at = ReferralState.WITHDRAWN, now()
        referral.save()
        _insert_referral_event(city, referral, "outside.withdrawn", {}, actor)
    return referral


def _lock_referral(city: CityFacts, referral_id: int, actor: Membership, states: tuple[str, ...]) -> ExternalReferral:
    """The referral, locked behind its report, if the actor may change it and it is in one of these states."""
    referral = ExternalReferral.objects.filter(city_id=city.id, id=referral_id).first()
    if referral is None:
        raise ActionRefused(_("There is no such question."))
    report = lock_report(city, referral.report_id)
    if not may(actor, "refer_external", report.agency_id):
        raise ActionRefused(gettext_lazy("You may not do this with this report."))
    current = ExternalReferral.objects.select_for_update(of=("self",)).get(city_id=city.id, id=referral_id)
    if current.state not in states:
        raise ActionRefused(_("This question has already been answered."))
    return current


def expire_referrals(city: CityFacts, limit: int = 500) -> int:
    """Ends referrals whose time is over; the heads of the agency are notified. Returns how many."""
    due = ExternalReferral.objects.filter(city_id=city.id, state__in=ExternalReferral.WAITING, expires_at__lte=now())
    count = 0
    for number in due.order_by("id").values_list("id", flat=True)[:limit]:
        with transaction.atomic():
            # Whoever holds the row is answering it right now; the next round sees what came of it.
            referral = due.select_for_update(of=("self",), skip_locked=True).filter(id=number).first()
            if referral is not None:
                referral.state = ReferralState.EXPIRED
                referral.save(update_fields=["state"])
                _insert_referral_event(city, referral, "outside.expired", {})
                count += 1
    return count


def remind_referrals(city: CityFacts, limit: int = 500) -> int:
    """Reminds of referrals whose link expires soon: a notice to who asked, a letter to the authority's address.

    "Soon" is the pack's `outside_remind_days`, at most half of its `outside_days`. Once a link; returns how many.
    """
    days = min(city.auto.outside_remind_days, city.auto.outside_days / 2)
    open_referrals = ExternalReferral.objects.filter(
        city_id=city.id, state__in=ExternalReferral.WAITING, reminded_at=None
    )
    due = open_referrals.filter(expires_at__gt=now(), expires_at__lte=now() + timedelta(days=days))
    count = 0
    for number in due.order_by("id").values_list("id", flat=True)[:limit]:
        with transaction.atomic():
            referral = due.select_for_update(of=("self",), skip_locked=True).filter(id=number).first()
            if referral is not None:
                referral.reminded_at = now()
                referral.save(update_fields=["reminded_at"])
                payload = {"until": referral.expires_at.isoformat()}
                _insert_referral_event(city, referral, "outside.reminded", payload)
                count += 1
    return count


REPORT_AGENCY = f"SELECT agency_id FROM {REPORTS} AS report WHERE city_id = %s AND id = %s"


def _insert_referral_event(
    city: CityFacts,
    referral: ExternalReferral,
    kind: str,
    payload: dict[str, Any],
    actor: Membership | None = None,
) -> None:
    """Writes the event; what comes from outside (no `actor`) is also a notice for who asked and the agency's heads."""
    facts = {"ask": referral.id, "outside": city.authorities[referral.outside_id].name}
    event_id = record_event(
        city_id=city.id,
        kind=kind,
        report_id=referral.report_id,
        actor_id=actor.user_id if actor else None,
        actor_role=actor.role if actor else "outside",
        data=facts | {key: value for key, value in payload.items() if value},
    )
    if actor is None:
        agency = fetch_value(REPORT_AGENCY, [city.id, referral.report_id])
        recipients = [(None, referral.asked_by_id), *agency_heads(city, agency)]
        notify(city, event_id, kind, referral.report_id, recipients)
