"""Results of the nightly computation, the library of interventions, and the city's decisions.

Each computation is a run with figures that say how far to trust it; its rows refer to it and are deleted with it.
Decisions stay: they hold a copy of what was promised, and later the measured result.
"""

from django.conf import settings
from django.db import models
from django.db.models import F

from qlue.cities.models import Area, Category, City
from qlue.insight.states import DecisionState, EvidenceBasis, InterventionScale, RunKind

PERSON = settings.AUTH_USER_MODEL


class Run(models.Model):
    """One computation of a kind for a city; `problem` is a code that says why there are no rows."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=8, choices=RunKind)
    made_at = models.DateTimeField()
    seconds = models.FloatField(default=0)
    figures = models.JSONField(default=dict)
    problem = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [models.Index("city", "kind", F("id").desc(), name="insight_run_last")]

    def __str__(self) -> str:
        return f"{self.kind} {self.made_at:%Y-%m-%d}"


class HotSpot(models.Model):
    """A square of the map where reports are expected; `sure`: its cluster of reports is more than chance.

    Without a category: of all. `expected` is for the next 28 days, `recent` the count of the last 28.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    run = models.ForeignKey(Run, models.CASCADE, related_name="+", db_index=False)
    category = models.ForeignKey(Category, models.PROTECT, null=True, db_index=False, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, db_index=False, related_name="+")
    rank = models.IntegerField()
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    expected = models.FloatField()
    recent = models.IntegerField()
    p = models.FloatField()
    sure = models.BooleanField()

    class Meta:
        indexes = [models.Index("city", "run", "category", "rank", name="insight_hotspot_run")]

    def __str__(self) -> str:
        return f"hot spot {self.rank}"


class Forecast(models.Model):
    """Reports of one coming day of the city, or one coming week of a kelurahan, kecamatan or category.

    80 % lie from `low` to `high`. `off` is the mean absolute error of past forecasts of this very series, in reports.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    run = models.ForeignKey(Run, models.CASCADE, related_name="+", db_index=False)
    area = models.ForeignKey(Area, models.PROTECT, null=True, db_index=False, related_name="+")
    category = models.ForeignKey(Category, models.PROTECT, null=True, db_index=False, related_name="+")
    starts = models.DateField()
    mean = models.FloatField()
    off = models.FloatField(null=True)
    low = models.FloatField()
    high = models.FloatField()
    before = models.FloatField()  # the mean of the last four such steps

    class Meta:
        indexes = [models.Index("city", "run", name="insight_forecast_run")]

    def __str__(self) -> str:
        return f"{self.starts}: {self.mean:.1f}"


class Intervention(models.Model):
    """Something a city can do, as its people have changed or added it; the pack's own rows are in the city's facts.

    `effect` is the fall of reports as a share (0.3: 30 % fewer), from `source`; empty: nobody knows, a pilot.
    `cost` is rupiah for one unit; a unit is a kecamatan (`scale` area) or a place (`scale` site, reaching `reach_m`).
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    slug = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    categories = models.JSONField(default=list)
    scale = models.CharField(max_length=4, choices=InterventionScale, default=InterventionScale.AREA)
    cost = models.BigIntegerField(null=True)
    cost_note = models.CharField(max_length=300, blank=True)
    weeks = models.IntegerField(default=12)
    reach_m = models.IntegerField(null=True)
    facility = models.CharField(max_length=12, blank=True)
    effect = models.FloatField(null=True)
    effect_low = models.FloatField(null=True)
    effect_high = models.FloatField(null=True)
    source = models.CharField(max_length=300, blank=True)
    assumptions = models.CharField(max_length=500, blank=True)
    active = models.BooleanField(default=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(PERSON, models.PROTECT, null=True, db_index=False, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("city", "slug", name="insight_intervention_once")]

    def __str__(self) -> str:
        return self.name


class Option(models.Model):
    """A recommendation of a run. `avoided` is reports over `weeks` weeks; empty for a pilot, which promises nothing.

    `body` holds what it rests on: evidence (numbers with the filter of their list), grade reasons, sites, caveats.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    run = models.ForeignKey(Run, models.CASCADE, related_name="+", db_index=False)
    rank = models.IntegerField()
    intervention = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    category = models.ForeignKey(Category, models.PROTECT, db_index=False, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, db_index=False, related_name="+")
    basis = models.CharField(max_length=5, choices=EvidenceBasis)
    grade = models.CharField(max_length=1)
    weeks = models.IntegerField()
    expected = models.FloatField()
    avoided = models.FloatField(null=True)
    avoided_low = models.FloatField(null=True)
    avoided_high = models.FloatField(null=True)
    cost = models.BigIntegerField(null=True)
    body = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index("city", "run", "rank", name="insight_option_run")]

    def __str__(self) -> str:
        return self.name


class Decision(models.Model):
    """What the city did or declined. `promise` is a copy of the option's numbers, empty for what is only recorded.

    `result` comes later, by difference in differences: mean, low, high as relative changes, log_ratio, error, freedom,
    weeks; or a `problem`. `areas` are ids of kecamatan or kelurahan.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    intervention = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    category = models.ForeignKey(Category, models.PROTECT, db_index=False, related_name="+")
    areas = models.JSONField(default=list)
    state = models.CharField(max_length=9, choices=DecisionState)
    promise = models.JSONField(default=dict)
    cost = models.BigIntegerField(null=True)
    starts_on = models.DateField(null=True)
    note = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(PERSON, models.PROTECT, null=True, db_index=False, related_name="+")
    decided_at = models.DateTimeField()
    result = models.JSONField(default=dict)
    evaluated_at = models.DateTimeField(null=True)
    final = models.BooleanField(default=False)
    request = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint("city", "request", name="insight_decision_once")]
        indexes = [models.Index("city", F("decided_at").desc(), name="insight_decision_new")]

    def __str__(self) -> str:
        return self.name
