"""The lists of the message desk: what came in, what went out, what waits for somebody to look at it."""

from qlue.channels.records import MessageCounts, MessageRecord, WebhookRecord
from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_records

PAGE_SIZE = 40

CODE_OR_EMPTY = "CASE WHEN report_id IS NULL THEN '' ELSE report_code(%(prefix)s, report_id) END AS code"
INBOUND_COLUMNS = f"""id, kind, sender AS address, body->>'text' AS text, body->>'kind' AS content_kind, '' AS subject,
    state, fault AS error, {CODE_OR_EMPTY}, received_at AS at, 0 AS tries, NULL::timestamptz AS next_at"""

# Pages go by the id of the last row, not by an offset: new messages push no row to the next page.
INBOUND = f"""
SELECT {INBOUND_COLUMNS}
FROM channels_inbound WHERE city_id = %(city)s AND (%(after)s = 0 OR id < %(after)s)
ORDER BY id DESC LIMIT %(most)s
"""
OUTBOUND = f"""
SELECT id, kind, address, body->>'text' AS text, '' AS content_kind, coalesce(body->>'subject', '') AS subject,
    state, error, {CODE_OR_EMPTY}, created_at AS at, tries, next_at
FROM channels_outbound WHERE city_id = %(city)s AND (%(after)s = 0 OR id < %(after)s)
    AND state = ANY(%(states)s) ORDER BY id DESC LIMIT %(most)s
"""
# The first bytes are enough to see what came; a hostile body may be megabytes long.
QUARANTINED_WEBHOOKS = """
SELECT id, kind, query, substr(body, 1, 1500) AS body, length(body) AS size, fault, received_at, seen
FROM channels_envelope WHERE city_id = %(city)s AND state = 'quarantine' ORDER BY id DESC LIMIT %(most)s
"""
QUARANTINED = f"""
SELECT {INBOUND_COLUMNS}
FROM channels_inbound WHERE city_id = %(city)s AND state = 'quarantine' ORDER BY id DESC LIMIT %(most)s
"""
COUNTS = """
SELECT (SELECT count(*) FROM channels_envelope WHERE city_id = %(city)s AND state = 'quarantine')
     + (SELECT count(*) FROM channels_inbound WHERE city_id = %(city)s AND state = 'quarantine') AS quarantine,
    (SELECT count(*) FROM channels_outbound WHERE city_id = %(city)s AND state = 'gave_up') AS lost,
    (SELECT count(*) FROM channels_outbound
     WHERE city_id = %(city)s AND state IN ('queued', 'sending', 'failed_for_now')) AS waiting,
    (SELECT count(*) FROM channels_inbound
     WHERE city_id = %(city)s AND received_at > now() - interval '1 day') AS today
"""
ALL_OUT_STATES = ("queued", "sending", "failed_for_now", "sent", "delivered", "read", "gave_up")
UNDELIVERED = ("gave_up", "failed_for_now")


def inbound_page(city: CityFacts, after: int = 0) -> list[MessageRecord]:
    """The newest messages that came in; one more than a page where there are more."""
    return _list_messages(city, INBOUND, after=after)


def outbound_page(city: CityFacts, after: int = 0, states: tuple[str, ...] = ALL_OUT_STATES) -> list[MessageRecord]:
    """The newest messages that went out, or wait, in these states."""
    return _list_messages(city, OUTBOUND, after=after, states=list(states))


def quarantined_messages(city: CityFacts) -> list[MessageRecord]:
    """Messages that could not be answered."""
    return _list_messages(city, QUARANTINED)


def quarantined_webhooks(city: CityFacts) -> list[WebhookRecord]:
    """Requests that could not be parsed."""
    return fetch_records(WebhookRecord, QUARANTINED_WEBHOOKS, {"city": city.id, "most": PAGE_SIZE + 1})


def message_counts(city: CityFacts) -> MessageCounts:
    """What the tabs and tiles count."""
    return fetch_records(MessageCounts, COUNTS, {"city": city.id})[0]


def _list_messages(city: CityFacts, sql: str, **values: object) -> list[MessageRecord]:
    parameters = values | {"city": city.id, "prefix": city.code_prefix, "most": PAGE_SIZE + 1}
    return fetch_records(MessageRecord, sql, parameters)
