"""The city's own data: datasets with versions, and in each version either places or one figure per area.

A version never changes once it is published; the dataset points to the current one. Going back moves that pointer.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from qlue.cities.models import Area, City


class Topic(models.TextChoices):
    """What a dataset is about; other rooms ask for facilities by these values."""

    HEALTH = "health", _("Health services")
    SCHOOLS = "schools", _("Schools")
    WORSHIP = "worship", _("Places of worship")
    OFFICES = "offices", _("Government offices")
    PUBLIC = "public", _("Other facilities")
    POPULATION = "population", _("Population")
    POVERTY = "poverty", _("Poverty")
    TAX = "tax", _("Tax and levies")
    TRAFFIC = "traffic", _("Traffic")
    OTHER = "other", _("Other")


class Shape(models.TextChoices):
    """`places` are points with names; `figures` are one number per kecamatan or kelurahan."""

    PLACES = "places", _("Places (points with coordinates or areas)")
    FIGURES = "figures", _("Figures (one number per area)")


TOPIC_ICONS = {
    Topic.HEALTH: "stethoscope",
    Topic.SCHOOLS: "school",
    Topic.WORSHIP: "building-community",
    Topic.OFFICES: "building",
    Topic.PUBLIC: "building-warehouse",
    Topic.POPULATION: "users",
    Topic.POVERTY: "heart-handshake",
    Topic.TAX: "receipt",
    Topic.TRAFFIC: "traffic-lights",
    Topic.OTHER: "database",
}


class Dataset(models.Model):
    """`sums` says that figures of kelurahan add up to their kecamatan's; otherwise they are averaged by population.

    `public` shows it to everybody; without it only members with `see_data` do. `example` marks made-up values.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    topic = models.CharField(max_length=12, choices=Topic)
    shape = models.CharField(max_length=8, choices=Shape)
    unit = models.CharField(max_length=40, blank=True)
    sums = models.BooleanField(default=True)
    public = models.BooleanField(default=False)
    example = models.BooleanField(default=False)
    source = models.CharField(max_length=200, blank=True)
    current = models.ForeignKey("Version", models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("city", "slug", name="atlas_dataset_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def icon(self) -> str:
        """An icon's name."""
        return TOPIC_ICONS[Topic(self.topic)]


class Version(models.Model):
    """One uploaded file of a dataset: first a draft, then, once a person has published it, unchanged for good.

    `mapping` is a `ColumnMapping`, `report` a `JoinResult.report`. `number` counts the published versions of a dataset
    from 1; a draft has none.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="versions")
    number = models.IntegerField(null=True)
    file_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=8)
    digest = models.CharField(max_length=64)
    rows = models.IntegerField(default=0)
    matched = models.IntegerField(default=0)
    mapping = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    kept_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("city", "dataset", "number", name="atlas_version_once")]

    def __str__(self) -> str:
        return f"{self.dataset_id} v{self.number or '-'}"

    @property
    def parts(self) -> list[str]:
        """Names of the columns of figures beside the first."""
        return [name for _position, name in self.mapping.get("parts", [])]


class Place(models.Model):
    """A facility of a version; `kind` is the source's word (puskesmas, SD ...). It may lie outside of all areas."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    version = models.ForeignKey(Version, models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=80, blank=True)
    lon = models.FloatField()
    lat = models.FloatField()
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index("city", "version", name="atlas_place_version")]

    def __str__(self) -> str:
        return self.name


class Figure(models.Model):
    """A figure of a version for a kecamatan or kelurahan; `parts` are those of further columns, null for none."""

    pk = models.CompositePrimaryKey("city", "version", "area")
    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    version = models.ForeignKey(Version, models.CASCADE, related_name="+", db_index=False)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", db_index=False)
    value = models.FloatField()
    parts = models.JSONField(default=list, db_default=[])

    def __str__(self) -> str:
        return f"{self.area_id}: {self.value}"
