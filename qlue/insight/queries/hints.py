"""Reading stored hints: which waiting reports may be in the wrong place."""

from qlue.cities.facts import CityFacts
from qlue.insight.records.hints import MisroutedReport
from qlue.kit.db import fetch_all
from qlue.reports.records import REPORTS
from qlue.reports.states import ReportStatus
from qlue.timeline.records import EVENTS

# What a person has rerouted or corrected is not questioned again: the person knew better than the words.
MISROUTED = f"""
SELECT r.id, r.category_id, r.agency_id,
    CASE WHEN h.agency_id IS DISTINCT FROM r.agency_id AND h.agency_sure >= %(least)s THEN h.agency_id END,
    h.agency_sure,
    CASE WHEN h.category_id IS DISTINCT FROM r.category_id AND h.category_sure >= %(least)s THEN h.category_id END,
    h.category_sure, r.created_at
FROM {REPORTS} AS r JOIN insight_hint h ON h.city_id = r.city_id AND h.report_id = r.id
WHERE r.city_id = %(city)s AND r.status IN ('{ReportStatus.RECEIVED}', '{ReportStatus.ROUTED}') AND NOT r.private
    AND (%(agency)s::bigint IS NULL OR r.agency_id = %(agency)s)
    AND (h.agency_id IS DISTINCT FROM r.agency_id AND h.agency_sure >= %(least)s
        OR h.category_id IS DISTINCT FROM r.category_id AND h.category_sure >= %(least)s) AND NOT h.moved
    AND NOT EXISTS (SELECT FROM {EVENTS} AS t WHERE t.city_id = r.city_id AND t.report_id = r.id
        AND t.kind IN ('report.rerouted', 'report.recategorised'))
ORDER BY greatest(h.agency_sure, h.category_sure) DESC, r.id DESC LIMIT %(most)s
"""


def misrouted_reports(city: CityFacts, agency: int | None, least: float, most: int = 8) -> list[MisroutedReport]:
    """Waiting reports whose words point to another agency, to another category, or both; the most confident first."""
    rows = fetch_all(MISROUTED, {"city": city.id, "agency": agency, "least": least, "most": most})
    return [MisroutedReport(*row) for row in rows]
