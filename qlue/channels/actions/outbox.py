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

from qlue.channels.actions.lines import wake, went_well, went_wrong
from qlue.channels.reading.lines import account_of
from qlue.channels.wires import KINDS
from qlue.channels.wires.contract import VEIL, Letter, NotSent, Outgoing, Receipt, Rejected, Unsure, plausible
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all, fetch_value
from qlue.kit.ids import uuid7
from qlue.kit.seal import Unreadable, unseal

DELIVER = "qlue.channels.jobs.deliver"
PATIENCE = timedelta(days=5)  # then a person has to look at it
LEASE = timedelta(minutes=5)  # a message that is being sent for longer was interrupted
GRACE = timedelta(minutes=15)  # for a receipt, before something doubtful is sent again
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=6)
FRESH = timedelta(hours=24)
_dice = random.Random()  # noqa: S311 - jitter
log = logging.getLogger(__name__)

QUEUE = """
INSERT INTO channels_outbound (city_id, key, uuid, kind, address, body, report_id, state, tries, error, provider_id,
    created_at, next_at, give_up_at)
VALUES (%(city)s, %(key)s, %(uuid)s, %(kind)s, %(address)s, %(body)s::jsonb, %(report)s, 'queued', 0, '', '',
    %(at)s, %(at)s, %(end)s)
ON CONFLICT (city_id, key) DO NOTHING RETURNING id
"""


def queue(
    city: CityFacts,
    *,
    key: str,
    kind: str,
    address: str,
    letter: Letter,
    report_id: int | None = None,
    at: datetime | None = None,
) -> int | None:
    """Writes a message into the outbox; None when it is there already. In its cause's transaction and city's scope."""
    at = at or now()
    values = {"city": city.id, "key": key[:200], "uuid": uuid7(), "kind": kind, "address": address, "at": at}
    values |= {"body": msgspec.json.encode(letter).decode(), "report": report_id, "end": at + PATIENCE}
    number: int | None = fetch_value(QUEUE, values)
    if number is not None:
        job = app.configure_task(DELIVER, allow_unknown=False, lock=f"line:{city.id}:{kind}")
        job.defer(city_id=city.id, number=number)
    return number


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
class Claimed:
    """A message that this process is sending."""

    id: int
    uuid: UUID
    kind: str
    address: str
    body: str
    tries: int
    give_up_at: datetime
    heard_at: datetime | None


def deliver(city: CityFacts, number: int, at: datetime | None = None, dice: random.Random = _dice) -> str:
    """Tries once to send one message; "" when it was not its turn, else its state afterwards. Not in a transaction."""
    at = at or now()
    found = fetch_all(CLAIM, {"city": city.id, "id": number, "at": at, "lease": at + LEASE})
    if not found:
        return ""
    claimed = Claimed(*found[0])
    try:
        provider_id = _send(city, claimed, at)
    except (NotSent, Unsure) as error:
        return _not_yet(city, claimed, error, at, dice)
    except Rejected as error:
        return _never(city, claimed, error, at)
    except Exception as error:  # an answer that nobody foresaw; the message may have been accepted
        log.exception("message %s could not be sent", number)
        return _not_yet(city, claimed, Unsure(f"{type(error).__name__}: {error}"), at, dice)
    went_well(city.id, claimed.kind, at)
    execute(SENT, {"city": city.id, "id": number, "provider": provider_id, "at": at})
    return "sent"


def _send(city: CityFacts, claimed: Claimed, at: datetime) -> str:
    account = account_of(city, claimed.kind)
    if account is None:
        raise NotSent("this line is not connected")
    fresh = claimed.heard_at is not None and at - claimed.heard_at < FRESH
    letter = _unveiled(msgspec.json.decode(claimed.body, type=Letter))
    out = Outgoing(str(claimed.uuid), claimed.address, letter, receipt_url(city, claimed.kind), fresh)
    provider_id: str = KINDS[claimed.kind].send(account, out)
    return provider_id


def _unveiled(letter: Letter) -> Letter:
    """With the words that only the receiver may read."""
    if not letter.sealed:
        return letter
    try:
        words = unseal(letter.sealed.encode())
    except Unreadable as error:
        raise Rejected("sealed under another key") from error
    return msgspec.structs.replace(letter, text=letter.text.replace(VEIL, words), sealed="")


def receipt_url(city: CityFacts, kind: str) -> str:
    """Where the provider tells what became of a message."""
    path = reverse("webhook", kwargs={"city_slug": city.slug, "kind": kind})
    return f"{str(settings.PUBLIC_URL).rstrip('/')}{path}"


# A receipt may have been faster than the answer: then the message already is more than sent.
SENT = """
UPDATE channels_outbound SET state = CASE WHEN state = 'sending' THEN 'sent' ELSE state END,
    provider_id = CASE WHEN %(provider)s = '' THEN provider_id ELSE %(provider)s END,
    sent_at = coalesce(sent_at, %(at)s), error = ''
WHERE city_id = %(city)s AND id = %(id)s
"""
LATER = """
UPDATE channels_outbound SET state = %(state)s, next_at = %(next)s, error = %(error)s
WHERE city_id = %(city)s AND id = %(id)s AND state = 'sending'
"""


