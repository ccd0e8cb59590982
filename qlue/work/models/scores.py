"""What scorecards count: one narrow row per report, kept up to date by a follower; and objections to cards."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from qlue.cities.models import City


class Score(models.Model):
    """One report as scorecards count it; staff-made, merged and unserved ones have no row.

    `person` is who resolved it last, else who has it; `answer` and `resolve` are buckets of `scores.statistics`.
    `ever`: it has been resolved at least once; `disputed`, `returned`: how often the reporter or a supervisor reopened
    it. Only `actions.scores` writes it, and can compute it again from the reports at any time.
    """

    pk = models.CompositePrimaryKey("city", "report_id")
    # Ids without constraints: the rows are a copy, and a stale one is computed again, not refused.
    city = models.ForeignKey(City, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    report_id = models.BigIntegerField()
    agency = models.BigIntegerField(null=True)
    crew = models.BigIntegerField(null=True)
    person = models.BigIntegerField(null=True)
    area = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    # Buckets instead of seconds: two bytes a report, and percentiles of millions without sorting.
    answer = models.SmallIntegerField(null=True)
    resolve = models.SmallIntegerField(null=True)
    in_time = models.BooleanField(null=True)
    open = models.BooleanField()
    ever = models.BooleanField()
    disputed = models.SmallIntegerField()
    returned = models.SmallIntegerField()

    class Meta:
        indexes = [
            models.Index("city", "created_at", name="work_score_period"),
            models.Index("city", "created_at", condition=Q(open=True), name="work_score_open"),
        ]

    def __str__(self) -> str:
        return f"score of report {self.report_id}"


class Objection(models.Model):
    """What somebody says against a card, with the numbers as they stood, and the answer to it."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    agency_id = models.BigIntegerField(null=True)
    card = models.CharField(max_length=8)  # "person" or "agency"
    key = models.BigIntegerField()
    period = models.CharField(max_length=10)
    # As they stood when somebody objected; cards are computed anew every day.
    numbers = models.JSONField(default=dict)
    words = models.TextField()
    created_at = models.DateTimeField()
    answer = models.TextField(blank=True, default="", db_default="")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index("city", F("created_at").desc(), name="work_objection_new")]

    def __str__(self) -> str:
        return f"objection of {self.user_id}"
