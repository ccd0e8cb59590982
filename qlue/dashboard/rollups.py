"""The follower behind every number: adds each batch of happenings to the roll-ups and tells browsers what changed."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from qlue.cities.facts import CityFacts, facts_by_id
from qlue.dashboard.counting import COUNTS, DUE, NATIONAL, WIDE, Count
from qlue.kit.db import execute, fetch_value
from qlue.kit.ids import report_code
from qlue.timeline.actions import Happened

COUNTED = ("status", "category", "area", "agency", "private", "created", "due", "resolved", "hours")
MOST_BYTES = 7000  # of one notification; PostgreSQL takes 8000
ANYTHING = "*"

DELTA = """
delta AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(deltas)s::jsonb) AS d(sign int, city bigint, private boolean, status text,
        agency bigint, category bigint, area bigint, created date, due date, resolved date, hours float8,
        at timestamptz))
"""


def handle(batch: list[Happened]) -> None:
    """Counts a batch and sends one notification about it, delivered when the follower's transaction commits."""
    count(batch)
    notify(batch)


def count(batch: list[Happened]) -> None:
    """Adds a batch to all roll-ups in one statement; a second one clears days on which nothing is due any more."""
    found = list(deltas(batch))
    if found:
        add(ADD, {"deltas": msgspec.json.encode(found).decode()})


def add(sql: str, given: dict[str, Any]) -> None:
    """Runs a `statement`, then clears up behind it."""
    emptied = fetch_value(sql, given)
    if emptied:
        execute(CLEAR_DUE, {"emptied": emptied})


def deltas(batch: Iterable[Happened]) -> Iterator[dict[str, Any]]:
    """-1 for what each report was and +1 for what it is now; nothing where no count changes."""
    for happened in batch:
        now, was = happened.data.get("now"), happened.data.get("was")
        if not now:
            continue
        after, before = _counted(now), _counted(was) if was else None
        common = {"city": happened.city_id, "at": happened.at}
        if before and before != after:
            yield {"sign": -1, **common, **before}
        yield {"sign": int(before != after), **common, **after}


def _counted(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: facts.get(name) for name in COUNTED}


def upsert(count: Count) -> str:
    """The statement that adds what `delta` holds to one table."""
    columns = ", ".join((*count.keys, *count.sums))
    added = ", ".join(f"{name} = t.{name} + excluded.{name}" for name in count.sums)
    return (
        f"INSERT INTO {count.table} AS t ({columns}) {count.grouped()} "  # noqa: S608
        f"ON CONFLICT ({', '.join(count.keys)}) DO UPDATE SET {added}"
    )


def _upsert_national() -> str:
    """The tally also says when something last changed, even where the change moved nothing between colours."""
    sums = ", ".join(f"sum({name})::int AS {name}" for name in NATIONAL.sums)
    added = ", ".join(f"{name} = t.{name} + excluded.{name}" for name in NATIONAL.sums)
    changed = NATIONAL.sql.replace(" FROM delta", ", at FROM delta")
    return f"""
    INSERT INTO dashboard_national AS t (city_id, {", ".join(NATIONAL.sums)}, changed_at)
    SELECT city_id, {sums}, max(at) FROM ({changed}) s GROUP BY city_id ORDER BY city_id
    ON CONFLICT (city_id) DO UPDATE SET {added}, changed_at = greatest(t.changed_at, excluded.changed_at)
    """  # noqa: S608


def statement(delta: str) -> str:
    """Adds what the `WITH` clause `delta` gives to all roll-ups; answers with the due days that became empty."""
    plain = [f"{count.table} AS ({upsert(count)})" for count in COUNTS if count not in (DUE, NATIONAL)]
    due = f"due AS ({upsert(DUE)} RETURNING t.city_id, t.private, t.dim, t.day, t.key, t.n)"
    national = f"national AS ({_upsert_national()})"
    emptied = "SELECT json_agg(row_to_json(due))::text FROM due WHERE n = 0"
    return f"WITH {', '.join([delta, WIDE, *plain, due, national])} {emptied}"


ADD = statement(DELTA)
CLEAR_DUE = """
DELETE FROM dashboard_due d
USING jsonb_to_recordset(%(emptied)s::jsonb) AS e(city_id bigint, private boolean, dim text, day date, key bigint)
WHERE d.city_id = e.city_id AND d.private = e.private AND d.dim = e.dim AND d.day = e.day AND d.key = e.key AND d.n = 0
"""


def notify(batch: Iterable[Happened]) -> None:
    """Says which pages of which cities changed; usually one message."""
    for payload in payloads(topics_by_city(batch)):
        execute("SELECT pg_notify('qlue_live', %s)", [payload])


def topics_by_city(batch: Iterable[Happened]) -> dict[str, list[str]]:
    """`{slug: [topic, ...]}`: the city's numbers and lists, and each report that something happened to."""
    found: dict[str, dict[str, None]] = {}
    for happened in batch:
        city = facts_by_id(happened.city_id)
        if city and happened.report_id and happened.data.get("now"):
            topics = found.setdefault(city.slug, dict.fromkeys(("dashboard", "list", "queue")))
            topics[_report_topic(city, happened.report_id)] = None
    return {slug: list(topics) for slug, topics in found.items()}


def _report_topic(city: CityFacts, report_id: int) -> str:
    return f"report:{report_code(city.code_prefix, report_id)}"


def payloads(topics: dict[str, list[str]]) -> Iterator[str]:
    """JSON that fits into a notification; where there is too much to say, a city just hears that things changed."""
    whole = msgspec.json.encode(topics)
    if len(whole) <= MOST_BYTES:
        yield from [whole.decode()] if topics else []
        return
    slugs = list(topics)
    for first in range(0, len(slugs), 80):  # 80 slugs of 40 letters each
        yield msgspec.json.encode({slug: [ANYTHING] for slug in slugs[first : first + 80]}).decode()
