"""The steps of the escalation policy that reports have passed."""

from django.db import models

from qlue.cities.models import City
from qlue.reports.models import Report


class Escalation(models.Model):
    """One step of the policy that a report has passed: `hours` from its deadline, and the role that was notified.

    The row is what makes a step happen once: whoever inserts it sends the notices.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, db_index=False, related_name="+")
    hours = models.SmallIntegerField()
    told = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        # Two workers may escalate at once; only one of them inserts the row.
        constraints = [models.UniqueConstraint("city", "report", "hours", "told", name="work_escalation_once")]

    def __str__(self) -> str:
        return f"{self.told} of report {self.report_id} at {self.hours} h"