def _not_yet(city: CityFacts, claimed: Claimed, error: NotSent | Unsure, at: datetime, dice: random.Random) -> str:
    words = str(error)[:300] or type(error).__name__
    went_wrong(city.id, claimed.kind, words, at, dice)
    pause = backoff(claimed.tries, dice)
    pause = max(pause, GRACE) if isinstance(error, Unsure) else max(pause, timedelta(seconds=error.wait))
    state = "gave_up" if at >= claimed.give_up_at else "failed_for_now"
    execute(LATER, {"city": city.id, "id": claimed.id, "state": state, "next": at + pause, "error": words})
    wake(city)
    return state


def _never(city: CityFacts, claimed: Claimed, error: Rejected, at: datetime) -> str:
    went_well(city.id, claimed.kind, at)  # the line works, this message does not
    execute(LATER, {"city": city.id, "id": claimed.id, "state": "gave_up", "next": at, "error": str(error)[:300]})
    wake(city)
    if error.gone:
        for table in ("channels_subscriber", "channels_reach"):
            forget = f"DELETE FROM {table} WHERE city_id = %s AND kind = %s AND address = %s"  # noqa: S608 - ours
            execute(forget, [city.id, claimed.kind, claimed.address])
    return "gave_up"


def backoff(tries: int, dice: random.Random) -> timedelta:
    """Half a minute, twice as long each time, at most six hours; a quarter more or less, so that no crowd forms."""
    pause: timedelta = FIRST_PAUSE * 2 ** min(tries - 1, 12)
    return min(pause, LONGEST_PAUSE) * dice.uniform(0.75, 1.25)


INTERRUPTED = """
UPDATE channels_outbound SET state = 'failed_for_now', next_at = %(next)s, error = 'interrupted while being sent'
WHERE city_id = %(city)s AND state = 'sending' AND next_at <= %(at)s
"""
TOO_OLD = """
UPDATE channels_outbound SET state = 'gave_up', error = CASE WHEN error = '' THEN 'never its turn' ELSE error END
WHERE city_id = %(city)s AND state IN ('queued', 'failed_for_now') AND give_up_at <= %(at)s
"""
DUE = """
SELECT kind, id FROM (
    SELECT o.kind, o.id, row_number() OVER (PARTITION BY o.kind ORDER BY o.id) AS place FROM channels_outbound o
    WHERE o.city_id = %(city)s AND o.state IN ('queued', 'failed_for_now') AND o.next_at <= %(at)s
        AND NOT EXISTS (SELECT FROM channels_linehealth h
            WHERE h.city_id = o.city_id AND h.kind = o.kind AND h.rests_until > %(at)s)) AS due
WHERE place <= %(most)s ORDER BY kind, id
"""


def due(city: CityFacts, at: datetime | None = None, most: int = 300) -> dict[str, list[int]]:
    """Messages whose turn it is by line, the oldest first, for lines that do not rest. In the city's scope.

    On the way, interrupted ones become doubtful, and those that waited for days are given up visibly.
    """
    at = at or now()
    execute(INTERRUPTED, {"city": city.id, "at": at, "next": at + GRACE})
    execute(TOO_OLD, {"city": city.id, "at": at})
    found: dict[str, list[int]] = {}
    for kind, number in fetch_all(DUE, {"city": city.id, "at": at, "most": most}):
        found.setdefault(kind, []).append(number)
    return found


# Receipts come in any order and more than once: a message never goes back, and only what is not delivered can fail.
RECEIPT = """
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
FAILED = """
UPDATE channels_outbound SET state = CASE WHEN state IN ('delivered', 'read') THEN state ELSE 'gave_up' END,
    error = CASE WHEN state IN ('delivered', 'read') THEN error ELSE %(error)s END
WHERE city_id = %(city)s AND kind = %(kind)s
    AND (uuid = %(uuid)s OR (provider_id = %(provider)s AND %(provider)s <> ''))
"""
RANKS = {"sent": 1, "delivered": 2, "read": 3}


def take_receipt(city: CityFacts, kind: str, receipt: Receipt) -> bool:
    """What the provider says became of a message of ours; False for one that we do not know."""
    values: dict[str, Any] = {"city": city.id, "kind": kind, "uuid": _uuid(receipt.own_id)}
    values["at"] = plausible(receipt.at, now())
    values |= {"provider": receipt.provider_id[:200]}
    if receipt.state == "failed":
        return execute(FAILED, values | {"error": (receipt.error or "not delivered")[:300]}) > 0
    return execute(RECEIPT, values | {"state": receipt.state, "rank": RANKS[receipt.state]}) > 0


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


AGAIN = """
UPDATE channels_outbound SET state = 'queued', next_at = %(at)s, give_up_at = %(end)s
WHERE city_id = %(city)s AND id = ANY(%(ids)s) AND state IN ('gave_up', 'failed_for_now') RETURNING id, kind
"""


def send_again(city: CityFacts, numbers: list[int]) -> int:
    """A person says: try once more, from the start. Returns how many are on their way."""
    at = now()
    found = fetch_all(AGAIN, {"city": city.id, "ids": numbers, "at": at, "end": at + PATIENCE})
    for number, kind in found:
        job = app.configure_task(DELIVER, allow_unknown=False, lock=f"line:{city.id}:{kind}")
        job.defer(city_id=city.id, number=number)
    return len(found)
