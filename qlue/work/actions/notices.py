"""Notices: who hears of what happened, and how far each has read."""

import json
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.kit.db import execute, fetch_all
from qlue.people.models import Membership

# OFFSET 0 and no word of the report's city (row-level security sees to it): each report is looked up by its number,
# also while the planner knows nothing of the table yet and takes any of its indexes for as good.
TOLD = """
SELECT h.id, h.kind, h.report_id, h.actor_id, h.data::text
FROM timeline_happening h,
    LATERAL (SELECT FROM reports_report r WHERE r.id = h.report_id OFFSET 0) AS there
WHERE h.city_id = %s AND h.id = ANY(%s) ORDER BY h.id
"""
BELL = "bell"  # the topic that the bell of every queue listens to

TELL = """
INSERT INTO work_notice (city_id, agency_id, user_id, report_id, happening_id, kind, created_at)
SELECT %s, agency, person, report, happening, kind, now()
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
    AS new (agency, person, report, happening, kind)
ON CONFLICT DO NOTHING
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


def happenings(city_id: int, ids: list[int]) -> list[Told]:
    """Those of these happenings that are about a report of the city; what is gone is left out."""
    found = fetch_all(TOLD, [city_id, ids])
    return [Told(number, kind, report, actor, json.loads(data)) for number, kind, report, actor, data in found]


def tell(city: CityFacts, told: list[Told]) -> int:
    """Writes the notices of what happened and rings the bells; returns how many are new."""
    new = [(*who, one.report_id, one.id, one.kind) for one in told for who in receivers(one)]
    if not new:
        return 0
    with transaction.atomic():
        written = execute(TELL, [city.id, *map(list, zip(*new, strict=True))])
        if written:
            fetch_all(WAKE, [json.dumps({city.slug: [BELL]})])
    return written


def receivers(told: Told) -> list[tuple[int | None, int | None]]:
    """(agency, person) of each who shall hear: of an assignment the person, else the agency that now has the report.

    Another category is news to an agency only where it has brought it the case.

    What no agency has is told to nobody in particular (None, None): the operators' inbox.
    """
    if told.kind == "report.assigned":
        person = told.data.get("person")
        return [(None, person)] if person and person != told.actor_id else []
    agency = (told.data.get("now") or told.data).get("agency")
    if told.kind == "report.recategorised" and agency == told.data["was"]["agency"]:
        return []  # those who have it corrected it themselves
    return [(agency, None)]


SAW = """
INSERT INTO work_seen (city_id, user_id, last_id, at) VALUES (%s, %s, %s, now())
ON CONFLICT (city_id, user_id) DO UPDATE SET last_id = greatest(work_seen.last_id, excluded.last_id), at = excluded.at
"""


def saw(member: Membership, last_id: int) -> None:
    """The member has seen all notices up to this one."""
    execute(SAW, [member.city_id, member.user_id, last_id])
