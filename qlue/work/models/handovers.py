"""Passing a case on: between agencies by a hand-over that is asked and answered, outside the city by a link."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from qlue.cities.models import Agency, City, Outside
from qlue.reports.models import Report


class HandOver(models.Model):
    """One agency asks another to take a report. Until it is answered the report and its clock stay where they are.

    `answer` holds the words of whoever answered or decided; `decided_for` the agency that the arbiter chose.
    """

    class State(models.TextChoices):
        ASKED = "asked"
        ACCEPTED = "accepted"
        REFUSED = "refused"
        ARBITRATION = "arbitration"
        DECIDED = "decided"
        WITHDRAWN = "withdrawn"

    OPEN = (State.ASKED, State.ARBITRATION)

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, db_index=False, related_name="+")
    from_agency = models.ForeignKey(Agency, models.PROTECT, db_index=False, related_name="+")
    to_agency = models.ForeignKey(Agency, models.PROTECT, db_index=False, related_name="+")
    decided_for = models.ForeignKey(Agency, models.PROTECT, null=True, db_index=False, related_name="+")
    state = models.CharField(max_length=12, choices=State)
    reason = models.TextField()
    answer = models.TextField(blank=True, default="", db_default="")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    asked_at = models.DateTimeField()
    answer_due = models.DateTimeField()
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "city", "report", condition=Q(state__in=("asked", "arbitration")), name="work_handover_one_open"
            )
        ]
        indexes = [
            models.Index("city", "report", name="work_handover_report"),
            models.Index("city", "answer_due", condition=Q(state="asked"), name="work_handover_due"),
        ]

    def __str__(self) -> str:
        return f"hand-over of report {self.report_id}"


class OutsideAsk(models.Model):
    """A question to an authority outside, answered through a link that nobody needs an account for.

    The link is made of `uuid` and a keyed hash, so no row holds it; a greater `turn` makes the former link void.
    `opened_at`: when it was looked at first, which changes nothing else. `email`: where the link is sent to; "" sends
    nothing. `reminded_at`: when this turn's reminder was due.
    """

    class State(models.TextChoices):
        ASKED = "asked"
        ACCEPTED = "accepted"
        DONE = "done"
        NOT_OURS = "not_ours"
        EXPIRED = "expired"
        WITHDRAWN = "withdrawn"

    WAITING = (State.ASKED, State.ACCEPTED)

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, db_index=False, related_name="+")
    outside = models.ForeignKey(Outside, models.PROTECT, db_index=False, related_name="+")
    uuid = models.UUIDField(unique=True)
    turn = models.PositiveSmallIntegerField(default=1)
    email = models.EmailField(blank=True, default="", db_default="")
    state = models.CharField(max_length=12, choices=State)
    words = models.TextField()
    answer = models.TextField(blank=True, default="", db_default="")
    answered_as = models.CharField(max_length=100, blank=True, default="", db_default="")
    photos = models.JSONField(default=list)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "city", "report", "outside", condition=Q(state__in=("asked", "accepted")), name="work_outside_one_open"
            )
        ]
        indexes = [
            models.Index("city", "report", name="work_outside_report"),
            models.Index("city", "expires_at", condition=Q(state__in=("asked", "accepted")), name="work_outside_due"),
        ]

    def __str__(self) -> str:
        return f"question {self.uuid} about report {self.report_id}"


class Escalation(models.Model):
    """One rung of the ladder that a report has passed: `hours` from its deadline, and whom that told."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, db_index=False, related_name="+")
    hours = models.SmallIntegerField()
    told = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("city", "report", "hours", "told", name="work_escalation_once")]

    def __str__(self) -> str:
        return f"{self.told} of report {self.report_id} at {self.hours} h"
