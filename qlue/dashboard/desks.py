"""How much waits at each desk: the small numbers in the menu of people at work.

One statement over the open work only, each part by an index and counted up to `MOST`: the menu stands on every page.
"""

from typing import Any, Final

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.people.models import Membership
from qlue.people.rights import rights_of, scope_of

MOST: Final = 100  # shown as 99+

# Desk (its URL name) -> (right that opens it, what waits there). `agency` is NULL for those who see all agencies.
WAITING: Final[dict[str, tuple[str, str]]] = {
    "queue": (
        "see_queue",
        (
            "FROM reports_report r WHERE r.city_id = %(city)s AND r.status IN ('received', 'routed', 'reopened')"
            " AND (%(agency)s::bigint IS NULL OR r.agency_id = %(agency)s)"
        ),
    ),
    "field": (
        "work_in_field",
        (
            "FROM reports_report r WHERE r.city_id = %(city)s AND r.assignee_id = %(user)s"
            " AND r.status IN ('accepted', 'in_progress', 'reopened')"
        ),
    ),
    "orders": (
        "lead_crews",
        (
            "FROM work_order o WHERE o.city_id = %(city)s AND o.state IN ('submitted', 'declined')"
            " AND (%(agency)s::bigint IS NULL OR o.agency_id = %(agency)s)"
        ),
    ),
    "handovers": (
        "see_queue",
        (
            "FROM work_handover h WHERE h.city_id = %(city)s AND (h.state = 'asked' AND h.to_agency_id = %(agency)s"
            " OR h.state = 'arbitration' AND %(agency)s::bigint IS NULL)"
        ),
    ),
    "proofs": (
        "review_proof",
        (
            "FROM work_proof v JOIN reports_report r ON r.city_id = v.city_id AND r.id = v.report_id"
            " WHERE v.city_id = %(city)s AND v.state = 'open'"
            " AND (%(agency)s::bigint IS NULL OR r.agency_id = %(agency)s)"
        ),
    ),
    "calls": (
        "answer_calls",
        (
            "FROM channels_call c WHERE c.city_id = %(city)s AND c.disposition = '' AND NOT c.blocked"
            " AND c.noted_at > now() - interval '2 hours'"
        ),
    ),
    "messages": (
        "manage_messages",
        (
            "FROM (SELECT FROM channels_envelope WHERE city_id = %(city)s AND state = 'quarantine' UNION ALL"
            " SELECT FROM channels_inbound WHERE city_id = %(city)s AND state = 'quarantine' UNION ALL"
            " SELECT FROM channels_outbound WHERE city_id = %(city)s AND state = 'gave_up') m"
        ),
    ),
    "alarms": (
        "handle_alarms",
        ("FROM things_alarm a WHERE a.city_id = %(city)s AND a.closed_at IS NULL AND a.acknowledged_at IS NULL"),
    ),
    "camera-events": ("judge_events", "FROM vision_event e WHERE e.city_id = %(city)s AND e.verdict = 'waiting'"),
    "data-requests": (
        "handle_personal_data",
        ("FROM people_datarequest d WHERE d.city_id = %(city)s AND d.answered_at IS NULL"),
    ),
}


def waiting(city: CityFacts, member: Membership) -> dict[str, int]:
    """URL name of each desk at which this member has something to do -> how much, up to `MOST`. One statement."""
    rights = rights_of(member)
    names = [name for name, (right, _what) in WAITING.items() if right in rights]
    if not names:
        return {}
    parts = (f"(SELECT count(*) FROM (SELECT {WAITING[name][1]} LIMIT {MOST}) t)" for name in names)
    counted = fetch_all(f"SELECT {', '.join(parts)}", _values(city, member))[0]
    return dict(zip(names, counted, strict=True))


def _values(city: CityFacts, member: Membership) -> dict[str, Any]:
    return {"city": city.id, "agency": scope_of(member), "user": member.user_id}
