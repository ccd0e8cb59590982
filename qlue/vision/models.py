"""Cameras, the nodes that read them, what they count, and the events they suspect."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from qlue.cities.models import Area, City
from qlue.reports.models import Report


class Camera(models.Model):
    """A source of pictures at a place. `url` has no credentials in it; `secret` holds them encrypted, '' for none.

    `marks` are the lines and zones of `rules.marks`; `changed` grows with each change that a node must notice.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=5)
    url = models.CharField(max_length=500)
    secret = models.TextField(blank=True, default="", db_default="")
    lon = models.FloatField()
    lat = models.FloatField()
    area = models.ForeignKey(Area, models.PROTECT, null=True, db_index=False, related_name="+")
    marks = models.JSONField(default=dict)
    active = models.BooleanField(default=True, db_default=True)
    changed = models.BigIntegerField(default=1, db_default=1)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("city", "name", name="vision_camera_name")]

    def __str__(self) -> str:
        return self.name


class Lease(models.Model):
    """Which node reads a camera until when. `revision` grows with each new holder and fences late writers off.

    The rest is what that node stored last: the feed's state, when a frame came, how many were analysed and decoded.
    Until `asked_until` somebody looks at the live picture.
    """

    camera = models.OneToOneField(Camera, models.CASCADE, primary_key=True, related_name="lease")
    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    node = models.CharField(max_length=80, default="", db_default="")
    revision = models.BigIntegerField(default=0, db_default=0)
    until = models.DateTimeField()
    state = models.CharField(max_length=10, default="", db_default="")
    state_since = models.DateTimeField(null=True)
    last_frame_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=200, default="", db_default="")
    failures = models.IntegerField(default=0, db_default=0)
    frames = models.BigIntegerField(default=0, db_default=0)
    decoded = models.BigIntegerField(default=0, db_default=0)
    asked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"camera {self.camera_id} by {self.node}"


class Still(models.Model):
    """The newest live picture of a camera that somebody looks at. Its table is unlogged: a crash may lose it."""

    camera = models.OneToOneField(Camera, models.CASCADE, primary_key=True, related_name="+")
    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    number = models.BigIntegerField()
    at = models.DateTimeField()
    jpeg = models.BinaryField()

    def __str__(self) -> str:
        return f"still of camera {self.camera_id}"


class CameraEvent(models.Model):
    """Something that a rule suspects. A camera's `key` is the same event while it lasts, and for a while after.

    `verdict` is one of `states.Verdict`.
    `data` holds numbers (`n`, `peak`, `seconds`), `vehicle`, and `photo_size`; `photo` names the blurred snapshot.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    camera = models.ForeignKey(Camera, models.CASCADE, db_index=False, related_name="events")
    uuid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=12)
    zone = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    verdict = models.CharField(max_length=7, default="waiting", db_default="waiting")
    data = models.JSONField(default=dict)
    photo = models.UUIDField(null=True)
    opened_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    report = models.ForeignKey(Report, models.SET_NULL, null=True, db_index=False, related_name="+")
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+")
    judged_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "vision_event"
        constraints = [
            models.UniqueConstraint(
                "camera", "key", condition=Q(closed_at__isnull=True), name="vision_event_open_once"
            ),
        ]
        # The desk's piles; a camera's page; the nodes' search for abandoned events.
        indexes = [
            models.Index("city", "verdict", F("opened_at").desc(), name="vision_event_verdict"),
            models.Index("city", "camera", F("opened_at").desc(), name="vision_event_camera"),
            models.Index("updated_at", condition=Q(closed_at__isnull=True), name="vision_event_open"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at camera {self.camera_id}"


class Minute(models.Model):
    """A camera's minute as one holder of its lease saw it, in `seen_s` of its 60 seconds.

    `people_s` and `vehicles_s` are persons and vehicles times seconds; `pace_s / paced_s` is the mean pace of vehicles
    in their own sizes per second.
    """

    pk = models.CompositePrimaryKey("camera", "start", "revision")
    camera = models.ForeignKey(Camera, models.CASCADE, db_index=False, related_name="+")
    start = models.DateTimeField()
    revision = models.BigIntegerField()
    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    seen_s = models.FloatField()
    frames = models.IntegerField()
    people_s = models.FloatField()
    vehicles_s = models.FloatField()
    pace_s = models.FloatField()
    paced_s = models.FloatField()

    def __str__(self) -> str:
        return f"{self.start} of camera {self.camera_id}"


class Count(models.Model):
    """Crossings of a line in a minute, by kind and direction (`forward`: to the right of the line)."""

    pk = models.CompositePrimaryKey("camera", "start", "line", "kind", "direction", "revision")
    camera = models.ForeignKey(Camera, models.CASCADE, db_index=False, related_name="+")
    start = models.DateTimeField()
    line = models.CharField(max_length=60)
    kind = models.CharField(max_length=12)
    direction = models.CharField(max_length=7)
    revision = models.BigIntegerField()
    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    n = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.n} {self.kind} at camera {self.camera_id}"
