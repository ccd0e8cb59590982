"""A city as data: its areas, agencies, categories, routes and deadlines. Filled from a pack, never by hand.

Read these through `qlue.cities.facts` (in-process, no SQL); the tables are for loading packs and for joins.
Rows that a newer pack no longer names stay, with `active=False`, because reports point to them.
"""

from django.db import models


class City(models.Model):
    """One tenant. Bounds are degrees; `country` chooses the holidays; the JSON fields are city.toml's tables.

    `joined` is false while the pack names no agencies: reports are kept as unserved.
    """

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    province = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, default="ID")
    timezone = models.CharField(max_length=40, default="Asia/Jakarta")
    code_prefix = models.CharField(max_length=4, unique=True)
    lon = models.FloatField()
    lat = models.FloatField()
    zoom = models.FloatField(default=11)
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    areas_approximate = models.BooleanField(default=False)
    joined = models.BooleanField(default=False)
    hours = models.JSONField(default=dict)
    theme = models.JSONField(default=dict, db_column="look")
    languages = models.JSONField(default=list)
    open311 = models.JSONField(default=dict)
    auto = models.JSONField(default=dict)
    interventions = models.JSONField(default=list, db_default=[])
    pack_digest = models.CharField(max_length=64, blank=True)
    loaded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Agency(models.Model):
    """A city agency (OPD) that receives reports."""

    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    slug = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("city", "slug"), name="cities_agency_slug"),)

    def __str__(self) -> str:
        return self.name


class Outside(models.Model):
    """An authority outside the city's own agencies (PLN, the province's roads): asked by a link, given no account."""

    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    slug = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    matters = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("city", "slug"), name="cities_outside_slug"),)

    def __str__(self) -> str:
        return self.name


class Area(models.Model):
    """A kecamatan or kelurahan; `code` is Kemendagri's, `lon`/`lat` lie inside, `geometry` is GeoJSON in degrees."""

    class Level(models.TextChoices):
        KECAMATAN = "kecamatan"
        KELURAHAN = "kelurahan"

    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    level = models.CharField(max_length=10, choices=Level.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    lon = models.FloatField()
    lat = models.FloatField()
    geometry = models.JSONField()
    active = models.BooleanField(default=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("city", "code"), name="cities_area_code"),)

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """What is wrong. `agency` is the default one; `words` are the everyday words that mean it, separated by commas."""

    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    slug = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    icon = models.CharField(max_length=40)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+")
    private = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    words = models.TextField(blank=True)
    form = models.CharField(max_length=10, blank=True, db_default="")
    active = models.BooleanField(default=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("city", "slug"), name="cities_category_slug"),)

    def __str__(self) -> str:
        return self.name


class Route(models.Model):
    """In this area, this category goes to another agency than its default one."""

    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    category = models.ForeignKey(Category, models.CASCADE, related_name="+")
    area = models.ForeignKey(Area, models.CASCADE, related_name="+")
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("city", "category", "area"), name="cities_route_once"),)


class Deadline(models.Model):
    """Hours to a first answer and to the end, per category; the row without a category holds for all others."""

    class Clock(models.TextChoices):
        WORKING = "working"
        ALWAYS = "always"

    city = models.ForeignKey(City, models.PROTECT, related_name="+")
    category = models.ForeignKey(Category, models.CASCADE, null=True, related_name="+")
    respond_hours = models.FloatField()
    resolve_hours = models.FloatField()
    clock = models.CharField(max_length=8, choices=Clock.choices, default=Clock.WORKING)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("city", "category"), name="cities_deadline_once", nulls_distinct=False),
        )
