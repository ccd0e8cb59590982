"""The emergency number: what the exchange tells, what the operator says it was, and who may not call for a day."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from qlue.channels.actions.alerts import raise_alert
from qlue.channels.actions.lines import wake
from qlue.channels.models import Call, Caller
from qlue.channels.models.calls import DISPOSITIONS
from qlue.channels.wires.contract import CallEvent, plausible
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_value
from qlue.kit.ids import report_id as number_of
from qlue.people.models import Membership
from qlue.reports.actions import Submission, Submitted, submit

STRIKES = 3
BLOCK = timedelta(hours=24)
TOPIC = "calls"

# Events come in any order and more than once: each fills its own column, the earliest time stands.
EVENT = """
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


def take_call(city: CityFacts, event: CallEvent) -> None:
    """One event of the exchange, and the consoles hear of it."""
    blocked = event.event == "ringing" and is_blocked(city, event.number)
    values = {"city": city.id, "call": event.call, "number": event.number, "agent": event.agent, "at": now()}
    at = plausible(event.at, now())
    times = {name: at if event.event == name else None for name in ("ringing", "answered", "ended")}
    execute(EVENT, values | times | {"blocked": blocked})
    wake(city, TOPIC)


def is_blocked(city: CityFacts, number: str, at: datetime | None = None) -> bool:
    """Whether this number may not get through just now."""
    sql = "SELECT EXISTS (SELECT FROM channels_caller WHERE city_id = %s AND number = %s AND blocked_until > %s)"
    return bool(number) and bool(fetch_value(sql, [city.id, number, at or now()]))


def open_call(city: CityFacts, by: Membership, number: str, uuid: str) -> Call:
    """A call that the exchange did not tell of: somebody walked in, or the operator types the number."""
    call, _new = Call.objects.get_or_create(
        city_id=city.id,
        call_id=f"hand:{uuid}"[:100],
        defaults={"number": number[:32], "answered_at": now(), "noted_at": now(), "operator_id": by.user_id},
    )
    return call


def dispose(city: CityFacts, by: Membership, call_id: int, disposition: str, *, note: str = "") -> Call:
    """What a call was. A repeat changes nothing more; strikes are counted once. Raises ValidationError."""
    if disposition not in DISPOSITIONS:
        raise ValidationError(_("There is no such kind of call."))
    with transaction.atomic():
        call = _locked(city, call_id)
        before = call.disposition
        call.disposition, call.disposed_at, call.operator_id = disposition, now(), by.user_id
        call.note = note[:500] or call.note
        call.save(update_fields=["disposition", "disposed_at", "operator_id", "note"])
        if call.number and before != disposition:
            _count(city, call.number, struck=disposition == "prank", cleared=before == "prank" or disposition == "real")
        wake(city, TOPIC)
    return call


def _locked(city: CityFacts, call_id: int) -> Call:
    found = Call.objects.select_for_update().filter(city_id=city.id, id=call_id).first()
    if found is None:
        raise ValidationError(_("There is no such call."))
    return found


def _count(city: CityFacts, number: str, *, struck: bool, cleared: bool) -> None:
    """The third prank in a row closes the line for a day; a real call, or a mistake taken back, opens it."""
    if not struck and not cleared:
        return
    Caller.objects.bulk_create([Caller(city_id=city.id, number=number)], ignore_conflicts=True)
    caller = Caller.objects.select_for_update().get(city_id=city.id, number=number)
    caller.strikes = caller.strikes + 1 if struck else 0
    if caller.strikes < STRIKES:
        caller.blocked_until = None
    else:
        caller.blocked_until = now() + BLOCK
    caller.save(update_fields=["strikes", "blocked_until"])


def free_caller(city: CityFacts, by: Membership, number: str, why: str) -> bool:
    """An operator lets a blocked number through again and says why."""
    found = Caller.objects.filter(city_id=city.id, number=number, blocked_until__gt=now())
    freed = found.update(strikes=0, blocked_until=None, freed_by_id=by.user_id, freed_why=why[:200])
    wake(city, TOPIC)
    return freed > 0


def report_call(city: CityFacts, by: Membership, call_id: int, given: Submission, *, emergency: bool) -> Submitted:
    """The call was real: its report, exactly one, and the call that says so."""
    with transaction.atomic():
        call = _locked(city, call_id)
        done = submit(city=city, submission=replace(given, channel="phone", external_id=f"call:{call.pk}"))
        call.report_id, call.emergency = done.id, emergency
        call.save(update_fields=["report_id", "emergency"])
        dispose(city, by, call_id, "real")
        if emergency:
            raise_alert(city, done.id, by=by.user_id, call=call.pk)
    return done


def same_as(city: CityFacts, by: Membership, call_id: int, code: str) -> None:
    """The call was about a report that is there already. Raises ValidationError."""
    found = number_of(code)
    sql = "SELECT EXISTS (SELECT FROM reports_report WHERE city_id = %s AND id = %s)"
    if found is None or not fetch_value(sql, [city.id, found]):
        raise ValidationError(_("There is no report with this code."))
    with transaction.atomic():
        call = _locked(city, call_id)
        call.report_id = found
        call.save(update_fields=["report_id"])
        dispose(city, by, call_id, "duplicate")
