"""Notices: who is notified of which event, and how far each member has read."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.kit.db import execute, fetch_all
from qlue.people.models import Membership
from qlue.reports.records import REPORTS
from qlue.timeline.records import EVENTS
from qlue.work.queries.recipients import Recipient

# OFFSET 0 and no condition on the report's city (row-level security sees to it): each report is looked up by its id,
# also while the planner knows nothing of the table yet and takes any of its indexes for as good.
REPORT_EVENTS = f"""
SELECT h.id, h.kind, h.report_id, h.actor_id, h.data::text
FROM {EVENTS} AS h,
    LATERAL (SELECT FROM {REPORTS} AS r WHERE r.id = h.report_id OFFSET 0) AS report
WHERE h.city_id = %s AND h.id = ANY(%s) ORDER BY h.id
"""
BELL_TOPIC = "bell"  # the topic that the bell of every queue listens to

# A job may run twice and a transition may name a recipient twice: the unique constraint makes it one notice.
INSERT_NOTICES = """
INSERT INTO work_notice (city_id, agency_id, user_id, report_id, happening_id, kind, created_at)
SELECT %s, agency, person, report, event, kind, now()
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
    AS new (agency, person, report, event, kind)
ON CONFLICT DO NOTHING
"""
NOTIFY_LIVE = "SELECT pg_notify('qlue_live', %s)"


@dataclass(frozen=True)
class NoticeEvent:
    """The event behind a notice."""

    id: int
    kind: str
    report_id: int
    actor_id: int | None
    data: dict[str, Any]


def report_events(city_id: int, ids: list[int]) -> list[NoticeEvent]:
    """Those of these events that are about a report of the city; what is gone is left out."""
    rows = fetch_all(REPORT_EVENTS, [city_id, ids])
    return [
        NoticeEvent(event_id, kind, report, actor, json.loads(data)) for event_id, kind, report, actor, data in rows
    ]


def notify_of_events(city: CityFacts, events: list[NoticeEvent]) -> int:
    """Notifies the recipients of these events; returns how many notices are new."""
    notices = [
        (*recipient, event.report_id, event.id, event.kind) for event in events for recipient in event_recipients(event)
    ]
    with transaction.atomic():
        return _insert_notices(city, notices)


def event_recipients(event: NoticeEvent) -> list[Recipient]:
    """Of an assignment the person, else the agency that now has the report.

    Another category is news to an agency only where it has brought it the case. What no agency has goes to nobody in
    particular, (None, None): the operators' inbox.
    """
    if event.kind == "report.assigned":
        person = event.data.get("person")
        return [(None, person)] if person and person != event.actor_id else []
    # A transition carries the facts after it; a neighbour's doubt only names the agency.
    agency = (event.data.get("now") or event.data).get("agency")
    if event.kind == "report.recategorised" and agency == event.data["was"]["agency"]:
        return []  # those who have it corrected it themselves
    return [(agency, None)]


def notify(city: CityFacts, event_id: int, kind: str, report_id: int, recipients: Iterable[Recipient]) -> int:
    """Notices of one event, inside the transaction that writes it; returns how many are new."""
    return _insert_notices(city, [(*recipient, report_id, event_id, kind) for recipient in dict.fromkeys(recipients)])


def _insert_notices(city: CityFacts, notices: list[tuple[int | None, int | None, int, int, str]]) -> int:
    """Rows of agency, person, report, event and kind, and one signal to the open pages; returns how many are new."""
    if not notices:
        return 0
    count = execute(INSERT_NOTICES, [city.id, *map(list, zip(*notices, strict=True))])
    if count:
        # PostgreSQL sends it with the commit, so no bell asks before the notice is there.
        fetch_all(NOTIFY_LIVE, [json.dumps({city.slug: [BELL_TOPIC]})])
    return count


# Two open tabs may report in any order: how far somebody has read never goes back.
UPSERT_NOTICE_CURSOR = """
INSERT INTO work_seen (city_id, user_id, last_id, at) VALUES (%s, %s, %s, now())
ON CONFLICT (city_id, user_id) DO UPDATE SET last_id = greatest(work_seen.last_id, excluded.last_id), at = excluded.at
"""


def mark_notices_seen(member: Membership, last_id: int) -> None:
    """The member has seen all notices up to this one."""
    execute(UPSERT_NOTICE_CURSOR, [member.city_id, member.user_id, last_id])
