"""The work order: one job for one crew or person, apart from the report that it belongs to."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from qlue.cities.models import Agency, City
from qlue.reports.models import Report
from qlue.work.models.crews import Crew
from qlue.work.states import LIVE_STATES, ORDER_COLOURS


class Order(models.Model):
    """`number` counts the orders of a report from 1. `agency` does the work; the report's own agency leads.

    With neither `crew` nor `person` the order is offered to the agency as a whole. `words` is the task,
    `reason` the latest reason (declined, on hold, sent back, cancelled), `done_words` what the crew wrote with its
    photos.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, db_index=False, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, db_index=False, related_name="+")
    crew = models.ForeignKey(Crew, models.PROTECT, null=True, db_index=False, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+")
    # Short enough to say on the phone, together with the report's code.
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=[(state, state) for state in ORDER_COLOURS])
    words = models.TextField(blank=True)
    reason = models.TextField(blank=True, default="", db_default="")
    done_words = models.TextField(blank=True, default="", db_default="")
    due_at = models.DateTimeField(null=True)
    hold_until = models.DateTimeField(null=True)
    # None where the system gave it.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("city", "report", "number", name="work_order_number"),
            models.CheckConstraint(condition=Q(state__in=list(ORDER_COLOURS)), name="work_order_known_state"),
        ]
        # Ended orders pile up for years; only the live ones are asked for by deadline, crew and person.
        indexes = [
            models.Index("city", "agency", "due_at", condition=Q(state__in=LIVE_STATES), name="work_order_due"),
            models.Index("city", "agency", "state", "updated_at", name="work_order_state"),
            models.Index("city", "crew", condition=Q(state__in=LIVE_STATES), name="work_order_crew"),
            models.Index("city", "person", condition=Q(state__in=LIVE_STATES), name="work_order_person"),
        ]

    def __str__(self) -> str:
        return f"order {self.number} of report {self.report_id}"
