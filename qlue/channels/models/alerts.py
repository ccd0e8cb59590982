"""Emergencies that somebody must take, and how each member is reached when one comes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from qlue.channels.models.calls import Call
from qlue.cities.models import City
from qlue.reports.models import Report


class Alert(models.Model):
    """A report that cannot wait. `rung`: how many steps of the call chain were called; at `climbs_at` the next one is.

    Once somebody has taken it (`taken_by`), or the chain has ended, `climbs_at` is empty.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, related_name="+")
    # Empty where the mark came from elsewhere than the console of 112.
    call = models.ForeignKey(Call, models.SET_NULL, null=True, related_name="+")
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    rung = models.PositiveSmallIntegerField(default=0)
    climbs_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("city", "report"), name="channels_alert_once")]
        indexes = [
            models.Index("city", F("id").desc(), name="channels_alert_newest"),
            models.Index("city", "climbs_at", condition=Q(climbs_at__isnull=False), name="channels_alert_climbs"),
        ]

    def __str__(self) -> str:
        return f"alert of report {self.report_id}"


class AlertContact(models.Model):
    """An address where a member is called in an emergency; `extra` holds the keys of a browser's push."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16)
    address = models.CharField(max_length=1000)
    extra = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "channels_reach"
        constraints = [models.UniqueConstraint(fields=("city", "user", "kind", "address"), name="channels_reach_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.user_id}"
