"""Verbs of people at work: accept a whole pile, look at what is hidden, hear of what happened."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import rows, run
from qlue.kit.ids import report_id, uuid7
from qlue.people.actions import record_look
from qlue.people.models import Membership
from qlue.reports.actions import Mover, Refused, move
from qlue.reports.reading import contact_row

BELL = "bell"  # the topic that the bell of every queue listens to


@dataclass
class Accepted:
    """What became of a pile: the codes that were accepted, and for each other one why not."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def accept_all(city: CityFacts, member: Membership, codes: Iterable[str], uuid: UUID | None = None) -> Accepted:
    """Accepts report after report, each in its own transaction: one that cannot be accepted holds up no other."""
    told = Accepted()
    for code in dict.fromkeys(codes):
        try:
            move(city=city, report_id=report_id(code) or 0, verb="accept", by=Mover(member), uuid=uuid or uuid7())
            told.done.append(code)
        except Refused as refused:
            told.refused.append((code, str(refused.message)))
    return told


def look(city: CityFacts, member: Membership, number: int, what: str) -> dict[str, str] | None:
    """Notes that `member` looks at the reporter or the photos of a report, then gives the contact for the former."""
    record_look(member, number, what)
    return contact_row(city, number) if what == "reporter" else None


TELL = """
INSERT INTO work_notice (city_id, agency_id, user_id, report_id, happening_id, kind, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
WAKE = "SELECT pg_notify('qlue_live', %s)"


@dataclass(frozen=True)
class Told:
    """The happening behind a notice."""

    id: int
    kind: str
    report_id: int
    actor_id: int | None
    data: dict[str, Any]


def happening(city_id: int, happening_id: int) -> Told | None:
    """A happening about a report; None when there is no such thing (any more)."""
    sql = """
    SELECT id, kind, report_id, actor_id, data::text FROM timeline_happening
    WHERE city_id = %s AND id = %s AND report_id IN (SELECT id FROM reports_report WHERE city_id = %s)
    """
    found = rows(sql, [city_id, happening_id, city_id])
    if not found:
        return None
    number, kind, report, actor, data = found[0]
    return Told(number, kind, report, actor, json.loads(data))


def tell(city: CityFacts, told: Told) -> int:
    """Writes the notices of a happening and rings the bells; returns how many are new."""
    with transaction.atomic():
        values = [[city.id, *who, told.report_id, told.id, told.kind, now()] for who in receivers(told)]
        new = sum(run(TELL, value) for value in values)
        if new:
            rows(WAKE, [json.dumps({city.slug: [BELL]})])
    return new


def receivers(told: Told) -> list[tuple[int | None, int | None]]:
    """(agency, person) of each who shall hear: of an assignment the person, else the agency that now has the report.

    What no agency has is told to nobody in particular (None, None): the operators' inbox.
    """
    if told.kind == "report.assigned":
        person = told.data.get("person")
        return [(None, person)] if person and person != told.actor_id else []
    return [((told.data.get("now") or {}).get("agency"), None)]


SAW = """
INSERT INTO work_seen (city_id, user_id, last_id, at) VALUES (%s, %s, %s, now())
ON CONFLICT (city_id, user_id) DO UPDATE SET last_id = greatest(work_seen.last_id, excluded.last_id), at = excluded.at
"""


def saw(member: Membership, last_id: int) -> None:
    """The member has seen all notices up to this one."""
    run(SAW, [member.city_id, member.user_id, last_id])


ANSWER_OVER = """
SELECT id FROM reports_report
WHERE city_id = %s AND status = 'resolved' AND resolved_at < now() - make_interval(days => %s)
ORDER BY resolved_at LIMIT %s
"""


def confirm_unanswered(city: CityFacts, days: int, most: int = 1000) -> int:
    """Confirms what was resolved more than `days` ago and nobody disputed; returns how many. May run twice at once."""
    done = 0
    for (number,) in rows(ANSWER_OVER, [city.id, days, most]):
        try:
            move(city=city, report_id=number, verb="confirm", by=Mover())
            done += 1
        except Refused:
            continue  # disputed in this moment
    return done
