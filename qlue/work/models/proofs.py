"""The proof of a finished job as it was judged on arrival, and what a supervisor made of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from qlue.cities.models import City
from qlue.reports.models import Report
from qlue.work.models.orders import Order
from qlue.work.states import ProofState


class Proof(models.Model):
    """`flags` are keys of `proof.flags.FLAG_LABELS`: signals, not verdicts. `code` is what the photo was to show.

    `lon`/`lat`: where the phone said that the photo was taken, in degrees; kept for a while to recognise a person who
    always sends the same spot. `metres`: how far that is from the report. `likeness`: the least hash distance to a
    photo of before, in bits of 64. `twin`: the report whose photo this one looks like. `scene`: in how many places the
    photos of before and after agree. `waited`: seconds between the button and the arrival.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, db_index=False, related_name="+")
    order = models.ForeignKey(Order, models.CASCADE, null=True, db_index=False, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    uuid = models.UUIDField()
    # Uuids, copied: the photos themselves change their kind when an order is approved.
    photos = models.JSONField(default=list)
    words = models.TextField(blank=True)
    challenge = models.CharField(max_length=32, null=True)
    code = models.CharField(max_length=8, blank=True)
    taken_at = models.DateTimeField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    metres = models.IntegerField(null=True)
    likeness = models.SmallIntegerField(null=True)
    twin = models.BigIntegerField(null=True)
    scene = models.SmallIntegerField(null=True)
    waited = models.IntegerField(default=0)
    flags = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=ProofState)
    created_at = models.DateTimeField()
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+")
    review_words = models.TextField(blank=True, default="", db_default="")
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # The form's own uuid: a phone that did not hear the answer sends again.
            models.UniqueConstraint("city", "user", "uuid", name="work_proof_once"),
            # A code proves one photo: whoever sends it a second time gets a flag, and this keeps races out.
            models.UniqueConstraint(
                "city", "challenge", condition=Q(challenge__isnull=False), name="work_proof_challenge"
            ),
        ]
        indexes = [
            models.Index("city", "report", name="work_proof_report"),
            models.Index("city", "user", F("created_at").desc(), name="work_proof_person"),
            models.Index("city", "state", F("created_at").desc(), name="work_proof_state"),
        ]

    def __str__(self) -> str:
        return f"proof of report {self.report_id}"
