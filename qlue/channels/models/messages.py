"""Messages that came in, messages that go out, and the dialogues between."""

from django.db import models
from django.db.models import F, Q

from qlue.cities.models import City
from qlue.reports.models import Report

IN_STATES = ("new", "done", "ignored", "quarantine")
OUT_STATES = ("queued", "sending", "failed_for_now", "sent", "delivered", "read", "gave_up")
UNSENT = ("queued", "sending", "failed_for_now")


class RawWebhook(models.Model):
    """A provider's request, byte for byte, before it is parsed. `digest`: SHA-256 of query and body.

    `seen` counts how often the very same bytes came. `query` is stored without our own key.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=16)
    digest = models.CharField(max_length=64)
    query = models.TextField(default="", blank=True)
    body = models.BinaryField(default=b"")
    received_at = models.DateTimeField()
    seen = models.IntegerField(default=1)
    state = models.CharField(max_length=12, default="new", choices=[(state, state) for state in IN_STATES])
    fault = models.CharField(max_length=300, default="", blank=True)  # why it lies in quarantine

    class Meta:
        db_table = "channels_envelope"
        constraints = [models.UniqueConstraint(fields=("city", "kind", "digest"), name="channels_envelope_once")]
        indexes = [
            # Partial indexes on the states that are looked for: nearly all rows are done, sent or delivered.
            models.Index("city", F("id").desc(), condition=Q(state="quarantine"), name="channels_envelope_bad"),
            models.Index("city", "received_at", name="channels_envelope_old"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Inbound(models.Model):
    """One message of one person. `body` is a `providers.contract.IncomingMessage`.

    The unique `provider_id` makes a repeat harmless.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=16)
    provider_id = models.CharField(max_length=200)
    envelope = models.ForeignKey(RawWebhook, models.SET_NULL, null=True, related_name="+")
    sender = models.CharField(max_length=64)
    body = models.JSONField()
    sent_at = models.DateTimeField()  # by the provider's clock, which gives the order
    received_at = models.DateTimeField()
    state = models.CharField(max_length=12, default="new", choices=[(state, state) for state in IN_STATES])
    fault = models.CharField(max_length=300, default="", blank=True)
    report = models.ForeignKey(Report, models.SET_NULL, null=True, db_index=False, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("city", "kind", "provider_id"), name="channels_inbound_once")]
        indexes = [
            models.Index("city", F("id").desc(), name="channels_inbound_newest"),
            models.Index("city", "kind", "sender", condition=Q(state="new"), name="channels_inbound_new"),
            models.Index("city", F("id").desc(), condition=Q(state="quarantine"), name="channels_inbound_bad"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.provider_id}"


class Outbound(models.Model):
    """One message to one person, written in the transaction of its cause. `key` names the cause, so it is written once.

    `uuid` is the id that providers get from us and give back in receipts. `body`: `providers.contract.OutgoingMessage`.
    `next_at` is when to try (again); while it is being sent, when it counts as interrupted.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    key = models.CharField(max_length=200)
    uuid = models.UUIDField(unique=True)
    kind = models.CharField(max_length=16)
    address = models.CharField(max_length=1000)
    body = models.JSONField()
    report = models.ForeignKey(Report, models.SET_NULL, null=True, db_index=False, related_name="+")
    state = models.CharField(max_length=14, default="queued", choices=[(state, state) for state in OUT_STATES])
    tries = models.IntegerField(default=0)
    error = models.CharField(max_length=300, default="", blank=True)
    provider_id = models.CharField(max_length=200, default="", blank=True)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("city", "key"), name="channels_outbound_once")]
        indexes = [
            models.Index("city", "kind", "next_at", condition=Q(state__in=UNSENT), name="channels_outbound_due"),
            models.Index("city", F("id").desc(), name="channels_outbound_newest"),
            models.Index(
                "city", "kind", "provider_id", condition=~Q(provider_id=""), name="channels_outbound_provider"
            ),
            models.Index("city", F("id").desc(), condition=Q(state="gave_up"), name="channels_outbound_lost"),
        ]

    def __str__(self) -> str:
        return self.key


class Conversation(models.Model):
    """Where the dialogue with one person stands: `state` is a `dialogue.state.DialogueState`."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    kind = models.CharField(max_length=16)
    address = models.CharField(max_length=64)
    state = models.JSONField(default=dict)
    heard_at = models.DateTimeField()  # the person's last message, for WhatsApp's window of 24 hours

    class Meta:
        constraints = [models.UniqueConstraint(fields=("city", "kind", "address"), name="channels_conversation_once")]

    def __str__(self) -> str:
        return self.kind


ROLES = ("reporter", "merged", "watcher")


class Subscriber(models.Model):
    """An address that gets the news of a report; `extra` holds the keys of a browser's push.

    `role`: who reported it; who reported a duplicate of it (`came_from`); or a watcher, who did not report. The last
    two hear of public reports only and never get the secret link. `waits`: a mailbox that has not confirmed yet.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    report = models.ForeignKey(Report, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16)
    address = models.CharField(max_length=1000)
    extra = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    role = models.CharField(
        max_length=8, default="reporter", db_default="reporter", choices=[(role, role) for role in ROLES]
    )
    waits = models.BooleanField(default=False, db_default=False)
    came_from = models.ForeignKey(Report, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("city", "report", "kind", "address"), name="channels_subscriber_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} for report {self.report_id}"
