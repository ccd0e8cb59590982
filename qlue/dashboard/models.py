"""Narrow roll-ups: what dashboards count, kept ready to read. `rollups` alone writes here; `rebuild` makes it anew.

`private` splits every count, so that what everybody sees equals the public list. `dim` says what `key` is: `city`
(key 0), `agency`, `category` or `area` (a kelurahan); key 0 of an agency or area means that the report has none.
Days are the city's own. A row may hold zero; readers do not care.
"""

from django.conf import settings
from django.db import models

from qlue.cities.models import City


class Stock(models.Model):
    """How many reports are in each state now."""

    # The key is the only index and begins with what every read names. No foreign key is checked, for each upsert of a
    # batch would look up its city again. Both hold for all tables of roll-ups below.
    pk = models.CompositePrimaryKey("city", "private", "dim", "key", "status")
    city = models.ForeignKey(City, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    private = models.BooleanField()
    dim = models.CharField(max_length=8)
    key = models.BigIntegerField()
    status = models.CharField(max_length=12)
    n = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.dim} {self.key} {self.status}: {self.n}"


class Flow(models.Model):
    """How many reports came in and how many were resolved on a day; a dispute takes its resolution back."""

    pk = models.CompositePrimaryKey("city", "private", "dim", "day", "key")
    city = models.ForeignKey(City, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    private = models.BooleanField()
    dim = models.CharField(max_length=8)
    day = models.DateField()
    key = models.BigIntegerField()
    received = models.IntegerField()
    resolved = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.dim} {self.key}: {self.received} in, {self.resolved} out"


class Duration(models.Model):
    """How many resolutions of a day took how long: see `durations` for what a bucket is."""

    pk = models.CompositePrimaryKey("city", "private", "day", "agency", "bucket")
    city = models.ForeignKey(City, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    private = models.BooleanField()
    day = models.DateField()
    agency = models.BigIntegerField()
    bucket = models.SmallIntegerField()
    n = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.day} agency {self.agency} bucket {self.bucket}: {self.n}"


class Due(models.Model):
    """How many open reports are due on a day; rows that become empty are deleted.

    The same by month, for old backlogs: `dim` then ends in `:m` and `day` is the month's first. No categories.
    """

    pk = models.CompositePrimaryKey("city", "private", "dim", "day", "key")
    city = models.ForeignKey(City, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    private = models.BooleanField()
    dim = models.CharField(max_length=8)
    day = models.DateField()
    key = models.BigIntegerField()
    n = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.dim} {self.key}: {self.n}"


class National(models.Model):
    """A city's public tally by colour: readable without its scope, for it is what everybody may know."""

    city = models.OneToOneField(City, models.PROTECT, primary_key=True, db_constraint=False, related_name="+")
    red = models.IntegerField()
    yellow = models.IntegerField()
    green = models.IntegerField()
    grey = models.IntegerField()
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"tally of city {self.city_id}"


class NationalDay(models.Model):
    """Public reports that came in and were resolved in a city on a day; readable without its scope."""

    pk = models.CompositePrimaryKey("city", "day")
    day = models.DateField()
    city = models.ForeignKey(City, models.PROTECT, db_index=False, db_constraint=False, related_name="+")
    received = models.IntegerField()
    resolved = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.day} city {self.city_id}: {self.received} in, {self.resolved} out"


class BriefReader(models.Model):
    """Somebody who wants the weekly brief by mail."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    since = models.DateTimeField()

    # Row-level security shows a city its own readers only: somebody may read the briefs of two cities.
    class Meta:
        constraints = [models.UniqueConstraint(fields=("city", "user"), name="dashboard_briefreader_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in city {self.city_id}"
