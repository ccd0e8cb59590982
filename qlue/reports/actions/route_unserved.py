"""The day a city joins: what its residents reported before goes to the agencies that it now has."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import columns, execute, fetch_records
from qlue.reports.actions.effects import route
from qlue.reports.records import ReportState, report_facts
from qlue.reports.states import ALL_TRANSITIONS, ReportStatus
from qlue.timeline.actions import record_events
from qlue.timeline.records import ReportPayload


@dataclass(frozen=True, kw_only=True)
class UnservedReport(ReportState):
    """A report that no agency has got yet."""

    id: int


# Without an area a report lies outside of the city: no agency of it could ever be responsible. Rows that another worker
# has locked are skipped, so two runs share the work.
UNSERVED_REPORTS = f"""
SELECT {columns(UnservedReport)} FROM reports_report
WHERE city_id = %s AND status = '{ReportStatus.UNSERVED}' AND area_id IS NOT NULL
ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""  # noqa: S608
UPDATE_ROUTES = """
UPDATE reports_report AS r SET status = new.status, agency_id = new.agency, respond_by = new.respond_by,
    due_at = new.due, updated_at = %(at)s
FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(agencies)s::bigint[], %(responds)s::timestamptz[],
    %(dues)s::timestamptz[]) AS new (id, status, agency, respond_by, due)
WHERE r.city_id = %(city)s AND r.id = new.id
"""
BATCH = 200  # residents go on reporting meanwhile: no transaction may be long


def route_unserved(city: CityFacts, most: int = 10_000) -> int:
    """Hands over up to `most` unserved reports, the oldest first, a transaction for each 200; returns how many.

    Their deadlines run from now: nobody could be late before there was anybody. May run twice at once.
    """
    total = 0
    while city.joined and total < most and (count := _route_batch(city)):
        total += count
    return total


def _route_batch(city: CityFacts) -> int:
    with transaction.atomic():
        reports = fetch_records(UnservedReport, UNSERVED_REPORTS, [city.id, BATCH])
        if reports:
            _route_reports(city, reports, now())
    return len(reports)


def _route_reports(city: CityFacts, reports: list[UnservedReport], at: datetime) -> None:
    states = [route(city, report, at) for report in reports]
    execute(
        UPDATE_ROUTES,
        {
            "city": city.id,
            "at": at,
            "ids": [report.id for report in reports],
            "statuses": [state.status for state in states],
            "agencies": [state.agency_id for state in states],
            "responds": [state.respond_by for state in states],
            "dues": [state.due_at for state in states],
        },
    )
    events = [
        (report.id, not report.private, ReportPayload(was=report_facts(city, report), now=report_facts(city, state)))
        for report, state in zip(reports, states, strict=True)
    ]
    record_events(city_id=city.id, kind=ALL_TRANSITIONS["route_unserved"].event, events=events)
