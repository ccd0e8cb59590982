"""What supervisors review: proofs with their report, the photos of before and after, and their flags."""

from qlue.cities.facts import CityFacts
from qlue.kit.db import SqlParams, fetch_records, fetch_value
from qlue.people.records import USERS
from qlue.reports.records import PHOTOS, REPORT_COLUMNS, REPORTS
from qlue.reports.states import PhotoKind
from qlue.work.models import Order, Proof
from qlue.work.records import ProofRecord
from qlue.work.states import ProofState

MOST_PROOFS = 20

# The photos of before are read here only where the report is public: those of a private one open in the case, where
# the access is logged.
SELECT_PROOFS = f"""
SELECT {REPORT_COLUMNS}, v.id AS proof_id, v.state, v.user_id,
    coalesce(nullif(u.first_name, ''), u.username) AS submitted_by, v.created_at AS submitted_at,
    v.words AS done_words, v.code AS challenge_code, v.taken_at, v.metres, v.likeness, v.scene,
    CASE WHEN v.twin IS NOT NULL THEN report_code(%(prefix)s, v.twin) END AS twin, v.waited,
    ARRAY(SELECT jsonb_array_elements_text(v.flags)) AS flags,
    ARRAY(SELECT p.uuid FROM {PHOTOS} AS p WHERE p.city_id = r.city_id AND p.report_id = r.id
        AND p.kind = '{PhotoKind.BEFORE}' AND NOT r.private ORDER BY p.id) AS before_photos,
    ARRAY(SELECT jsonb_array_elements_text(v.photos)) AS after_photos,
    coalesce(nullif(w.first_name, ''), w.username) AS reviewer, v.reviewed_at, v.review_words
FROM work_proof v JOIN {REPORTS} AS r ON r.city_id = v.city_id AND r.id = v.report_id
JOIN {USERS} AS u ON u.id = v.user_id LEFT JOIN {USERS} AS w ON w.id = v.reviewer_id
WHERE v.city_id = %(city)s AND v.state = ANY(%(states)s) AND (%(agency)s::bigint IS NULL OR r.agency_id = %(agency)s)
ORDER BY {{order}} LIMIT %(limit)s
"""
OPEN_STATES: tuple[str, ...] = (ProofState.OPEN,)
REVIEWED_STATES: tuple[str, ...] = (ProofState.APPROVED, ProofState.RETURNED)


def list_proofs(city: CityFacts, agency: int | None, states: tuple[str, ...] = OPEN_STATES) -> list[ProofRecord]:
    """Open ones the oldest first, reviewed ones the newest first; of one agency, None for the whole city."""
    order = "v.created_at, v.id" if states == OPEN_STATES else "v.reviewed_at DESC, v.id DESC"
    params: SqlParams = {
        "city": city.id,
        "prefix": city.code_prefix,
        "states": list(states),
        "agency": agency,
        "limit": MOST_PROOFS,
    }
    return fetch_records(ProofRecord, SELECT_PROOFS.format(order=order), params)


def open_proof_flags(city: CityFacts, order: Order) -> list[str]:
    """The flags of what was handed in for an order and is not reviewed yet."""
    proof = Proof.objects.filter(city_id=city.id, order_id=order.id, state=ProofState.OPEN).order_by("-id").first()
    return list(proof.flags) if proof else []


COUNT_OPEN_PROOFS = f"""
SELECT count(*) FROM work_proof v JOIN {REPORTS} AS r ON r.city_id = v.city_id AND r.id = v.report_id
WHERE v.city_id = %s AND v.state = '{ProofState.OPEN}' AND (%s::bigint IS NULL OR r.agency_id = %s)
"""


def count_open_proofs(city: CityFacts, agency: int | None) -> int:
    """How many proofs wait for a review."""
    return int(fetch_value(COUNT_OPEN_PROOFS, [city.id, agency, agency]))
