"""Notices to people at work, and how far each has read. The bell counts what is newer than that."""

from django.conf import settings
from django.db import models
from django.db.models import F

from qlue.cities.models import Agency, City
from qlue.reports.models import Report


class Notice(models.Model):
    """One event of which a recipient is notified: a person, else everybody of an agency, else the operators.

    `kind` is the event's. At most one per event and recipient, however often the job that writes it runs.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, db_index=False, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, db_index=False, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, related_name="+")
    # An id of the timeline, whose rows outlive every notice; nothing has to be checked.
    happening_id = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    created_at = models.DateTimeField()

    class Meta:
        # NULLs are equal here: "everybody of the agency" and "the operators" are recipients like any other.
        constraints = [
            models.UniqueConstraint(
                "city", "happening_id", "agency", "user", name="work_notice_once", nulls_distinct=False
            ),
        ]
        indexes = [models.Index("city", "agency", "user", F("id").desc(), name="work_notice_inbox")]

    def __str__(self) -> str:
        return f"{self.kind} of report {self.report_id}"


class NoticeCursor(models.Model):
    """How far a person has read a city's notices: those with a greater id are new."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    # By id, not by time: two notices of one moment still have an order.
    last_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "work_seen"
        constraints = [models.UniqueConstraint("city", "user", name="work_seen_once")]

    def __str__(self) -> str:
        return f"{self.user_id} up to {self.last_id}"
