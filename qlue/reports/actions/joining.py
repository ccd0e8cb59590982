"""The day a city joins: what its residents reported before goes to the agencies that it now has."""

from typing import Any

from django.db import transaction

from qlue.cities.facts import CityFacts, agency_for, deadline
from qlue.kit.clock import now
from qlue.kit.db import execute, fetch_all
from qlue.reports.facts import report_facts
from qlue.timeline.actions import record_many

WAITING = """
SELECT id, category_id AS category, area_id AS area, agency_id AS agency, status, cell, private, created_at AS created,
    due_at AS due, resolved_at AS resolved
FROM reports_report WHERE city_id = %s AND status = 'unserved' AND area_id IS NOT NULL
ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""
COLUMNS = ("id", "category", "area", "agency", "status", "cell", "private", "created", "due", "resolved")
SERVE = """
UPDATE reports_report AS r SET status = new.status, agency_id = new.agency, respond_by = new.respond_by,
    due_at = new.due, updated_at = %(at)s
FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(agencies)s::bigint[], %(responds)s::timestamptz[],
    %(dues)s::timestamptz[]) AS new (id, status, agency, respond_by, due)
WHERE r.city_id = %(city)s AND r.id = new.id
"""
BATCH = 200


def serve(city: CityFacts, most: int = 10_000) -> int:
    """Hands over up to `most` unserved reports, the oldest first, a transaction for each 200; returns how many.

    Their deadlines run from now: nobody could be late before there was anybody. May run twice at once.
    """
    done = 0
    while city.joined and done < most and (moved := _some(city)):
        done += moved
    return done


def _some(city: CityFacts) -> int:
    with transaction.atomic():
        found = [dict(zip(COLUMNS, row, strict=True)) for row in fetch_all(WAITING, [city.id, BATCH])]
        if found:
            _serve(city, found)
    return len(found)


def _serve(city: CityFacts, found: list[dict[str, Any]]) -> None:
    at = now()
    after = [{**one, **_routed(city, one)} for one in found]
    execute(
        SERVE,
        {
            "city": city.id,
            "at": at,
            "ids": [one["id"] for one in after],
            "statuses": [one["status"] for one in after],
            "agencies": [one["agency"] for one in after],
            "responds": [one["respond"] for one in after],
            "dues": [one["due"] for one in after],
        },
    )
    told = [
        (was["id"], not was["private"], {"was": report_facts(city, was), "now": report_facts(city, now_is)})
        for was, now_is in zip(found, after, strict=True)
    ]
    record_many(city_id=city.id, kind="report.served", told=told)


def _routed(city: CityFacts, one: dict[str, Any]) -> dict[str, Any]:
    agency, start = agency_for(city, one["category"], one["area"]), now()
    if agency is None:
        return {"status": "received", "agency": None, "respond": None, "due": None}
    respond, due = (deadline(city, one["category"], start, hours) for hours in ("respond", "resolve"))
    return {"status": "routed", "agency": agency, "respond": respond, "due": due}
