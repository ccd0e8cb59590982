"""Transfers of a report between agencies of the city: asked, answered, and where they disagree decided."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from qlue.cities.models import Agency, City
from qlue.reports.models import Report
from qlue.work.states import TransferState


class Transfer(models.Model):
    """One agency asks another to take a report. Until it is answered, the report and its deadline stay as they are.

    `answer` is the message of whoever answered or decided, `decided_for` the agency that the arbiter chose.
    """

    OPEN = (TransferState.ASKED, TransferState.ARBITRATION)

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, db_index=False, related_name="+")
    from_agency = models.ForeignKey(Agency, models.PROTECT, db_index=False, related_name="+")
    to_agency = models.ForeignKey(Agency, models.PROTECT, db_index=False, related_name="+")
    decided_for = models.ForeignKey(Agency, models.PROTECT, null=True, db_index=False, related_name="+")
    state = models.CharField(max_length=12, choices=TransferState)
    reason = models.TextField()
    answer = models.TextField(blank=True, default="", db_default="")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    asked_at = models.DateTimeField()
    # Computed once, when it is asked: a pack that changes its hours moves no running transfer.
    answer_due = models.DateTimeField()
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "work_handover"
        # Two open transfers of one report could both be accepted, and the report would go to whoever answers last.
        constraints = [
            models.UniqueConstraint(
                "city", "report", condition=Q(state__in=("asked", "arbitration")), name="work_handover_one_open"
            )
        ]
        indexes = [
            models.Index("city", "report", name="work_handover_report"),
            # For the job that looks each minute: only what still waits.
            models.Index("city", "answer_due", condition=Q(state="asked"), name="work_handover_due"),
        ]

    def __str__(self) -> str:
        return f"transfer of report {self.report_id}"
