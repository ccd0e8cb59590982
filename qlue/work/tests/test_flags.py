"""Which proofs are looked at a second time."""

from datetime import timedelta
from typing import Any

import pytest

from qlue.kit import scene
from qlue.kit.clock import now
from qlue.work.proof.challenge import issue_challenge, read_challenge
from qlue.work.proof.flags import (
    SAME_SCENE_PLACES,
    Evidence,
    ProofContext,
    ProofTask,
    is_distinctive,
    needs_review,
    proof_flags,
)

HERE, NEAR, AWAY = (119.43, -5.14), (119.4305, -5.1402), (119.45, -5.14)
SIGHT, SCENE = 0x0F0F_3C3C_5555_1234, 0x1234_9999_0F0F_7777


def judged(
    known: ProofContext | None = None, *, task: ProofTask | None = None, token: str | None = None, **said: object
):
    challenge = issue_challenge(1, 2, 3)
    usual: dict[str, Any] = {"token": challenge.token if token is None else token, "place": NEAR, "accuracy": 8.0}
    usual |= {"taken_at": now(), "pressed_at": now()}
    evidence = Evidence(**(usual | said))
    given = task or ProofTask(1, 2, 3, HERE, challenge.issued_at)
    return proof_flags(given, evidence, read_challenge(evidence.token), known or ProofContext(), 150)


def test_honest_work_has_no_flag():
    assert judged() == []
    assert judged(ProofContext(hashes=[SIGHT], before_hashes=[SCENE])) == []


@pytest.mark.parametrize("token", ["", "made up", "WzEsMl0:abc:def"])
def test_without_a_code_of_ours_there_is_a_flag(token):
    assert judged(token=token) == ["no_challenge"]


def test_a_code_is_for_one_person_and_one_case():
    assert judged(token=issue_challenge(1, 2, 4).token) == ["other_challenge"]
    assert judged(token=issue_challenge(1, 9, 3).token) == ["other_challenge"]
    assert judged(token=issue_challenge(7, 2, 3).token) == ["other_challenge"]


def test_a_code_runs_out_by_the_moment_of_pressing_not_of_arriving():
    old = issue_challenge(1, 2, 3, timedelta(hours=-1))
    before = old.expires_at - timedelta(minutes=5)
    assert judged(token=old.token) == ["late_challenge"]
    assert judged(token=old.token, pressed_at=before, taken_at=None) == []
    assert judged(ProofContext(challenge_used=True)) == ["used_challenge"]


def test_place_is_judged_with_the_accuracy_that_the_phone_admits():
    assert judged(place=AWAY) == ["far"]
    assert judged(place=(119.4325, -5.14), accuracy=10) == ["far"]
    assert judged(place=(119.4325, -5.14), accuracy=200) == []
    assert judged(place=AWAY, accuracy=9_000) == ["far"]
    assert judged(place=None) == ["no_place"]
    assert judged(place=NEAR, photo_place=AWAY) == ["apart"]


def test_where_only_the_kelurahan_is_known_nothing_is_far():
    assert judged(task=ProofTask(1, 2, 3, None, now()), place=AWAY) == []


def test_the_same_spot_a_third_time_is_a_flag():
    assert judged(ProofContext(same_spot_count=1)) == []
    assert judged(ProofContext(same_spot_count=2)) == ["same_spot"]


def test_time_of_the_photo():
    assert judged(taken_at=now() + timedelta(hours=1)) == ["future_photo"]
    assert judged(taken_at=now() - timedelta(hours=2)) == ["old_photo"]
    assert judged(taken_at=None) == []


def test_pictures():
    assert judged(ProofContext(hashes=[SIGHT], before_hashes=[SIGHT ^ 1])) == ["same_picture"]
    assert judged(ProofContext(hashes=[SIGHT], before_hashes=[SCENE], same_photo_report=9)) == ["reused"]
    assert judged(ProofContext(hashes=[SIGHT], before_hashes=[~SIGHT])) == []
    assert [judged(ProofContext(scene=places)) for places in (None, 3, SAME_SCENE_PLACES)] == [[], ["unlike"], []]
    assert SAME_SCENE_PLACES == scene.SAME_SCENE_FROM
    assert not is_distinctive(0)
    assert not is_distinctive(-1)


def test_one_weak_sign_is_not_enough_to_bother_somebody():
    assert not needs_review([])
    assert not needs_review(["no_place"])
    assert needs_review(["no_place", "unlike"])
    assert needs_review(["far"])
