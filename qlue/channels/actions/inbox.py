"""What comes in: stored raw and acknowledged, parsed by a job, quarantined where it cannot be understood."""

import logging
from datetime import timedelta
from hashlib import sha256

import msgspec
from django.db import transaction
from procrastinate.contrib.django import app

from qlue.channels.actions.accounts import count_refusal, notify_desks
from qlue.channels.actions.calls import record_call_event
from qlue.channels.actions.outbox import apply_receipt
from qlue.channels.models import Inbound, RawWebhook
from qlue.channels.providers import PROVIDERS
from qlue.channels.providers.contract import IncomingMessage, UnreadablePayload, WebhookContent, WebhookRequest
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import fetch_all, fetch_value
from qlue.kit.text import one_line

# The queue holds jobs by these names, so jobs keep them through all renaming.
PARSE_JOB = "qlue.channels.jobs.read_envelope"
ANSWER_JOB = "qlue.channels.jobs.answer"
STALE_AFTER = timedelta(minutes=5)
SECRET_FIELDS = ("key",)  # ours, in the query of those who can send no header
log = logging.getLogger(__name__)

STORE_WEBHOOK = """
INSERT INTO channels_envelope AS e (city_id, kind, digest, query, body, received_at, seen, state, fault)
VALUES (%s, %s, %s, %s, %s, %s, 1, 'new', '')
ON CONFLICT (city_id, kind, digest) DO UPDATE SET seen = e.seen + 1 RETURNING id, seen
"""


def store_webhook(city: CityFacts, kind: str, request: WebhookRequest) -> int:
    """Stores a verified request; the very same bytes again are only counted. Acknowledge after this has committed."""
    # The digest leaves our key out: a repeat is a repeat also after the key was changed.
    query = _without_secrets(request.query)
    digest = sha256(b"\0".join((query.encode("utf-8", "replace"), request.body))).hexdigest()
    with transaction.atomic():
        values = [city.id, kind, digest, one_line(query), request.body, now()]
        webhook_id, times_received = fetch_all(STORE_WEBHOOK, values)[0]
        if times_received == 1:
            app.configure_task(PARSE_JOB, allow_unknown=False).defer(city_id=city.id, number=webhook_id)
        else:
            count_refusal(city, kind, "repeated")
    return int(webhook_id)


def _without_secrets(query: str) -> str:
    """The query without our own key. The other parts stay as they came: their bytes may be in any charset."""
    names = {part: part.partition("=")[0] for part in query.split("&")}
    return "&".join(part for part, name in names.items() if name not in SECRET_FIELDS)


def parse_webhook(city: CityFacts, webhook_id: int) -> WebhookContent | None:
    """Parses a stored request; None when that was done already. In the city's scope, once or many times."""
    with transaction.atomic():
        webhook = RawWebhook.objects.select_for_update().filter(city_id=city.id, id=webhook_id).first()
        if webhook is None or webhook.state not in ("new", "quarantine"):
            return None
        content, webhook.fault = _parse_content(webhook)
        senders = _store_content(city, webhook, content)
        webhook.state = "quarantine" if webhook.fault else "done"
        webhook.save(update_fields=["state", "fault"])
        for sender in sorted(senders):
            schedule_answer(city, webhook.kind, sender)
        notify_desks(city)
    return content


def _parse_content(webhook: RawWebhook) -> tuple[WebhookContent, str]:
    """What the provider's module reads, and in words what it could not."""
    try:
        content = PROVIDERS[webhook.kind].parse(webhook.query, bytes(webhook.body))
    except UnreadablePayload as error:
        return WebhookContent(), str(error)[:300]
    except Exception as error:  # whatever a stranger thought of: it is kept, and nothing else waits for it
        log.exception("envelope %s of %s cannot be read", webhook.pk, webhook.kind)
        return WebhookContent(), f"{type(error).__name__}"
    return content, "; ".join(content.faults)[:300]


