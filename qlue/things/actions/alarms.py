"""What people do with alarms: acknowledge them, silence a device, end a silence. Values open and close them."""

from datetime import datetime

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.people.models import Membership
from qlue.things.models import Alarm, Device, Silence
from qlue.things.states import SensorEvent
from qlue.timeline.actions import record_event
from qlue.timeline.records import Payload
from qlue.timeline.records.payloads import AlarmAcknowledgedPayload, SilenceEndPayload, SilencePayload


def acknowledge_alarm(*, city: CityFacts, alarm_id: int, actor: Membership) -> bool:
    """The actor looks after it; false when the alarm is over or was acknowledged before."""
    with transaction.atomic():
        # Locked, for the watch may close it in this moment.
        alarm = Alarm.objects.select_for_update().filter(city_id=city.id, id=alarm_id, closed_at=None).first()
        if alarm is None or alarm.acknowledged_at:
            return False
        alarm.acknowledged_by_id, alarm.acknowledged_at = actor.user_id, now()
        alarm.save()
        payload = AlarmAcknowledgedPayload(device=alarm.device_id, alarm=alarm.id)
        _record_alarm_action(city, SensorEvent.ALARM_ACKNOWLEDGED, actor, payload)
    return True


def silence_device(
    *, city: CityFacts, device: Device, field: str, until: datetime, reason: str, actor: Membership
) -> Silence:
    """No cases and no ringing from this device until then; an empty `field` means all of them."""
    with transaction.atomic():
        silence = Silence.objects.create(
            city_id=city.id, device=device, field=field, until=until, reason=reason, by_id=actor.user_id
        )
        payload = SilencePayload(device=device.id, field=field, reason=reason, until=until.isoformat())
        _record_alarm_action(city, SensorEvent.ALARM_SILENCED, actor, payload)
    return silence


def end_silence(*, city: CityFacts, silence_id: int, actor: Membership) -> None:
    """The device may ring again from now on; nothing happens where the silence is over."""
    with transaction.atomic():
        for silence in Silence.objects.filter(city_id=city.id, id=silence_id, until__gt=now()):
            silence.until = now()
            silence.save()
            payload = SilenceEndPayload(device=silence.device_id, field=silence.field)
            _record_alarm_action(city, SensorEvent.ALARM_UNSILENCED, actor, payload)


def _record_alarm_action(city: CityFacts, kind: SensorEvent, actor: Membership, payload: Payload) -> None:
    record_event(city_id=city.id, kind=kind, actor_id=actor.user_id, actor_role=actor.role, public=False, data=payload)
