"""The message desk's lists: what came, what left, what waits for somebody to look at it."""

from typing import Any

from qlue.channels.wires import channel_of
from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.kit.ids import report_code

PAGE = 40
Row = dict[str, Any]

IN = """
SELECT id, kind, sender, body->>'text', body->>'kind', state, fault, report_id, received_at
FROM channels_inbound WHERE city_id = %(city)s AND (%(after)s = 0 OR id < %(after)s)
ORDER BY id DESC LIMIT %(most)s
"""
OUT = """
SELECT id, kind, address, body->>'text', coalesce(body->>'subject', ''), state, error, report_id, created_at, tries,
    next_at, sent_at, delivered_at, read_at
FROM channels_outbound WHERE city_id = %(city)s AND (%(after)s = 0 OR id < %(after)s)
    AND state = ANY(%(states)s) ORDER BY id DESC LIMIT %(most)s
"""
ENVELOPES = """
SELECT id, kind, query, substr(body, 1, 1500), length(body), fault, received_at, seen
FROM channels_envelope WHERE city_id = %(city)s AND state = 'quarantine' ORDER BY id DESC LIMIT %(most)s
"""
BAD = """
SELECT id, kind, sender, body->>'text', body->>'kind', state, fault, report_id, received_at
FROM channels_inbound WHERE city_id = %(city)s AND state = 'quarantine' ORDER BY id DESC LIMIT %(most)s
"""
COUNTS = """
SELECT (SELECT count(*) FROM channels_envelope WHERE city_id = %(city)s AND state = 'quarantine')
     + (SELECT count(*) FROM channels_inbound WHERE city_id = %(city)s AND state = 'quarantine'),
    (SELECT count(*) FROM channels_outbound WHERE city_id = %(city)s AND state = 'gave_up'),
    (SELECT count(*) FROM channels_outbound
     WHERE city_id = %(city)s AND state IN ('queued', 'sending', 'failed_for_now')),
    (SELECT count(*) FROM channels_inbound WHERE city_id = %(city)s AND received_at > now() - interval '1 day')
"""
IN_COLUMNS = ("id", "kind", "sender", "text", "what", "state", "fault", "report", "at")
OUT_COLUMNS = (
    "id", "kind", "sender", "text", "subject", "state", "fault", "report", "at", "tries", "next_at", "sent_at",
    "delivered_at", "read_at",
)  # fmt: skip
ENVELOPE_COLUMNS = ("id", "kind", "query", "raw", "bytes", "fault", "at", "seen")
EVERY = ("queued", "sending", "failed_for_now", "sent", "delivered", "read", "gave_up")
TROUBLED = ("gave_up", "failed_for_now")


def incoming(city: CityFacts, after: int = 0) -> list[Row]:
    """The newest messages of people; one more than a page where there are more."""
    return _rows(city, IN, IN_COLUMNS, after=after)


def outgoing(city: CityFacts, after: int = 0, states: tuple[str, ...] = EVERY) -> list[Row]:
    """The newest messages of ours in these states."""
    return _rows(city, OUT, OUT_COLUMNS, after=after, states=list(states))


def quarantine(city: CityFacts) -> tuple[list[Row], list[Row]]:
    """Envelopes that nobody could read, and messages that could not be answered."""
    return _rows(city, ENVELOPES, ENVELOPE_COLUMNS), _rows(city, BAD, IN_COLUMNS)


def counts(city: CityFacts) -> dict[str, int]:
    """What the tabs and tiles count: `quarantine lost waiting today`."""
    return dict(zip(("quarantine", "lost", "waiting", "today"), fetch_all(COUNTS, {"city": city.id})[0], strict=True))


def _rows(city: CityFacts, sql: str, columns: tuple[str, ...], **values: Any) -> list[Row]:
    found = fetch_all(sql, values | {"city": city.id, "most": PAGE + 1})
    return [_row(city, dict(zip(columns, row, strict=True))) for row in found]


def _row(city: CityFacts, row: Row) -> Row:
    number = row.get("report")
    row["code"] = report_code(city.code_prefix, number) if number else ""
    row["channel"] = channel_of(row["kind"])
    if "raw" in row:
        row["raw"] = bytes(row["raw"]).decode("utf-8", "replace")
    return row
