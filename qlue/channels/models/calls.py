"""The emergency number's calls, and those who misuse it."""

from django.conf import settings
from django.db import models
from django.db.models import F

from qlue.cities.models import City
from qlue.reports.models import Report

DISPOSITIONS = ("real", "prank", "silent", "wrong_number", "information", "duplicate")


class Caller(models.Model):
    """A telephone number; `strikes` are prank calls since the last real one. The exchange turns away blocked ones."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    number = models.CharField(max_length=32)
    strikes = models.IntegerField(default=0)
    blocked_until = models.DateTimeField(null=True)
    freed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    freed_why = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("city", "number"), name="channels_caller_once")]

    def __str__(self) -> str:
        return f"{self.number}: {self.strikes}"


class Call(models.Model):
    """One call: what the exchange reports of it (in any order), and the operator's disposition."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    call_id = models.CharField(max_length=100)  # the exchange's own id, or "hand:" and a uuid of the console
    number = models.CharField(max_length=32, default="", blank=True)
    agent = models.CharField(max_length=80, default="", blank=True)
    ringing_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    noted_at = models.DateTimeField()  # by our clock: the exchange's times may be wrong
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    disposition = models.CharField(
        max_length=12, default="", blank=True, choices=[(name, name) for name in DISPOSITIONS]
    )
    disposed_at = models.DateTimeField(null=True)
    emergency = models.BooleanField(default=False)
    blocked = models.BooleanField(default=False)
    note = models.CharField(max_length=500, default="", blank=True)
    report = models.ForeignKey(Report, models.SET_NULL, null=True, db_index=False, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("city", "call_id"), name="channels_call_once")]
        indexes = [
            models.Index("city", F("noted_at").desc(), name="channels_call_newest"),
            models.Index("city", "number", F("noted_at").desc(), name="channels_call_number"),
        ]

    def __str__(self) -> str:
        return self.call_id
