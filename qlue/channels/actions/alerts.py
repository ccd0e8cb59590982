"""An emergency calls people: those on duty first, further up the ladder until somebody takes it by name."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from qlue.channels.actions.lines import wake
from qlue.channels.actions.outbox import queue
from qlue.channels.models import Alert, Reach
from qlue.channels.reading.alerts import ladder_of
from qlue.channels.wires.contract import Letter
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.people.models import Membership, Role
from qlue.people.rights import may
from qlue.reports.cards import card
from qlue.reports.reading import report_row
from qlue.timeline.actions import record
from qlue.work.actions import Receiver, heads_of, ring, those_on_duty, those_who_are

TOPICS = ("calls", "alerts", "dashboard")  # consoles, the list, the tile
MOST = 200  # in one round


def raise_alert(city: CityFacts, report_id: int, *, by: int | None = None, call: int | None = None) -> bool:
    """Calls whoever is on duty, inside the transaction that makes the report; False where that was done already."""
    alert, new = Alert.objects.get_or_create(
        city_id=city.id,
        report_id=report_id,
        defaults={"raised_at": now(), "raised_by_id": by, "call_id": call, "climbs_at": now()},
    )
    if new:
        _climb(city, alert, now())
    return new


def climb_alerts(city: CityFacts, at: datetime | None = None) -> int:
    """Whatever nobody has taken in time is told to the next step; returns how many alerts that were."""
    at = at or now()
    with transaction.atomic():
        late = Alert.objects.select_for_update(skip_locked=True).filter(city_id=city.id, climbs_at__lte=at)
        found = list(late.order_by("id")[:MOST])
        for alert in found:
            _climb(city, alert, at)
    return len(found)


def _climb(city: CityFacts, alert: Alert, at: datetime) -> None:
    """Every step whose minutes are over is told, each once."""
    steps = ladder_of(city)
    while alert.rung < len(steps) and at >= _time_of(alert, steps[alert.rung]):
        alert.rung += 1
        _tell(city, alert, steps[alert.rung - 1]["tell"])
    alert.climbs_at = _time_of(alert, steps[alert.rung]) if alert.rung < len(steps) else None
    alert.save(update_fields=["rung", "climbs_at"])
    _wake(city)


def _time_of(alert: Alert, step: dict[str, Any]) -> datetime:
    return alert.raised_at + timedelta(minutes=step["minutes"])


def _tell(city: CityFacts, alert: Alert, tell: str) -> None:
    row = report_row(city, alert.report_id)
    assert row
    kind = "alert.raised" if alert.rung == 1 else "alert.climbed"
    data = {"tell": tell} | ({"agency": row["agency"]} if row["agency"] else {})
    happening = record(city_id=city.id, kind=kind, report_id=row["id"], actor_role="system", public=False, data=data)
    people = _people(city, tell, row["agency"])
    ring(city, happening, kind, row["id"], [(None, user) for user in people])
    with translation.override(settings.LANGUAGE_CODE):
        letter = _letter(city, row)
    for reach in Reach.objects.filter(city_id=city.id, user_id__in=people).order_by("id"):
        own = Letter(letter.text, letter.subject, letter.link, extra=reach.extra | {"urgent": True})
        key = f"alert:{alert.pk}:{alert.rung}:{reach.pk}"
        queue(city, key=key, kind=reach.kind, address=reach.address, letter=own, report_id=row["id"])


def _people(city: CityFacts, tell: str, agency: int | None) -> list[int]:
    """Who stands on this step and may take it; where nobody is, the heads, and then the operators."""
    for step in (tell, "head", "operator"):
        if found := _able(city, agency, [user for _agency, user in _standing(city, step, agency) if user]):
            return found
    return []


def _standing(city: CityFacts, step: str, agency: int | None) -> list[Receiver]:
    if step == "duty":
        return those_on_duty(city, agency, now()) if agency else []
    if step == "head":
        return heads_of(city, agency)
    return those_who_are(city, Role.MAYOR if step == "mayor" else Role.OPERATOR)


def _able(city: CityFacts, agency: int | None, users: Iterable[int]) -> list[int]:
    members = Membership.objects.filter(city_id=city.id, user_id__in=list(users), active=True, user__is_active=True)
    return [one.user_id for one in members.order_by("user_id") if may(one, "dispatch", agency)]


def _letter(city: CityFacts, row: dict[str, Any]) -> Letter:
    """What and where; who called and what was said stands behind the sign-in."""
    shown = card(city, row)
    where = ", ".join(filter(None, (shown["area_name"], row["landmark"])))
    link = str(settings.PUBLIC_URL).rstrip("/") + reverse("alerts", kwargs={"city_slug": city.slug})
    subject = _("EMERGENCY: %(what)s") % {"what": shown["title"]}
    text = _("%(where)s (%(code)s). Take it here, or the next one is called:") % {"where": where, "code": row["code"]}
    return Letter(f"{subject}. {text} {link}", subject=subject, link=link)


def take_alert(city: CityFacts, by: Membership, number: int) -> Alert:
    """Somebody says by name: I see to it. The first one stands. Raises ValidationError."""
    with transaction.atomic():
        alert = Alert.objects.select_for_update().filter(city_id=city.id, pk=number).first()
        row = report_row(city, alert.report_id) if alert else None
        if alert is None or row is None or not may(by, "dispatch", row["agency"]):
            raise ValidationError(_("There is no such emergency for you."))
        if alert.taken_at is None:
            alert.taken_by_id, alert.taken_at, alert.climbs_at = by.user_id, now(), None
            alert.save(update_fields=["taken_by", "taken_at", "climbs_at"])
            data = {"agency": row["agency"]} if row["agency"] else {}
            record(
                city_id=city.id,
                kind="alert.taken",
                report_id=row["id"],
                actor_id=by.user_id,
                actor_role=by.role,
                public=False,
                data=data,
            )
            _wake(city)
    return alert


def _wake(city: CityFacts) -> None:
    for topic in TOPICS:
        wake(city, topic)


def reach_me(city: CityFacts, by: Membership, kind: str, address: str, extra: dict[str, Any] | None = None) -> None:
    """Where this member wants to be told; a first message there shows that it works."""
    reach, new = Reach.objects.update_or_create(
        city_id=city.id,
        user_id=by.user_id,
        kind=kind,
        address=address,
        defaults={"extra": extra or {}},
        create_defaults={"extra": extra or {}, "created_at": now()},
    )
    if new:
        text = _("From now on Qlue %(city)s tells you here of emergencies.") % {"city": city.name}
        subject = _("Emergencies in %(city)s") % {"city": city.name}
        letter = Letter(text, subject=subject, extra=reach.extra)
        queue(city, key=f"reach:{reach.pk}", kind=kind, address=address, letter=letter)


def leave_me(city: CityFacts, by: Membership, kind: str, address: str) -> None:
    """Not there any more."""
    Reach.objects.filter(city_id=city.id, user_id=by.user_id, kind=kind, address=address).delete()
