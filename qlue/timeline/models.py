"""What happened, to what, by whom, when: rows are added and never changed."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from qlue.cities.models import City


class Event(models.Model):
    """One change, written in the transaction that makes it.

    Only `record_event()` writes here, so the foreign keys go without the check that would lock the city's row.
    The column `xid` (the writing transaction, for followers) is added by SQL: Django has no type for it.
    """

    city = models.ForeignKey(City, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=40)
    report_id = models.BigIntegerField(null=True)  # no foreign key: the room of reports stands above this one
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, db_constraint=False, related_name="+"
    )
    actor_role = models.CharField(max_length=20, default="", db_default="")
    public = models.BooleanField(default=True, db_default=True)
    data = models.JSONField(default=dict)

    class Meta:
        # The table's name stands in functions and policies of the database, and in code of running older versions.
        db_table = "timeline_happening"
        indexes = [models.Index("city", "report_id", "id", name="happening_report")]


class Follower(models.Model):
    """How far one reader of the timeline has come: transaction id, then row id."""

    name = models.CharField(max_length=40, primary_key=True)
    xid = models.BigIntegerField(default=0, db_default=0)
    last_id = models.BigIntegerField(default=0, db_default=0)
    moved_at = models.DateTimeField(db_default=Now())
