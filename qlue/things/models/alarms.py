"""Alarms that have happened, and where they are silenced for a while."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from qlue.cities.models import City
from qlue.things.models.devices import Device


class Alarm(models.Model):
    """One episode: from the moment a rule's first threshold held until none does any more, or its case has ended.

    `level` is the present one, `worst` the worst there was. `report_id` is its case, when it opened one. `seen_at` is
    when the alarm became known, later than `opened_at` where readings came late; `measured_at` the time of the last
    value.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    device = models.ForeignKey(Device, models.CASCADE, db_index=False, related_name="+")
    field = models.CharField(max_length=40)
    level = models.SmallIntegerField()
    worst = models.SmallIntegerField()
    value = models.FloatField()
    extreme = models.FloatField()
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_default=Now())
    measured_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=12, blank=True)  # value, case or device
    report_id = models.BigIntegerField(null=True)
    # Whether the case has been told that values are normal again.
    told_clear = models.BooleanField(default=False)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Also against two watches at once: the second one to open the same alarm fails.
            models.UniqueConstraint(
                fields=("city", "device", "field"), condition=models.Q(closed_at=None), name="things_alarm_once"
            )
        ]
        indexes = [
            models.Index(fields=["city", "-opened_at"], name="things_alarm_newest"),
            models.Index(fields=["device", "-opened_at"], name="things_alarm_device"),
        ]


class Silence(models.Model):
    """Until `until` alarms of this device (and field; all of them where it is empty) open no case and do not ring."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    device = models.ForeignKey(Device, models.CASCADE, db_index=False, related_name="+")
    field = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=200)
    until = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["city", "device", "until"], name="things_silence_until")]
