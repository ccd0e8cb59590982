"""Proofs as the table of supervisors shows them: before and after, flags in words."""

from dataclasses import dataclass
from uuid import UUID

from qlue.cities.facts import CityFacts
from qlue.kit.ids import uuid7
from qlue.people.models import Membership
from qlue.reports.presentation.cards import ReportCard, report_card
from qlue.work.presentation.photos import photo_sizes
from qlue.work.proof.flags import FLAG_LABELS, WEAK_FLAGS
from qlue.work.records import ProofRecord


@dataclass(frozen=True)
class FailedVerdict:
    """A verdict that could not be stored: what was typed, and why not."""

    proof_id: int
    message: str
    fault: str


@dataclass(frozen=True)
class ProofCard:
    """A proof beside its report. `reasons`: each flag in words, and whether it is a weak one.

    `uuid` is the verdict's own, so that sending the form twice gives one verdict; `typed` and `fault` are of a verdict
    that could not be stored.
    """

    case: ReportCard
    proof: ProofRecord
    before_photos: list[dict[str, str]]
    after_photos: list[dict[str, str]]
    reasons: list[tuple[str, bool]]
    own: bool
    uuid: UUID
    typed: str
    fault: str


def proof_card(
    city: CityFacts, member: Membership, proof: ProofRecord, failed_verdict: FailedVerdict | None
) -> ProofCard:
    """`failed_verdict` is shown in the form of the proof that it was about."""
    verdict = failed_verdict if failed_verdict and failed_verdict.proof_id == proof.proof_id else None
    return ProofCard(
        case=report_card(city, proof),
        proof=proof,
        before_photos=[photo_sizes(city, photo, secret=False) for photo in proof.before_photos],
        after_photos=[photo_sizes(city, photo, secret=proof.private) for photo in proof.after_photos],
        reasons=[(str(FLAG_LABELS[flag]), flag in WEAK_FLAGS) for flag in proof.flags if flag in FLAG_LABELS],
        own=proof.user_id == member.user_id,
        uuid=uuid7(),
        typed=verdict.message if verdict else "",
        fault=verdict.fault if verdict else "",
    )
