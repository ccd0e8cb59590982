"""What browsers hear after each batch: the topics of pages that changed, by city, in PostgreSQL notifications."""

from collections.abc import Iterable, Iterator

import msgspec

from qlue.cities.facts import CityFacts, facts_by_id
from qlue.kit.db import execute
from qlue.kit.ids import report_code
from qlue.timeline.records import EventRecord

CITY_TOPICS = ("dashboard", "list", "queue")  # what every change of a report can show in
ANYTHING = "*"
MAX_BYTES = 7000  # of one notification; PostgreSQL takes 8000
SLUGS_PER_MESSAGE = 80  # of 40 letters each: that fits whatever the slugs are


def notify_browsers(events: Iterable[EventRecord]) -> None:
    """Says which pages of which cities changed; usually one message."""
    send_live_messages(changed_topics(events))


def send_live_messages(topics: dict[str, list[str]]) -> None:
    """Notifies `qlue live`; PostgreSQL delivers when the transaction commits, and never if it does not."""
    for message in live_messages(topics):
        execute("SELECT pg_notify('qlue_live', %s)", [message])


def changed_topics(events: Iterable[EventRecord]) -> dict[str, list[str]]:
    """`{slug: [topic, ...]}`: the city's numbers and lists, and each report that something happened to."""
    topics: dict[str, dict[str, None]] = {}  # a dict as an ordered set: a report in two events is one topic
    for event in events:
        city = facts_by_id(event.city_id)
        if city and event.report_id and event.data.get("now"):
            city_topics = topics.setdefault(city.slug, dict.fromkeys(CITY_TOPICS))
            city_topics[_report_topic(city, event.report_id)] = None
    return {slug: list(city_topics) for slug, city_topics in topics.items()}


def _report_topic(city: CityFacts, report_id: int) -> str:
    return f"report:{report_code(city.code_prefix, report_id)}"


def live_messages(topics: dict[str, list[str]]) -> Iterator[str]:
    """JSON that fits into a notification; where there is too much to say, a city just hears that things changed."""
    whole = msgspec.json.encode(topics)
    if len(whole) <= MAX_BYTES:
        yield from [whole.decode()] if topics else []
        return
    slugs = list(topics)
    for first in range(0, len(slugs), SLUGS_PER_MESSAGE):
        yield msgspec.json.encode({slug: [ANYTHING] for slug in slugs[first : first + SLUGS_PER_MESSAGE]}).decode()
