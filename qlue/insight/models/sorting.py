"""Models trained on a city's own history, and what they said of each report."""

from django.db import models
from django.db.models import F, Q

from qlue.cities.models import Agency, Category, City
from qlue.insight.states import ModelKind
from qlue.reports.models import Report

# The figure by which a kind is compared and shown.
MARKS = {"category": "accuracy", "agency": "accuracy", "duplicates": "average_precision"}


class TrainedModel(models.Model):
    """A model that was trained one night; at most one of a kind `serves`.

    `artefact` holds plain arrays (registry/artefacts.py), `seal` their HMAC; models that were no better, or that were
    replaced, have none. `scores` were taken on reports newer than `trained_until`, `champion` are those of the model
    that served until then, on the same reports. `thresholds`: slug of an agency (or category) -> confidence from which
    on 95 of 100 predictions are right.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=10, choices=ModelKind.choices)
    serves = models.BooleanField(db_default=False)
    won = models.BooleanField(default=False)
    trained_until = models.DateTimeField()
    made_at = models.DateTimeField()
    n_train = models.IntegerField()
    n_test = models.IntegerField()
    scores = models.JSONField()
    champion = models.JSONField(null=True)
    thresholds = models.JSONField(default=dict)
    artefact = models.BinaryField(null=True)
    seal = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("city", "kind", condition=Q(serves=True), name="insight_one_model_serves")
        ]
        indexes = [models.Index("city", "kind", F("id").desc(), name="insight_model_newest")]

    def __str__(self) -> str:
        return f"{self.kind} model {self.pk}"

    @property
    def mark(self) -> float:
        """The score by which models of this kind are compared."""
        return float(self.scores[MARKS[self.kind]])

    @property
    def mark_before(self) -> float | None:
        """The champion's, on the same reports."""
        score = (self.champion or {}).get(MARKS[self.kind])
        return None if score is None else float(score)

    @property
    def replaced(self) -> bool:
        """Whether it served once and does no longer."""
        return not self.serves and self.won


class Hint(models.Model):
    """What the models said of a report when it came.

    `*_sure` are confidences, 0 to 1; `twin` is the report that it may repeat; `moved`: the model rerouted it.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    report = models.OneToOneField(Report, models.CASCADE, related_name="+")
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, db_index=False, related_name="+")
    agency_sure = models.FloatField(default=0)
    category = models.ForeignKey(Category, models.CASCADE, null=True, db_index=False, related_name="+")
    category_sure = models.FloatField(default=0)
    twin = models.ForeignKey(Report, models.CASCADE, null=True, db_index=False, related_name="+")
    twin_sure = models.FloatField(default=0)
    moved = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index("city", F("at").desc(), name="insight_hint_newest")]

    def __str__(self) -> str:
        return f"hint for report {self.report_id}"
