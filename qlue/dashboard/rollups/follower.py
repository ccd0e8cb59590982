"""The follower behind every number: adds each batch of events to the roll-ups and tells browsers what changed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import msgspec
from msgspec import Struct

from qlue.dashboard.rollups.notifications import notify_browsers
from qlue.dashboard.rollups.statements import DELETE_EMPTY_DAYS, add_to_all_sql
from qlue.kit.db import execute, fetch_value
from qlue.timeline.records import EventRecord


class CountedFacts(Struct, frozen=True):
    """What of a report's facts the roll-ups count; days are ISO dates of the city. The order is the SQL's below."""

    private: bool
    status: str
    agency: int | None
    category: int
    area: int | None
    created: str | None
    due: str | None
    resolved: str | None
    hours: float | None


class ReportDelta(CountedFacts, frozen=True, kw_only=True):
    """Facts that stop (-1) or start (+1) to hold with an event, or of which it only gives the time (0)."""

    sign: int
    city: int
    at: datetime


# MATERIALIZED: all roll-ups of a statement read it, and the JSON is parsed once.
DELTAS_FROM_JSON = """
delta AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(deltas)s::jsonb) AS d(sign int, city bigint, private boolean, status text,
        agency bigint, category bigint, area bigint, created date, due date, resolved date, hours float8,
        at timestamptz))
"""
ADD_DELTAS = add_to_all_sql(DELTAS_FROM_JSON)


def update_rollups(events: list[EventRecord]) -> None:
    """Counts a batch and sends one notification about it, delivered when the follower's transaction commits."""
    count_events(events)
    notify_browsers(events)


def count_events(events: list[EventRecord]) -> None:
    """Adds a batch to all roll-ups in one statement; a second one clears days on which nothing is due any more."""
    deltas = list(event_deltas(events))
    if deltas:
        add_deltas(ADD_DELTAS, {"deltas": msgspec.json.encode(deltas).decode()})


def add_deltas(sql: str, params: Mapping[str, object]) -> None:
    """Runs a statement of `add_to_all_sql`, then deletes the due days that it emptied."""
    empty_days = fetch_value(sql, params)
    if empty_days:
        execute(DELETE_EMPTY_DAYS, {"days": empty_days})


def event_deltas(events: Iterable[EventRecord]) -> Iterator[ReportDelta]:
    """-1 for what each report was and +1 for what it is now."""
    for event in events:
        before, after = counted_facts(event, "was"), counted_facts(event, "now")
        if after is None:  # an event of something else than a report
            continue
        if before and before != after:
            yield _delta(event, before, -1)
        # With sign 0 it changes no count, but dates the city's national tally.
        yield _delta(event, after, int(before != after))


def counted_facts(event: EventRecord, moment: str) -> CountedFacts | None:
    """The report's facts before (`was`) or after (`now`) an event; None where the event gives none."""
    facts = event.data.get(moment)
    if not facts:
        return None
    # Events of older versions lack facts that came later: those count as unknown.
    return CountedFacts(*(facts.get(name) for name in CountedFacts.__struct_fields__))


def _delta(event: EventRecord, facts: CountedFacts, sign: int) -> ReportDelta:
    return ReportDelta(*msgspec.structs.astuple(facts), sign=sign, city=event.city_id, at=event.at)