def _store_content(city: CityFacts, webhook: RawWebhook, content: WebhookContent) -> set[str]:
    rows = [_inbound_row(city, webhook, message) for message in content.messages]
    # Providers deliver at least once; the unique provider_id drops what is there already.
    Inbound.objects.bulk_create(rows, ignore_conflicts=True)
    for receipt in content.receipts:
        if not apply_receipt(city, webhook.kind, receipt):
            count_refusal(city, webhook.kind, "unknown-receipt")
    for event in content.calls:
        record_call_event(city, event)
    return {message.sender for message in content.messages}


def _inbound_row(city: CityFacts, webhook: RawWebhook, message: IncomingMessage) -> Inbound:
    return Inbound(
        city_id=city.id,
        kind=webhook.kind,
        provider_id=message.id,
        envelope_id=webhook.pk,
        sender=message.sender,
        body=msgspec.to_builtins(message),
        sent_at=message.at,
        received_at=webhook.received_at,
    )


def schedule_answer(city: CityFacts, kind: str, sender: str) -> None:
    """Defers a job that answers this person; the lock makes such jobs run one after the other."""
    # Hashed: whoever may look into the queue need not learn telephone numbers.
    lock = sha256(f"{city.id}:{kind}:{sender}".encode()).hexdigest()[:32]
    job = app.configure_task(ANSWER_JOB, allow_unknown=False, lock=lock)
    job.defer(city_id=city.id, kind=kind, number=_newest_message_id(city, kind, sender))


def _newest_message_id(city: CityFacts, kind: str, sender: str) -> int:
    """Names the person to the job by a message of theirs: the queue holds no telephone numbers."""
    sql = "SELECT max(id) FROM channels_inbound WHERE city_id = %s AND kind = %s AND sender = %s"
    return int(fetch_value(sql, [city.id, kind, sender]) or 0)


STALE_SENDERS = """
SELECT DISTINCT kind, sender FROM channels_inbound
WHERE city_id = %s AND state = 'new' AND received_at < now() - interval '5 minutes' AND sender <> '' LIMIT 200
"""


def reschedule_stale(city: CityFacts) -> int:
    """Defers new jobs for what has waited longer than a job lasts; returns how many. Jobs can be lost by a crash."""
    stale = RawWebhook.objects.filter(city_id=city.id, state="new", received_at__lt=now() - STALE_AFTER)
    webhook_ids = list(stale.order_by("id").values_list("id", flat=True)[:200])
    senders = fetch_all(STALE_SENDERS, [city.id])
    with transaction.atomic():
        for webhook_id in webhook_ids:
            app.configure_task(PARSE_JOB, allow_unknown=False).defer(city_id=city.id, number=webhook_id)
        for kind, sender in senders:
            schedule_answer(city, kind, sender)
    return len(webhook_ids) + len(senders)


def parse_again(city: CityFacts, webhook_id: int) -> bool:
    """An operator wants a quarantined request parsed once more. True when it is understood now."""
    parse_webhook(city, webhook_id)
    return RawWebhook.objects.filter(city_id=city.id, id=webhook_id, state="done").exists()


def answer_again(city: CityFacts, inbound_id: int) -> None:
    """An operator wants a quarantined message answered once more."""
    with transaction.atomic():
        inbound = Inbound.objects.select_for_update().filter(city_id=city.id, id=inbound_id, state="quarantine").first()
        if inbound:
            inbound.state, inbound.fault = "new", ""
            inbound.save(update_fields=["state", "fault"])
            schedule_answer(city, inbound.kind, inbound.sender)


def ignore_quarantined(city: CityFacts, model: type[RawWebhook] | type[Inbound], row_id: int) -> None:
    """An operator leaves a quarantined row aside: it stays, but no longer counts as waiting."""
    model.objects.filter(city_id=city.id, id=row_id, state="quarantine").update(state="ignored")
