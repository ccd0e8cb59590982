"""What the city knows that helps to judge a proof: photos of before, similar photos, used codes, places of before."""

from collections.abc import Iterable

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all, fetch_value
from qlue.people.models import Membership
from qlue.reports.actions import StoredPhoto
from qlue.reports.actions.photos import photo_bytes
from qlue.reports.records import PHOTOS
from qlue.work.proof.challenge import read_challenge
from qlue.work.proof.flags import SAME_PHOTO_BITS, Evidence, ProofContext, is_distinctive

SPOT_DAYS = 30

# A similar photo and a used code are searched for in the whole city, the spot among the same person's last proofs.
CHALLENGE_USED = "SELECT EXISTS (SELECT FROM work_proof WHERE city_id = %s AND challenge = %s)"
BEFORE_HASHES = f"""
SELECT dhash FROM {PHOTOS} AS photo WHERE city_id = %s AND report_id = %s AND kind = 'before' AND dhash IS NOT NULL
"""
SAME_PHOTO_ELSEWHERE = f"""
SELECT p.report_id FROM {PHOTOS} AS p WHERE p.city_id = %(city)s AND p.kind <> 'before' AND p.dhash IS NOT NULL
    AND p.report_id <> %(report)s AND bit_count((p.dhash # %(dhash)s)::bit(64)) <= %(bits)s LIMIT 1
"""
# Equal to the last digit: a real receiver never repeats its coordinates, a position that was typed in does.
SAME_SPOT_COUNT = """
SELECT count(DISTINCT report_id) FROM work_proof WHERE city_id = %s AND user_id = %s AND report_id <> %s
    AND lon = %s AND lat = %s AND created_at > now() - make_interval(days => %s)
"""
BEFORE_PHOTOS = (
    f"SELECT uuid FROM {PHOTOS} AS photo WHERE city_id = %s AND report_id = %s AND kind = 'before' ORDER BY id LIMIT 2"
)


def scene_agreement(city: CityFacts, report_id: int, photos: list[StoredPhoto]) -> int | None:
    """In how many places the first photos of before and after agree at best, None where they cannot be compared.

    It takes a while: hold no lock.
    """
    # Imported here: NumPy and SciPy take a while to load, and most processes never compare pictures.
    from qlue.kit.scene import count_common_places, describe_scene

    before_ids = [uuid for (uuid,) in fetch_all(BEFORE_PHOTOS, [city.id, report_id])]
    after_ids = [photo.uuid for photo in photos[:2]] if before_ids else []
    try:
        before = [describe_scene(photo_bytes(city.id, uuid, "medium")) for uuid in before_ids]
        after = [describe_scene(photo_bytes(city.id, uuid, "medium")) for uuid in after_ids]
    except OSError:  # the storage lacks one, or it is no picture any more
        return None
    counts = [count_common_places(first, second) for first in before for second in after]
    return max((count for count in counts if count is not None), default=None)


def proof_context(
    city: CityFacts,
    actor: Membership,
    report_id: int,
    photos: list[StoredPhoto],
    evidence: Evidence,
    scene: int | None,
) -> ProofContext:
    """Everything that the rules of `proof.flags` compare a proof with; read before its own photos are stored."""
    challenge = read_challenge(evidence.token)
    hashes = [photo.dhash for photo in photos if photo.dhash is not None and is_distinctive(photo.dhash)]
    before_hashes = [dhash for (dhash,) in fetch_all(BEFORE_HASHES, [city.id, report_id]) if is_distinctive(dhash)]
    place = evidence.place or evidence.photo_place
    spot_params = [city.id, actor.user_id, report_id, *place, SPOT_DAYS] if place else []
    return ProofContext(
        hashes=hashes,
        before_hashes=before_hashes,
        same_photo_report=_report_with_same_photo(city, report_id, hashes),
        challenge_used=bool(challenge and fetch_value(CHALLENGE_USED, [city.id, challenge.digest])),
        same_spot_count=fetch_value(SAME_SPOT_COUNT, spot_params) if place else 0,
        scene=scene,
    )


def _report_with_same_photo(city: CityFacts, report_id: int, hashes: Iterable[int]) -> int | None:
    """Another report with a photo of finished work that looks like one of these."""
    for dhash in hashes:
        params = {"city": city.id, "report": report_id, "dhash": dhash, "bits": SAME_PHOTO_BITS}
        other_report: int | None = fetch_value(SAME_PHOTO_ELSEWHERE, params)
        if other_report:
            return other_report
    return None
