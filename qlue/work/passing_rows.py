"""What the pages of hand-overs and of questions to outside show."""

from typing import Any

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.people.models import Membership
from qlue.people.rights import scope_of
from qlue.work.reading import letters_of

MOST = 100
Row = dict[str, Any]

HANDOVERS = """
SELECT h.id, h.state, h.reason, h.answer, h.from_agency_id, h.to_agency_id, h.decided_for_id, h.asked_at, h.answer_due,
    h.answered_at, r.id, report_code(%(prefix)s, r.id), r.status, r.category_id, r.area_id, r.agency_id,
    left(r.words, 200), r.private, r.created_at, r.due_at, r.resolved_at
FROM work_handover h JOIN reports_report r ON r.city_id = h.city_id AND r.id = h.report_id
WHERE h.city_id = %(city)s AND {which} ORDER BY (h.state IN ('asked', 'arbitration')) DESC, h.id DESC LIMIT {most}
"""
COLUMNS = (
    "id", "state", "reason", "answer", "from", "to", "decided_for", "asked_at", "answer_due", "answered_at", "report",
    "code", "status", "category", "area", "agency", "words", "private", "created_at", "due_at", "resolved_at",
)  # fmt: skip
CONCERNED = "(%(agency)s::bigint IS NULL OR %(agency)s IN (h.from_agency_id, h.to_agency_id, h.decided_for_id))"


def handover_rows(city: CityFacts, member: Membership) -> list[Row]:
    """Those that concern the member's agency (all for those who see all): the open ones first, then the newest."""
    return _handovers(city, CONCERNED, {"agency": scope_of(member)})


def handovers_of(city: CityFacts, report: int) -> list[Row]:
    """All hand-overs of a report, an open one first."""
    return _handovers(city, "h.report_id = %(report)s", {"report": report})


def handover_row(city: CityFacts, number: int) -> Row | None:
    """One hand-over with its report."""
    found = _handovers(city, "h.id = %(id)s", {"id": number})
    return found[0] if found else None


def _handovers(city: CityFacts, which: str, values: dict[str, Any]) -> list[Row]:
    sql = HANDOVERS.format(which=which, most=MOST)
    found = fetch_all(sql, {"city": city.id, "prefix": city.code_prefix} | values)
    return [dict(zip(COLUMNS, row, strict=True)) for row in found]


ASKS = """
SELECT a.id, a.uuid, a.state, a.words, a.answer, a.answered_as, a.outside_id, a.asked_at, a.expires_at, a.opened_at,
    a.answered_at, a.photos::text, a.turn, a.email, a.reminded_at, r.id, report_code(%(prefix)s, r.id),
    r.agency_id, r.category_id
FROM work_outsideask a JOIN reports_report r ON r.city_id = a.city_id AND r.id = a.report_id
WHERE a.city_id = %(city)s AND {which} ORDER BY (a.state IN ('asked', 'accepted')) DESC, a.id DESC LIMIT {most}
"""
ASK_COLUMNS = (
    "id", "uuid", "state", "words", "answer", "answered_as", "outside", "asked_at", "expires_at", "opened_at",
    "answered_at", "photos", "turn", "email", "reminded_at", "report", "code", "agency", "category",
)  # fmt: skip
OURS = "(%(agency)s::bigint IS NULL OR r.agency_id = %(agency)s)"


def ask_rows(city: CityFacts, member: Membership) -> list[Row]:
    """Questions to authorities outside about the member's agency's reports: the open ones first."""
    return _asks(city, OURS, {"agency": scope_of(member)})


def asks_of(city: CityFacts, report: int) -> list[Row]:
    """All questions about a report."""
    return _asks(city, "a.report_id = %(report)s", {"report": report})


def _asks(city: CityFacts, which: str, values: dict[str, Any]) -> list[Row]:
    found = fetch_all(ASKS.format(which=which, most=MOST), {"city": city.id, "prefix": city.code_prefix} | values)
    asks = [dict(zip(ASK_COLUMNS, row, strict=True)) for row in found]
    letters = letters_of(city, [(ask["id"], ask["turn"]) for ask in asks if ask["email"]])
    return [ask | {"letters": letters.get(ask["id"], [])} for ask in asks]
