"""Notices: who hears of what happened, and how far each has read."""

import json
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import rows, run
from qlue.people.models import Membership

BELL = "bell"  # the topic that the bell of every queue listens to

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
