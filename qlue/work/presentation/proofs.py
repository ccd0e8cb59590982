"""Proofs as the table of supervisors shows them: before and after, flags in words."""

from typing import Any

from qlue.cities.facts import CityFacts
from qlue.kit.ids import uuid7
from qlue.people.models import Membership
from qlue.reports.presentation.cards import card
from qlue.work.presentation.photos import photo_sizes
from qlue.work.proof.flags import FLAG_LABELS, WEAK_FLAGS

Row = dict[str, Any]


def proof_card(city: CityFacts, member: Membership, row: Row, failed_verdict: Row | None) -> Row:
    """`rejected`: the verdict that could not be stored, as {proof, words, fault}, to be shown in its own form."""
    secret = row["private"]
    typed_verdict = failed_verdict if failed_verdict and failed_verdict["proof"] == row["proof"] else {}
    return card(city, row) | {
        "before_photos": [photo_sizes(city, photo, secret=False) for photo in row["before"]],
        "after_photos": [photo_sizes(city, photo, secret=secret) for photo in row["after"]],
        "reasons": [(str(FLAG_LABELS[flag]), flag in WEAK_FLAGS) for flag in row["flags"] if flag in FLAG_LABELS],
        "own": row["user"] == member.user_id,
        # The verdict's own uuid, so that sending the form twice gives one verdict.
        "uuid": uuid7(),
        "typed": typed_verdict.get("words", ""),
        "fault": typed_verdict.get("fault", ""),
    }
