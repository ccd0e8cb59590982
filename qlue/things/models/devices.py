"""Profiles (kinds of devices), devices, and the commands that wait for them."""

import hmac

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from qlue.cities.models import Area, City
from qlue.things.intake.identity import hash_token
from qlue.things.profiles.definitions import AlarmRule, Field, device_alarm_rules, parse_alarm_rules, parse_fields
from qlue.things.states import OPEN_COMMANDS, CommandState


class Profile(models.Model):
    """A kind of device: what it measures and when that is an alarm. `fields` and `ladders` hold `definitions`."""

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
        return parse_fields(self.fields)

    def alarm_rules(self) -> tuple[AlarmRule, ...]:
        return parse_alarm_rules(self.ladders)


class Device(models.Model):
    """One sensor. Only the SHA-256 of its token is kept: the token is 160 random bits, so no salt is needed.

    `steps`: by field, the thresholds of this place where they differ from the profile's (siaga of this gauge).
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
    # A device that was shut down keeps its row, for its readings and alarms stay in the history.
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=("city", "key"), name="things_device_once")]
        # For the listeners, which ask every five seconds what has changed.
        indexes = [models.Index(fields=["updated_at"], name="things_device_changed")]

    def __str__(self) -> str:
        return self.name

    def alarm_rules(self) -> tuple[AlarmRule, ...]:
        """The profile's rules with this place's own thresholds."""
        return device_alarm_rules(self.profile.ladders, self.steps)

    def has_token(self, token: str) -> bool:
        return hmac.compare_digest(self.token_hash, hash_token(token.encode()))


class Command(models.Model):
    """An instruction to a device: waits until it is connected, counts as delivered when the device acknowledges it."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    device = models.ForeignKey(Device, models.CASCADE, db_index=False, related_name="+")
    name = models.CharField(max_length=40)
    value = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=12, choices=CommandState.choices, default=CommandState.WAITING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["device", "-id"], name="things_command_device"),
            models.Index(fields=["id"], condition=models.Q(state__in=OPEN_COMMANDS), name="things_command_open"),
        ]
