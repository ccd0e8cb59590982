"""Transfers between agencies, with their report, as pages show them."""

from qlue.cities.facts import CityFacts
from qlue.kit.db import SqlParams, fetch_records
from qlue.people.models import Membership
from qlue.people.rights import scope_of
from qlue.reports.records import REPORT_COLUMNS, REPORTS
from qlue.work.records import TransferRecord
from qlue.work.states import TransferState

MOST_TRANSFERS = 100

SELECT_TRANSFERS = f"""
SELECT {REPORT_COLUMNS}, h.id AS transfer_id, h.state, h.reason, h.answer, h.from_agency_id, h.to_agency_id,
    h.decided_for_id, h.asked_at, h.answer_due
FROM work_handover h JOIN {REPORTS} AS r ON r.city_id = h.city_id AND r.id = h.report_id
WHERE h.city_id = %(city)s AND {{condition}}
ORDER BY (h.state IN ('{TransferState.ASKED}', '{TransferState.ARBITRATION}')) DESC, h.id DESC LIMIT %(limit)s
"""
# The arbiter may choose a third agency, which then sees what was said before.
CONCERNS_AGENCY = "(%(agency)s::bigint IS NULL OR %(agency)s IN (h.from_agency_id, h.to_agency_id, h.decided_for_id))"


def list_transfers(city: CityFacts, member: Membership) -> list[TransferRecord]:
    """Those that concern the member's agency (all for those who see all): the open ones first, then the newest."""
    return _fetch_transfers(city, CONCERNS_AGENCY, {"agency": scope_of(member)})


def transfers_of_report(city: CityFacts, report_id: int) -> list[TransferRecord]:
    """All transfers of a report, an open one first."""
    return _fetch_transfers(city, "h.report_id = %(report)s", {"report": report_id})


def find_transfer(city: CityFacts, transfer_id: int) -> TransferRecord | None:
    """One transfer with its report; the caller decides who may see it."""
    transfers = _fetch_transfers(city, "h.id = %(id)s", {"id": transfer_id})
    return transfers[0] if transfers else None


def _fetch_transfers(city: CityFacts, condition: str, params: SqlParams) -> list[TransferRecord]:
    limits: SqlParams = {"city": city.id, "prefix": city.code_prefix, "limit": MOST_TRANSFERS}
    return fetch_records(TransferRecord, SELECT_TRANSFERS.format(condition=condition), limits | params)
