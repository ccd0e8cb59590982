"""The connections to providers, and how each of them does."""

from django.db import models

from qlue.cities.models import City


class ChannelAccount(models.Model):
    """A city's account with a provider. `kind`: a key of `providers.PROVIDERS`; `sealed`: its secrets (`kit.seal`)."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=16)
    settings = models.JSONField(default=dict)  # what may be shown again, by name of the field
    sealed = models.BinaryField(default=b"")
    active = models.BooleanField(default=True)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "channels_line"
        constraints = [models.UniqueConstraint(fields=("city", "kind"), name="channels_line_once")]

    def __str__(self) -> str:
        return self.kind


class ChannelHealth(models.Model):
    """How sending through an account goes. While `rests_until` lies ahead nothing is sent: the provider is down."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=16)
    failures = models.IntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, default="")
    last_good = models.DateTimeField(null=True)

    class Meta:
        db_table = "channels_linehealth"
        constraints = [models.UniqueConstraint(fields=("city", "kind"), name="channels_linehealth_once")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.failures}"


class RefusedRequest(models.Model):
    """How often a day a request to a webhook was turned away: a wrong signature, a repeat, too large."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=16)
    reason = models.CharField(max_length=20)
    day = models.DateField()  # by the city's clock
    n = models.IntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        db_table = "channels_refusal"
        constraints = [models.UniqueConstraint(fields=("city", "kind", "reason", "day"), name="channels_refusal_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reason}: {self.n}"
