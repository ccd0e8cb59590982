"""An emergency calls people: those on duty first, then step by step along the call chain until somebody takes it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from qlue.channels.actions.accounts import notify_desks
from qlue.channels.actions.outbox import queue_message
from qlue.channels.models import Alert, AlertContact
from qlue.channels.providers.contract import OutgoingMessage
from qlue.channels.queries.alerts import call_chain
from qlue.cities.facts import CityFacts
from qlue.cities.records import CallStep
from qlue.kit.clock import now
from qlue.people.models import Membership, Role
from qlue.people.rights import may
from qlue.reports.presentation.cards import report_card
from qlue.reports.queries.reports import find_report
from qlue.reports.records import ReportRecord
from qlue.timeline.actions import record_event
from qlue.work.actions import Recipient, agency_heads, members_on_duty, members_with_role, notify

LIVE_TOPICS = ("calls", "alerts", "dashboard")  # consoles, the list, the tile
MAX_PER_ROUND = 200  # alerts in one transaction; the rest follow a minute later


def raise_alert(city: CityFacts, report_id: int, *, actor_id: int | None = None, call_id: int | None = None) -> bool:
    """Calls whoever is on duty, inside the transaction that makes the report; False where that was done already."""
    # The unique constraint on the report makes a form that is sent twice one alert.
    alert, is_new = Alert.objects.get_or_create(
        city_id=city.id,
        report_id=report_id,
        defaults={"raised_at": now(), "raised_by_id": actor_id, "call_id": call_id, "climbs_at": now()},
    )
    if is_new:
        _escalate(city, alert, now())
    return is_new


def escalate_alerts(city: CityFacts, at: datetime | None = None) -> int:
    """Calls the next step for alerts that nobody has taken in time; returns how many alerts that were."""
    at = at or now()
    with transaction.atomic():
        # Somebody may be taking one just now: that lock is not waited for, and the alert is looked at a minute later.
        overdue = Alert.objects.select_for_update(skip_locked=True).filter(city_id=city.id, climbs_at__lte=at)
        alerts = list(overdue.order_by("id")[:MAX_PER_ROUND])
        for alert in alerts:
            _escalate(city, alert, at)
    return len(alerts)


def _escalate(city: CityFacts, alert: Alert, at: datetime) -> None:
    """Calls every step whose minutes are over, each once."""
    steps = call_chain(city)
    # A loop: after a stop of the worker several steps may be due, and each of them has to be called.
    while alert.rung < len(steps) and at >= _step_time(alert, steps[alert.rung]):
        alert.rung += 1
        _notify_step(city, alert, steps[alert.rung - 1].tell)
    alert.climbs_at = _step_time(alert, steps[alert.rung]) if alert.rung < len(steps) else None
    alert.save(update_fields=["rung", "climbs_at"])
    _notify_alert_pages(city)


def _step_time(alert: Alert, step: CallStep) -> datetime:
    return alert.raised_at + timedelta(minutes=step.minutes)


def _notify_step(city: CityFacts, alert: Alert, step: str) -> None:
    report = find_report(city, alert.report_id)
    assert report
    kind = "alert.raised" if alert.rung == 1 else "alert.climbed"
    data = {"tell": step} | ({"agency": report.agency_id} if report.agency_id else {})
    event_id = record_event(
        city_id=city.id, kind=kind, report_id=report.id, actor_role="system", public=False, data=data
    )
    user_ids = _users_to_call(city, step, report.agency_id)
    notify(city, event_id, kind, report.id, [(None, user) for user in user_ids])
    # The operator's page may be in English; those who are called get the language of the installation.
    with translation.override(settings.LANGUAGE_CODE):
        shared_message = _alert_message(city, report)
    for contact in AlertContact.objects.filter(city_id=city.id, user_id__in=user_ids).order_by("id"):
        message = OutgoingMessage(
            shared_message.text, shared_message.subject, shared_message.link, extra=contact.extra | {"urgent": True}
        )
        # A member on two steps is called twice, but never twice by one step.
        key = f"alert:{alert.pk}:{alert.rung}:{contact.pk}"
        queue_message(city, key=key, kind=contact.kind, address=contact.address, message=message, report_id=report.id)


def _users_to_call(city: CityFacts, first_step: str, agency: int | None) -> list[int]:
    """Users on this step who may take the alert; where there are none, the heads, and then the operators."""
    for step in (first_step, "head", "operator"):
        ids_on_step = [user_id for _agency, user_id in _members_on_step(city, step, agency) if user_id]
        if user_ids := _users_who_may_take(city, agency, ids_on_step):
            return user_ids
    return []


def _members_on_step(city: CityFacts, step: str, agency: int | None) -> list[Recipient]:
    if step == "duty":
        return members_on_duty(city, agency, now()) if agency else []
    if step == "head":
        return agency_heads(city, agency)
    return members_with_role(city, Role.MAYOR if step == "mayor" else Role.OPERATOR)


def _users_who_may_take(city: CityFacts, agency: int | None, user_ids: Iterable[int]) -> list[int]:
    members = Membership.objects.filter(city_id=city.id, user_id__in=list(user_ids), active=True, user__is_active=True)
    return [member.user_id for member in members.order_by("user_id") if may(member, "dispatch", agency)]


def _alert_message(city: CityFacts, report: ReportRecord) -> OutgoingMessage:
    """What and where only: SMS and mail are not confidential, so caller and words stay behind the sign-in."""
    card = report_card(city, report)
    place = ", ".join(filter(None, (card.area_name, card.landmark)))
    link = str(settings.PUBLIC_URL).rstrip("/") + reverse("alerts", kwargs={"city_slug": city.slug})
    subject = _("EMERGENCY: %(what)s") % {"what": card.title}
    text = _("%(where)s (%(code)s). Take it here, or the next one is called:") % {"where": place, "code": card.code}
    return OutgoingMessage(f"{subject}. {text} {link}", subject=subject, link=link)


def take_alert(city: CityFacts, actor: Membership, alert_id: int) -> Alert:
    """The member takes the alert by name; whoever was first stays. Raises ValidationError."""
    with transaction.atomic():
        alert = Alert.objects.select_for_update().filter(city_id=city.id, pk=alert_id).first()
        report = find_report(city, alert.report_id) if alert else None
        if alert is None or report is None or not may(actor, "dispatch", report.agency_id):
            raise ValidationError(_("There is no such emergency for you."))
        if alert.taken_at is None:
            alert.taken_by_id, alert.taken_at, alert.climbs_at = actor.user_id, now(), None
            alert.save(update_fields=["taken_by", "taken_at", "climbs_at"])
            data = {"agency": report.agency_id} if report.agency_id else {}
            record_event(
                city_id=city.id,
                kind="alert.taken",
                report_id=report.id,
                actor_id=actor.user_id,
                actor_role=actor.role,
                public=False,
                data=data,
            )
            _notify_alert_pages(city)
    return alert


def _notify_alert_pages(city: CityFacts) -> None:
    for topic in LIVE_TOPICS:
        notify_desks(city, topic)


def add_alert_contact(
    city: CityFacts, actor: Membership, kind: str, address: str, extra: dict[str, Any] | None = None
) -> None:
    """Adds an address where this member is called; a first message there shows that it works."""
    contact, is_new = AlertContact.objects.update_or_create(
        city_id=city.id,
        user_id=actor.user_id,
        kind=kind,
        address=address,
        defaults={"extra": extra or {}},
        create_defaults={"extra": extra or {}, "created_at": now()},
    )
    if is_new:
        text = _("From now on Qlue %(city)s tells you here of emergencies.") % {"city": city.name}
        subject = _("Emergencies in %(city)s") % {"city": city.name}
        message = OutgoingMessage(text, subject=subject, extra=contact.extra)
        queue_message(city, key=f"reach:{contact.pk}", kind=kind, address=address, message=message)


def remove_alert_contact(city: CityFacts, actor: Membership, kind: str, address: str) -> None:
    """Removes an address; nothing happens where it was none."""
    AlertContact.objects.filter(city_id=city.id, user_id=actor.user_id, kind=kind, address=address).delete()
