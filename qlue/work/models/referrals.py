"""Questions to authorities outside the city, which answer through a link."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from qlue.cities.models import City, Outside
from qlue.reports.models import Report
from qlue.work.states import ReferralState


class ExternalReferral(models.Model):
    """A question to an authority outside, answered through a link that nobody needs an account for.

    The link is made of `uuid` and a keyed hash, so no row holds it; a greater `turn` makes the former link void.
    `opened_at`: when the link was opened first, which changes nothing else. `email`: where the link is sent to; ""
    sends nothing. `reminded_at`: when this turn's reminder was due. `words`: what is asked of the authority.
    """

    WAITING = (ReferralState.ASKED, ReferralState.ACCEPTED)

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, db_index=False, related_name="+")
    outside = models.ForeignKey(Outside, models.PROTECT, db_index=False, related_name="+")
    # Half of the link; the other half is computed, so that a copy of the table opens nothing.
    uuid = models.UUIDField(unique=True)
    turn = models.PositiveSmallIntegerField(default=1)
    email = models.EmailField(blank=True, default="", db_default="")
    state = models.CharField(max_length=12, choices=ReferralState)
    words = models.TextField()
    answer = models.TextField(blank=True, default="", db_default="")
    # As they call themselves; nobody has signed in, so nothing vouches for it.
    answered_as = models.CharField(max_length=100, blank=True, default="", db_default="")
    photos = models.JSONField(default=list)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "work_outsideask"
        # With two open links to one authority, two answers could contradict each other.
        constraints = [
            models.UniqueConstraint(
                "city", "report", "outside", condition=Q(state__in=("asked", "accepted")), name="work_outside_one_open"
            )
        ]
        indexes = [
            models.Index("city", "report", name="work_outside_report"),
            models.Index("city", "expires_at", condition=Q(state__in=("asked", "accepted")), name="work_outside_due"),
        ]

    def __str__(self) -> str:
        return f"referral {self.uuid} of report {self.report_id}"
