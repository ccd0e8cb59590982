"""Kinds of devices, the devices, and what they are told."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from qlue.cities.models import Area, City
from qlue.things.shapes import Field, Ladder, fields_of, ladders_of, steps_of


class Profile(models.Model):
    """A kind of device: what it measures and when that is an alarm. `fields` and `ladders` as in `shapes`."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    slug = models.SlugField(max_length=40, db_index=False)
    name = models.CharField(max_length=80)
    icon = models.CharField(max_length=40, default="access-point")
    fields = models.JSONField(default=list)
    ladders = models.JSONField(default=list)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=("city", "slug"), name="things_profile_once")]

    def __str__(self) -> str:
        return self.name

    def quantities(self) -> tuple[Field, ...]:
        return fields_of(self.fields)

    def alarms(self) -> tuple[Ladder, ...]:
        return ladders_of(self.ladders)


class Device(models.Model):
    """One sensor. Only the SHA-256 of its token is kept: the token is 160 random bits, so no salt is needed.

    `steps`: by field, the levels of this place where they differ from the profile's (siaga of this gauge).
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    profile = models.ForeignKey(Profile, models.PROTECT, related_name="+")
    key = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64)
    lon = models.FloatField()
    lat = models.FloatField()
    area = models.ForeignKey(Area, models.PROTECT, null=True, db_index=False, related_name="+")
    place = models.CharField(max_length=120, blank=True)
    expected_s = models.PositiveIntegerField(default=300)
    steps = models.JSONField(default=dict, blank=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=("city", "key"), name="things_device_once")]
        indexes = [models.Index(fields=["updated_at"], name="things_device_changed")]

    def __str__(self) -> str:
        return self.name

    def alarms(self) -> tuple[Ladder, ...]:
        """The profile's ladders with this place's own levels."""
        return ladders_for(self.profile.ladders, self.steps)


def ladders_for(ladders: object, own: dict[str, object]) -> tuple[Ladder, ...]:
    """Ladders of a profile, with the levels that one place sets itself."""
    found = ladders_of(ladders)
    return tuple(
        Ladder(one.field, steps_of(own[one.field]), one.above, one.hold_s, one.category, one.case_from)
        if own.get(one.field)
        else one
        for one in found
    )


class Command(models.Model):
    """Something a device is told: waits until the device is connected, then counts as delivered when it says so."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        DELIVERED = "delivered"
        EXPIRED = "expired"

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    device = models.ForeignKey(Device, models.CASCADE, db_index=False, related_name="+")
    name = models.CharField(max_length=40)
    value = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["device", "-id"], name="things_command_device"),
            models.Index(fields=["id"], condition=models.Q(state__in=["waiting", "sent"]), name="things_command_open"),
        ]
