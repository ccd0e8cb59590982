"""The report, its photos, and apart from both: who sent it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from qlue.cities.models import Agency, Area, Category, City
from qlue.reports.states import COLOURS, OPEN_STATUSES


class Report(models.Model):
    """A problem that somebody or something saw in a city.

    `uuid` is the sender's own and makes a repeat harmless; it is never shown. `cell` is `kit.geo.cell(lon, lat)`.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    uuid = models.UUIDField()
    category = models.ForeignKey(Category, models.PROTECT, db_index=False, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, db_index=False, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, db_index=False, related_name="+")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+")
    # Values as choices, no labels: with translated ones, each new wording would be a migration.
    status = models.CharField(max_length=12, choices=[(state, state) for state in COLOURS])
    words = models.TextField()
    landmark = models.CharField(max_length=200, db_default="", blank=True)
    lon = models.FloatField()
    lat = models.FloatField()
    cell = models.BigIntegerField()  # for the map: every tile is one range of it, in a plain btree
    place = models.CharField(max_length=5, db_default="pin")  # 'pin' or 'area' (kelurahan and landmark only)
    private = models.BooleanField(db_default=False)
    channel = models.CharField(max_length=20, db_default="web")
    external_id = models.CharField(max_length=100, null=True)
    staff_made = models.BooleanField(db_default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    respond_by = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    first_response_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    hold_until = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, db_index=False, related_name="+")
    supporters = models.IntegerField(db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint("city", "uuid", name="report_once"),
            models.UniqueConstraint(
                "city", "external_id", condition=Q(external_id__isnull=False), name="report_external_once"
            ),
            models.CheckConstraint(condition=Q(status__in=list(COLOURS)), name="report_known_status"),
        ]
        # Each begins with the city, as every query and the row policy do. None on a foreign key alone: no page reads
        # by it, and each index costs every insert.
        indexes = [
            models.Index(
                fields=["city", "-created_at", "-id"],
                include=["private", "status", "area", "agency", "category", "due_at", "resolved_at"],
                name="report_newest",
            ),
            models.Index("city", "category", F("created_at").desc(), name="report_category"),
            models.Index("city", "area", F("created_at").desc(), name="report_area"),
            models.Index("city", "status", F("created_at").desc(), name="report_status"),
            models.Index("city", "agency", "due_at", condition=Q(status__in=OPEN_STATUSES), name="report_queue"),
            models.Index("city", "due_at", condition=Q(status__in=OPEN_STATUSES), name="report_due"),
            models.Index("city", "resolved_at", condition=Q(resolved_at__isnull=False), name="report_resolved"),
            models.Index(
                fields=["city", "cell"],
                # Everything that a map groups and filters by: near views read the index and not the table.
                include=["status", "category", "area", "agency", "created_at", "lon", "lat"],
                condition=Q(private=False),
                name="report_cell",
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"


class Contact(models.Model):
    """Who sent a report: kept apart, shown only to those with the right, every access recorded."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    report = models.OneToOneField(Report, models.CASCADE, related_name="contact")
    name = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)

    def __str__(self) -> str:
        return f"contact of report {self.report_id}"


class Photo(models.Model):
    """A cleaned photo in three sizes; `kind` is one of `states.PhotoKind`."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, related_name="photos")
    uuid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=6)
    width = models.IntegerField()
    height = models.IntegerField()
    taken_at = models.DateTimeField(null=True)
    dhash = models.BigIntegerField(null=True)  # kit.photo.dhash; NULL for photos from before there was one
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index("city", "report", name="photo_report"),
            models.Index(
                fields=["city"], include=["dhash", "report"], condition=~Q(kind="before"), name="photo_after_hash"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} photo of report {self.report_id}"


class PhotoSweep(models.Model):
    """The last sweep of a city's photo files: all photos, those that wait for their form, and what was deleted."""

    city = models.OneToOneField(City, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    photos = models.IntegerField()
    waiting = models.IntegerField()
    swept = models.IntegerField()
    swept_bytes = models.BigIntegerField()

    def __str__(self) -> str:
        return f"sweep of city {self.city_id}"


class MapCell(models.Model):
    """How many public reports of a category stand in a z17 tile, by colour: what wide maps read.

    Category 0 (`records.ALL_CATEGORIES`) counts all of them.
    """

    # In the order of the map's query, so that the key is the only index.
    pk = models.CompositePrimaryKey("city", "category", "cell")
    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    cell = models.BigIntegerField()  # kit.geo.cell shifted right by 18 bits
    # Without a constraint: category 0 is none, and a check for each cell would slow the follower.
    category = models.ForeignKey(Category, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    red = models.IntegerField(default=0, db_default=0)
    yellow = models.IntegerField(default=0, db_default=0)
    green = models.IntegerField(default=0, db_default=0)
    grey = models.IntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"cell {self.cell}"


class ImportRun(models.Model):
    """How far `qlue import reports` has come with one file and one mapping; both are known by their SHA-256.

    The counts are of rows and add up to `rows_done`; `rejects_bytes` is how long the rejects file was at that moment.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    source_digest = models.CharField(max_length=64)
    mapping_digest = models.CharField(max_length=64)
    source_name = models.CharField(max_length=200)
    rows_done = models.BigIntegerField()
    inserted = models.BigIntegerField()
    known = models.BigIntegerField()
    rejected = models.BigIntegerField()
    rejects_bytes = models.BigIntegerField()
    started_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("city", "source_digest", "mapping_digest", name="importrun_once")]

    def __str__(self) -> str:
        return f"import of {self.source_name}"
