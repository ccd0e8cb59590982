"""Calls to the emergency number: events of the exchange, the operator's verdict, and numbers blocked for pranks."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from qlue.channels.actions.accounts import notify_desks
from qlue.channels.actions.alerts import raise_alert
from qlue.channels.models import Call, Caller
from qlue.channels.models.calls import DISPOSITIONS
from qlue.channels.providers.contract import CallEvent, plausible_time
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_value
from qlue.kit.ids import report_id as number_of
from qlue.people.models import Membership
from qlue.reports.actions import Submission, Submitted, submit
from qlue.reports.records import REPORTS

MAX_STRIKES = 3
BLOCK_TIME = timedelta(hours=24)
LIVE_TOPIC = "calls"

# Events come in any order and more than once: each fills its own column, the earliest time stands.
UPSERT_CALL = """
INSERT INTO channels_call AS c (city_id, call_id, number, agent, ringing_at, answered_at, ended_at, noted_at,
    disposition, emergency, blocked, note)
VALUES (%(city)s, %(call)s, %(number)s, %(agent)s, %(ringing)s, %(answered)s, %(ended)s, %(at)s, '', false,
    %(blocked)s, '')
ON CONFLICT (city_id, call_id) DO UPDATE SET
    number = CASE WHEN c.number = '' THEN excluded.number ELSE c.number END,
    agent = CASE WHEN excluded.agent = '' THEN c.agent ELSE excluded.agent END,
    ringing_at = least(c.ringing_at, excluded.ringing_at),
    answered_at = least(c.answered_at, excluded.answered_at),
    ended_at = greatest(c.ended_at, excluded.ended_at),
    blocked = c.blocked OR excluded.blocked
"""


def record_call_event(city: CityFacts, event: CallEvent) -> None:
    """Stores one event of the exchange and wakes the consoles."""
    is_turned_away = event.event == "ringing" and is_blocked(city, event.number)
    values = {"city": city.id, "call": event.call, "number": event.number, "agent": event.agent, "at": now()}
    at = plausible_time(event.at, now())
    times = {name: at if event.event == name else None for name in ("ringing", "answered", "ended")}
    execute(UPSERT_CALL, values | times | {"blocked": is_turned_away})
    notify_desks(city, LIVE_TOPIC)


def is_blocked(city: CityFacts, number: str, at: datetime | None = None) -> bool:
    """Whether this number is blocked at this moment; withheld numbers never are."""
    sql = "SELECT EXISTS (SELECT FROM channels_caller WHERE city_id = %s AND number = %s AND blocked_until > %s)"
    # No job ends a block, the clock does; so every event asks anew.
    return bool(number) and bool(fetch_value(sql, [city.id, number, at or now()]))


def open_call(city: CityFacts, actor: Membership, number: str, uuid: str) -> Call:
    """A call without an event of the exchange: somebody walked in, or the operator types the number."""
    # The form's own uuid, so that a press that is sent twice begins one call.
    call, _new = Call.objects.get_or_create(
        city_id=city.id,
        call_id=f"hand:{uuid}"[:100],
        defaults={"number": number[:32], "answered_at": now(), "noted_at": now(), "operator_id": actor.user_id},
    )
    return call


def set_disposition(city: CityFacts, actor: Membership, call_id: int, disposition: str, *, note: str = "") -> Call:
    """Says what a call was. A repeat changes nothing; strikes are counted once. Raises ValidationError."""
    if disposition not in DISPOSITIONS:
        raise ValidationError(_("There is no such kind of call."))
    with transaction.atomic():
        call = _lock_call(city, call_id)
        previous = call.disposition
        call.disposition, call.disposed_at, call.operator_id = disposition, now(), actor.user_id
        call.note = note[:500] or call.note
        call.save(update_fields=["disposition", "disposed_at", "operator_id", "note"])
        # A key that is pressed twice is one strike.
        if call.number and previous != disposition:
            _count_strikes(
                city,
                call.number,
                add_strike=disposition == "prank",
                clear_strikes=previous == "prank" or disposition == "real",
            )
        notify_desks(city, LIVE_TOPIC)
    return call


def _lock_call(city: CityFacts, call_id: int) -> Call:
    call = Call.objects.select_for_update().filter(city_id=city.id, id=call_id).first()
    if call is None:
        raise ValidationError(_("There is no such call."))
    return call


def _count_strikes(city: CityFacts, number: str, *, add_strike: bool, clear_strikes: bool) -> None:
    """The third prank in a row blocks the number for a day; a real call, or a verdict taken back, clears it."""
    if not add_strike and not clear_strikes:
        return
    Caller.objects.bulk_create([Caller(city_id=city.id, number=number)], ignore_conflicts=True)
    # Locked, so that two operators who press "prank" at once count two strikes.
    caller = Caller.objects.select_for_update().get(city_id=city.id, number=number)
    caller.strikes = caller.strikes + 1 if add_strike else 0
    caller.blocked_until = now() + BLOCK_TIME if caller.strikes >= MAX_STRIKES else None
    caller.save(update_fields=["strikes", "blocked_until"])


def unblock_caller(city: CityFacts, actor: Membership, number: str, reason: str) -> bool:
    """An operator lets a blocked number through again and says why."""
    callers = Caller.objects.filter(city_id=city.id, number=number, blocked_until__gt=now())
    count = callers.update(strikes=0, blocked_until=None, freed_by_id=actor.user_id, freed_why=reason[:200])
    notify_desks(city, LIVE_TOPIC)
    return count > 0


def report_call(
    city: CityFacts, actor: Membership, call_id: int, submission: Submission, *, emergency: bool
) -> Submitted:
    """Makes the one report of a real call and marks the call so."""
    with transaction.atomic():
        call = _lock_call(city, call_id)
        # The submission's uuid follows from the call, so a form that is sent again is the same report.
        report = submit(city=city, submission=replace(submission, channel="phone", external_id=f"call:{call.pk}"))
        call.report_id, call.emergency = report.id, emergency
        call.save(update_fields=["report_id", "emergency"])
        set_disposition(city, actor, call_id, "real")
        if emergency:
            raise_alert(city, report.id, actor_id=actor.user_id, call_id=call.pk)
    return report


def mark_duplicate_call(city: CityFacts, actor: Membership, call_id: int, code: str) -> None:
    """The call was about a report that is there already. Raises ValidationError."""
    reported_id = number_of(code)
    sql = f"SELECT EXISTS (SELECT FROM {REPORTS} AS report WHERE city_id = %s AND id = %s)"
    if reported_id is None or not fetch_value(sql, [city.id, reported_id]):
        raise ValidationError(_("There is no report with this code."))
    with transaction.atomic():
        call = _lock_call(city, call_id)
        call.report_id = reported_id
        call.save(update_fields=["report_id"])
        set_disposition(city, actor, call_id, "duplicate")
