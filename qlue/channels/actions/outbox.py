"""The outbox: a row in the transaction of its cause, then tried until the provider has it or days have passed.

At least once: what may or may not have been accepted waits for a receipt with our id before it is sent again, so two
copies reach somebody only where the provider accepted, its answer was lost, and no receipt came (docs/decisions/0028).
"""

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.urls import reverse
from procrastinate.contrib.django import app

from qlue.channels.actions.accounts import notify_desks, record_failure, record_success
from qlue.channels.providers import PROVIDERS
from qlue.channels.providers.contract import (
    PLACEHOLDER,
    Delivery,
    DeliveryUncertain,
    MessageNotSent,
    MessageRejected,
    OutgoingMessage,
    Receipt,
    plausible_time,
)
from qlue.channels.queries.accounts import account_of
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.kit.ids import uuid7
from qlue.kit.seal import UnsealError, unseal

DELIVER_JOB = "qlue.channels.jobs.deliver"
GIVE_UP_AFTER = timedelta(days=5)  # then a person has to look at it
LEASE = timedelta(minutes=5)  # a message that is being sent for longer was interrupted
RECEIPT_GRACE = timedelta(minutes=15)  # for a receipt, before something doubtful is sent again
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=6)
REPLY_WINDOW = timedelta(hours=24)  # of WhatsApp: later than that after a person's last message only templates go
_random = random.Random()  # noqa: S311 - jitter
log = logging.getLogger(__name__)

INSERT_OUTBOUND = """
INSERT INTO channels_outbound (city_id, key, uuid, kind, address, body, report_id, state, tries, error, provider_id,
    created_at, next_at, give_up_at)
VALUES (%(city)s, %(key)s, %(uuid)s, %(kind)s, %(address)s, %(body)s::jsonb, %(report)s, 'queued', 0, '', '',
    %(at)s, %(at)s, %(end)s)
ON CONFLICT (city_id, key) DO NOTHING RETURNING id
"""


def queue_message(
    city: CityFacts,
    *,
    key: str,
    kind: str,
    address: str,
    message: OutgoingMessage,
    report_id: int | None = None,
    at: datetime | None = None,
) -> int | None:
    """Writes a message into the outbox; None when it is there already. In its cause's transaction and city's scope."""
    at = at or now()
    values = {"city": city.id, "key": key[:200], "uuid": uuid7(), "kind": kind, "address": address, "at": at}
    values |= {"body": msgspec.json.encode(message).decode(), "report": report_id, "end": at + GIVE_UP_AFTER}
    outbound_id: int | None = fetch_value(INSERT_OUTBOUND, values)
    if outbound_id is not None:
        # The lock keeps the messages of one account in order, and a slow provider to one worker.
        job = app.configure_task(DELIVER_JOB, allow_unknown=False, lock=f"line:{city.id}:{kind}")
        job.defer(city_id=city.id, number=outbound_id)
    return outbound_id


# One statement takes the message and says until when: two workers cannot take it both, and one that dies gives it back.
CLAIM = """
UPDATE channels_outbound o SET state = 'sending', tries = tries + 1, next_at = %(lease)s
WHERE city_id = %(city)s AND id = %(id)s AND state IN ('queued', 'failed_for_now') AND next_at <= %(at)s
    AND NOT EXISTS (SELECT FROM channels_linehealth h
        WHERE h.city_id = o.city_id AND h.kind = o.kind AND h.rests_until > %(at)s)
RETURNING id, uuid, kind, address, body::text, tries, give_up_at,
    (SELECT heard_at FROM channels_conversation c
     WHERE c.city_id = o.city_id AND c.kind = o.kind AND c.address = o.address)
"""


@dataclass(frozen=True)
class ClaimedMessage:
    """A message that this process is sending."""

    id: int
    uuid: UUID
    kind: str
    address: str
    body: str
    tries: int
    give_up_at: datetime
    heard_at: datetime | None


def deliver_message(
    city: CityFacts, outbound_id: int, at: datetime | None = None, random_source: random.Random = _random
) -> str:
    """Tries once to send one message; "" when it was not its turn, else its state afterwards.

    Not in a transaction: what the provider has accepted cannot be rolled back.
    """
    at = at or now()
    rows = fetch_all(CLAIM, {"city": city.id, "id": outbound_id, "at": at, "lease": at + LEASE})
    if not rows:
        return ""
    message = ClaimedMessage(*rows[0])
    try:
        provider_id = _send_claimed(city, message, at)
    except (MessageNotSent, DeliveryUncertain) as error:
        return _record_retry(city, message, error, at, random_source)
    except MessageRejected as error:
        return _record_rejection(city, message, error, at)
    except Exception as error:  # an answer that nobody foresaw; the message may have been accepted
        log.exception("message %s could not be sent", outbound_id)
        return _record_retry(city, message, DeliveryUncertain(f"{type(error).__name__}: {error}"), at, random_source)
    record_success(city.id, message.kind, at)
    execute(MARK_SENT, {"city": city.id, "id": outbound_id, "provider": provider_id, "at": at})
    return "sent"


