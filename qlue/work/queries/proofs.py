"""What supervisors review: proofs with their report, the photos of before and after, and their flags."""

import json
from typing import Any

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all, fetch_value
from qlue.people.records import USERS
from qlue.reports.records import PHOTOS, REPORTS
from qlue.work.models import Order, Proof
from qlue.work.states import ProofState

MOST_PROOFS = 20

# The photos of before are read here only where the report is public: those of a private one open in the case, where
# the access is logged.
PROOFS = f"""
SELECT v.id, r.id, report_code(%(prefix)s, r.id), r.status, r.category_id, r.area_id, r.agency_id, left(r.words, 300),
    r.landmark, r.private, r.created_at, r.due_at, r.resolved_at, v.photos::text, v.words, v.code, v.taken_at, v.metres,
    v.likeness, v.scene, v.waited, v.flags::text, v.state, v.created_at, v.reviewed_at, v.review_words, v.order_id,
    v.user_id,
    coalesce(nullif(u.first_name, ''), u.username), coalesce(nullif(w.first_name, ''), w.username),
    CASE WHEN v.twin IS NOT NULL THEN report_code(%(prefix)s, v.twin) END,
    (SELECT coalesce(array_agg(p.uuid ORDER BY p.id), '{{{{}}}}') FROM {PHOTOS} AS p
     WHERE p.city_id = r.city_id AND p.report_id = r.id AND p.kind = 'before' AND NOT r.private)
FROM work_proof v JOIN {REPORTS} AS r ON r.city_id = v.city_id AND r.id = v.report_id
JOIN {USERS} AS u ON u.id = v.user_id LEFT JOIN {USERS} AS w ON w.id = v.reviewer_id
WHERE v.city_id = %(city)s AND v.state = ANY(%(states)s) AND (%(agency)s::bigint IS NULL OR r.agency_id = %(agency)s)
ORDER BY {{order}} LIMIT %(limit)s
"""
PROOF_COLUMNS = (
    "proof", "id", "code", "status", "category", "area", "agency", "words", "landmark", "private", "created_at",
    "due_at", "resolved_at", "after", "done_words", "challenge", "taken_at", "metres", "likeness", "scene", "waited",
    "flags", "state", "at", "reviewed_at", "review_words", "order", "user", "by", "reviewer", "twin", "before",
)  # fmt: skip
OPEN_STATES: tuple[str, ...] = (ProofState.OPEN,)
REVIEWED_STATES: tuple[str, ...] = (ProofState.APPROVED, ProofState.RETURNED)


def proof_rows(city: CityFacts, agency: int | None, states: tuple[str, ...] = OPEN_STATES) -> list[dict[str, Any]]:
    """Open ones the oldest first, reviewed ones the newest first; of one agency, None for the whole city."""
    order = "v.created_at, v.id" if states == OPEN_STATES else "v.reviewed_at DESC, v.id DESC"
    params = {
        "city": city.id,
        "prefix": city.code_prefix,
        "states": list(states),
        "agency": agency,
        "limit": MOST_PROOFS,
    }
    rows = [dict(zip(PROOF_COLUMNS, row, strict=True)) for row in fetch_all(PROOFS.format(order=order), params)]
    return [row | {"after": json.loads(row["after"]), "flags": json.loads(row["flags"])} for row in rows]


def open_proof_flags(city: CityFacts, order: Order) -> list[str]:
    """The flags of what was handed in for an order and is not reviewed yet."""
    proof = Proof.objects.filter(city_id=city.id, order_id=order.id, state=ProofState.OPEN).order_by("-id").first()
    return list(proof.flags) if proof else []


COUNT_OPEN_PROOFS = f"""
SELECT count(*) FROM work_proof v JOIN {REPORTS} AS r ON r.city_id = v.city_id AND r.id = v.report_id
WHERE v.city_id = %s AND v.state = 'open' AND (%s::bigint IS NULL OR r.agency_id = %s)
"""


def count_open_proofs(city: CityFacts, agency: int | None) -> int:
    """How many proofs wait for a review."""
    return int(fetch_value(COUNT_OPEN_PROOFS, [city.id, agency, agency]))
