"""Transfers between agencies, with their report, as pages show them."""

from typing import Any

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.people.models import Membership
from qlue.people.rights import scope_of
from qlue.reports.records import REPORTS

MOST_TRANSFERS = 100
Row = dict[str, Any]

TRANSFERS = f"""
SELECT h.id, h.state, h.reason, h.answer, h.from_agency_id, h.to_agency_id, h.decided_for_id, h.asked_at, h.answer_due,
    h.answered_at, r.id, report_code(%(prefix)s, r.id), r.status, r.category_id, r.area_id, r.agency_id,
    left(r.words, 200), r.private, r.created_at, r.due_at, r.resolved_at
FROM work_handover h JOIN {REPORTS} AS r ON r.city_id = h.city_id AND r.id = h.report_id
WHERE h.city_id = %(city)s AND {{condition}}
ORDER BY (h.state IN ('asked', 'arbitration')) DESC, h.id DESC LIMIT %(limit)s
"""
TRANSFER_COLUMNS = (
    "id", "state", "reason", "answer", "from", "to", "decided_for", "asked_at", "answer_due", "answered_at", "report",
    "code", "status", "category", "area", "agency", "words", "private", "created_at", "due_at", "resolved_at",
)  # fmt: skip
# The arbiter may choose a third agency, which then sees what was said before.
CONCERNS_AGENCY = "(%(agency)s::bigint IS NULL OR %(agency)s IN (h.from_agency_id, h.to_agency_id, h.decided_for_id))"


def transfer_rows(city: CityFacts, member: Membership) -> list[Row]:
    """Those that concern the member's agency (all for those who see all): the open ones first, then the newest."""
    return _fetch_transfers(city, CONCERNS_AGENCY, {"agency": scope_of(member)})


def transfers_of_report(city: CityFacts, report_id: int) -> list[Row]:
    """All transfers of a report, an open one first."""
    return _fetch_transfers(city, "h.report_id = %(report)s", {"report": report_id})


def transfer_row(city: CityFacts, transfer_id: int) -> Row | None:
    """One transfer with its report; the caller decides who may see it."""
    rows = _fetch_transfers(city, "h.id = %(id)s", {"id": transfer_id})
    return rows[0] if rows else None


def _fetch_transfers(city: CityFacts, condition: str, params: dict[str, Any]) -> list[Row]:
    limits = {"city": city.id, "prefix": city.code_prefix, "limit": MOST_TRANSFERS}
    rows = fetch_all(TRANSFERS.format(condition=condition), limits | params)
    return [dict(zip(TRANSFER_COLUMNS, row, strict=True)) for row in rows]