def _send_claimed(city: CityFacts, message: ClaimedMessage, at: datetime) -> str:
    account = account_of(city, message.kind)
    if account is None:
        raise MessageNotSent("this line is not connected")
    within_day = message.heard_at is not None and at - message.heard_at < REPLY_WINDOW
    content = _with_sealed_text(msgspec.json.decode(message.body, type=OutgoingMessage))
    delivery = Delivery(str(message.uuid), message.address, content, webhook_url(city, message.kind), within_day)
    return PROVIDERS[message.kind].send(account, delivery)


def _with_sealed_text(message: OutgoingMessage) -> OutgoingMessage:
    """The message with the text that only its recipient may read."""
    if not message.sealed:
        return message
    try:
        sealed_text = unseal(message.sealed.encode())
    except UnsealError as error:
        raise MessageRejected("sealed under another key") from error
    return msgspec.structs.replace(message, text=message.text.replace(PLACEHOLDER, sealed_text), sealed="")


def webhook_url(city: CityFacts, kind: str) -> str:
    """Where the provider reports what became of a message, and what people write."""
    path = reverse("webhook", kwargs={"city_slug": city.slug, "kind": kind})
    return f"{str(settings.PUBLIC_URL).rstrip('/')}{path}"


# A receipt may have been faster than the answer: then the message already is more than sent.
MARK_SENT = """
UPDATE channels_outbound SET state = CASE WHEN state = 'sending' THEN 'sent' ELSE state END,
    provider_id = CASE WHEN %(provider)s = '' THEN provider_id ELSE %(provider)s END,
    sent_at = coalesce(sent_at, %(at)s), error = ''
WHERE city_id = %(city)s AND id = %(id)s
"""
MARK_FAILED = """
UPDATE channels_outbound SET state = %(state)s, next_at = %(next)s, error = %(error)s
WHERE city_id = %(city)s AND id = %(id)s AND state = 'sending'
"""


def _record_retry(
    city: CityFacts,
    message: ClaimedMessage,
    error: MessageNotSent | DeliveryUncertain,
    at: datetime,
    random_source: random.Random,
) -> str:
    reason = str(error)[:300] or type(error).__name__
    record_failure(city.id, message.kind, reason, at, random_source)
    pause = backoff(message.tries, random_source)
    # A receipt may still come for what is uncertain; what was not sent waits as long as the provider wants.
    if isinstance(error, DeliveryUncertain):
        pause = max(pause, RECEIPT_GRACE)
    else:
        pause = max(pause, timedelta(seconds=error.retry_after))
    state = "gave_up" if at >= message.give_up_at else "failed_for_now"
    execute(MARK_FAILED, {"city": city.id, "id": message.id, "state": state, "next": at + pause, "error": reason})
    notify_desks(city)
    return state


def _record_rejection(city: CityFacts, message: ClaimedMessage, error: MessageRejected, at: datetime) -> str:
    record_success(city.id, message.kind, at)  # the provider works, this message does not
    execute(MARK_FAILED, {"city": city.id, "id": message.id, "state": "gave_up", "next": at, "error": str(error)[:300]})
    notify_desks(city)
    # The browser or chat has ended for every report, so nothing more is queued for it.
    if error.address_gone:
        for table in ("channels_subscriber", "channels_reach"):
            forget = f"DELETE FROM {table} WHERE city_id = %s AND kind = %s AND address = %s"  # noqa: S608 - ours
            execute(forget, [city.id, message.kind, message.address])
    return "gave_up"


def backoff(tries: int, random_source: random.Random) -> timedelta:
    """Half a minute, twice as long each time, at most six hours; a quarter more or less, so that no crowd forms."""
    pause: timedelta = FIRST_PAUSE * 2 ** min(tries - 1, 12)
    return min(pause, LONGEST_PAUSE) * random_source.uniform(0.75, 1.25)


