"""What comes in: stored raw and answered, read by a job, kept aside where nobody understands it."""

import logging
from datetime import timedelta
from hashlib import sha256

import msgspec
from django.db import transaction
from procrastinate.contrib.django import app

from qlue.channels.actions.calls import take_call
from qlue.channels.actions.lines import refuse, wake
from qlue.channels.actions.outbox import take_receipt
from qlue.channels.models import Envelope, Inbound
from qlue.channels.wires import KINDS
from qlue.channels.wires.contract import Message, Parsed, Raw, Unreadable
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import fetch_all, fetch_value
from qlue.reports.actions.text import one_line

READ = "qlue.channels.jobs.read_envelope"
ANSWER = "qlue.channels.jobs.answer"
PICK_UP_AFTER = timedelta(minutes=5)
SECRET_FIELDS = ("key",)  # ours, in the query of those who can send no header
log = logging.getLogger(__name__)

RECEIVE = """
INSERT INTO channels_envelope AS e (city_id, kind, digest, query, body, received_at, seen, state, fault)
VALUES (%s, %s, %s, %s, %s, %s, 1, 'new', '')
ON CONFLICT (city_id, kind, digest) DO UPDATE SET seen = e.seen + 1 RETURNING id, seen
"""


def receive(city: CityFacts, kind: str, raw: Raw) -> int:
    """Keeps a genuine request; the very same bytes again are only counted. Acknowledge after this has committed."""
    query = _without_secrets(raw.query)
    digest = sha256(b"\0".join((query.encode("utf-8", "replace"), raw.body))).hexdigest()
    with transaction.atomic():
        number, seen = fetch_all(RECEIVE, [city.id, kind, digest, one_line(query), raw.body, now()])[0]
        if seen == 1:
            app.configure_task(READ, allow_unknown=False).defer(city_id=city.id, number=number)
        else:
            refuse(city, kind, "repeated")
    return int(number)


def _without_secrets(query: str) -> str:
    """Parts are left as they came, for their bytes may be in any charset."""
    names = {part: part.partition("=")[0] for part in query.split("&")}
    return "&".join(part for part, name in names.items() if name not in SECRET_FIELDS)


def read_envelope(city: CityFacts, number: int) -> Parsed | None:
    """Reads what came; None when there is nothing (left) to read. In the city's scope, once or many times."""
    with transaction.atomic():
        found = Envelope.objects.select_for_update().filter(city_id=city.id, id=number).first()
        if found is None or found.state not in ("new", "quarantine"):
            return None
        parsed, found.fault = _parsed(found)
        senders = _take(city, found, parsed)
        found.state = "quarantine" if found.fault else "done"
        found.save(update_fields=["state", "fault"])
        for sender in sorted(senders):
            answer_later(city, found.kind, sender)
        wake(city)
    return parsed


def _parsed(found: Envelope) -> tuple[Parsed, str]:
    """What the wire reads, and what it could not."""
    try:
        parsed: Parsed = KINDS[found.kind].parse(found.query, bytes(found.body))
    except Unreadable as error:
        return Parsed(), str(error)[:300]
    except Exception as error:  # whatever a stranger thought of: it is kept, and nothing else waits for it
        log.exception("envelope %s of %s cannot be read", found.pk, found.kind)
        return Parsed(), f"{type(error).__name__}"
    return parsed, "; ".join(parsed.faults)[:300]


def _take(city: CityFacts, found: Envelope, parsed: Parsed) -> set[str]:
    fresh = [_inbound(city, found, message) for message in parsed.messages]
    Inbound.objects.bulk_create(fresh, ignore_conflicts=True)
    for receipt in parsed.receipts:
        if not take_receipt(city, found.kind, receipt):
            refuse(city, found.kind, "unknown-receipt")
    for event in parsed.calls:
        take_call(city, event)
    return {message.sender for message in parsed.messages}


def _inbound(city: CityFacts, found: Envelope, message: Message) -> Inbound:
    return Inbound(
        city_id=city.id,
        kind=found.kind,
        provider_id=message.id,
        envelope_id=found.pk,
        sender=message.sender,
        body=msgspec.to_builtins(message),
        sent_at=message.at,
        received_at=found.received_at,
    )


def answer_later(city: CityFacts, kind: str, sender: str) -> None:
    """One person's messages are answered in a row; the lock is no number that the queue would show."""
    lock = sha256(f"{city.id}:{kind}:{sender}".encode()).hexdigest()[:32]
    job = app.configure_task(ANSWER, allow_unknown=False, lock=lock)
    job.defer(city_id=city.id, kind=kind, number=_newest(city, kind, sender))


def _newest(city: CityFacts, kind: str, sender: str) -> int:
    """The id of some message of this person: the queue is told no telephone numbers."""
    sql = "SELECT max(id) FROM channels_inbound WHERE city_id = %s AND kind = %s AND sender = %s"
    return int(fetch_value(sql, [city.id, kind, sender]) or 0)


LEFT = """
SELECT DISTINCT kind, sender FROM channels_inbound
WHERE city_id = %s AND state = 'new' AND received_at < now() - interval '5 minutes' AND sender <> '' LIMIT 200
"""


def pick_up(city: CityFacts) -> int:
    """What waits for longer than its job can have lasted gets a new one; returns how many jobs that were."""
    waiting = Envelope.objects.filter(city_id=city.id, state="new", received_at__lt=now() - PICK_UP_AFTER)
    envelopes = list(waiting.order_by("id").values_list("id", flat=True)[:200])
    people = fetch_all(LEFT, [city.id])
    with transaction.atomic():
        for number in envelopes:
            app.configure_task(READ, allow_unknown=False).defer(city_id=city.id, number=number)
        for kind, sender in people:
            answer_later(city, kind, sender)
    return len(envelopes) + len(people)


def read_again(city: CityFacts, number: int) -> bool:
    """A person says: try to read this envelope once more. True when it is understood now."""
    read_envelope(city, number)
    return Envelope.objects.filter(city_id=city.id, id=number, state="done").exists()


def answer_again(city: CityFacts, number: int) -> None:
    """A person says: try to answer this message once more."""
    with transaction.atomic():
        found = Inbound.objects.select_for_update().filter(city_id=city.id, id=number, state="quarantine").first()
        if found:
            found.state, found.fault = "new", ""
            found.save(update_fields=["state", "fault"])
            answer_later(city, found.kind, found.sender)


def drop(city: CityFacts, model: type[Envelope] | type[Inbound], number: int) -> None:
    """A person says: this is nothing. It stays, but no longer waits for anybody."""
    model.objects.filter(city_id=city.id, id=number, state="quarantine").update(state="ignored")