MARK_INTERRUPTED = """
UPDATE channels_outbound SET state = 'failed_for_now', next_at = %(next)s, error = 'interrupted while being sent'
WHERE city_id = %(city)s AND state = 'sending' AND next_at <= %(at)s
"""
GIVE_UP_OLD = """
UPDATE channels_outbound SET state = 'gave_up', error = CASE WHEN error = '' THEN 'never its turn' ELSE error END
WHERE city_id = %(city)s AND state IN ('queued', 'failed_for_now') AND give_up_at <= %(at)s
"""
# So many of each account: a flood through one of them must not keep the others waiting.
DUE = """
SELECT kind, id FROM (
    SELECT o.kind, o.id, row_number() OVER (PARTITION BY o.kind ORDER BY o.id) AS place FROM channels_outbound o
    WHERE o.city_id = %(city)s AND o.state IN ('queued', 'failed_for_now') AND o.next_at <= %(at)s
        AND NOT EXISTS (SELECT FROM channels_linehealth h
            WHERE h.city_id = o.city_id AND h.kind = o.kind AND h.rests_until > %(at)s)) AS due
WHERE place <= %(most)s ORDER BY kind, id
"""


def due_messages(city: CityFacts, at: datetime | None = None, max_per_kind: int = 300) -> dict[str, list[int]]:
    """Ids of the messages to send now, by kind of account, the oldest first; none of accounts that rest.

    Before that, interrupted messages become uncertain, and those that have waited for days are given up. In the city's
    scope.
    """
    at = at or now()
    execute(MARK_INTERRUPTED, {"city": city.id, "at": at, "next": at + RECEIPT_GRACE})
    execute(GIVE_UP_OLD, {"city": city.id, "at": at})
    ids_by_kind: dict[str, list[int]] = {}
    for kind, outbound_id in fetch_all(DUE, {"city": city.id, "at": at, "most": max_per_kind}):
        ids_by_kind.setdefault(kind, []).append(outbound_id)
    return ids_by_kind


# Receipts come in any order and more than once: a message never goes back, and only what is not delivered can fail.
APPLY_RECEIPT = """
UPDATE channels_outbound SET
    state = CASE WHEN %(rank)s > array_position(ARRAY['sent', 'delivered', 'read'], state::text)
                  OR array_position(ARRAY['sent', 'delivered', 'read'], state::text) IS NULL THEN %(state)s
                 ELSE state END,
    provider_id = CASE WHEN %(provider)s = '' THEN provider_id ELSE %(provider)s END,
    error = '',
    sent_at = coalesce(sent_at, %(at)s),
    delivered_at = CASE WHEN %(rank)s >= 2 THEN coalesce(delivered_at, %(at)s) ELSE delivered_at END,
    read_at = CASE WHEN %(rank)s >= 3 THEN coalesce(read_at, %(at)s) ELSE read_at END
WHERE city_id = %(city)s AND kind = %(kind)s
    AND (uuid = %(uuid)s OR (provider_id = %(provider)s AND %(provider)s <> ''))
"""
APPLY_FAILURE = """
UPDATE channels_outbound SET state = CASE WHEN state IN ('delivered', 'read') THEN state ELSE 'gave_up' END,
    error = CASE WHEN state IN ('delivered', 'read') THEN error ELSE %(error)s END
WHERE city_id = %(city)s AND kind = %(kind)s
    AND (uuid = %(uuid)s OR (provider_id = %(provider)s AND %(provider)s <> ''))
"""
RECEIPT_RANKS = {"sent": 1, "delivered": 2, "read": 3}


def apply_receipt(city: CityFacts, kind: str, receipt: Receipt) -> bool:
    """What the provider says became of a message of ours; False for one that we do not know."""
    values: dict[str, Any] = {"city": city.id, "kind": kind, "uuid": _parse_uuid(receipt.own_id)}
    values["at"] = plausible_time(receipt.at, now())
    values |= {"provider": receipt.provider_id[:200]}
    if receipt.state == "failed":
        return execute(APPLY_FAILURE, values | {"error": (receipt.error or "not delivered")[:300]}) > 0
    return execute(APPLY_RECEIPT, values | {"state": receipt.state, "rank": RECEIPT_RANKS[receipt.state]}) > 0


def _parse_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


QUEUE_AGAIN = """
UPDATE channels_outbound SET state = 'queued', next_at = %(at)s, give_up_at = %(end)s
WHERE city_id = %(city)s AND id = ANY(%(ids)s) AND state IN ('gave_up', 'failed_for_now') RETURNING id, kind
"""


def send_again(city: CityFacts, outbound_ids: list[int]) -> int:
    """An operator wants these tried again, with all the time of a new message; returns how many are on their way."""
    at = now()
    rows = fetch_all(QUEUE_AGAIN, {"city": city.id, "ids": outbound_ids, "at": at, "end": at + GIVE_UP_AFTER})
    for outbound_id, kind in rows:
        job = app.configure_task(DELIVER_JOB, allow_unknown=False, lock=f"line:{city.id}:{kind}")
        job.defer(city_id=city.id, number=outbound_id)
    return len(rows)
