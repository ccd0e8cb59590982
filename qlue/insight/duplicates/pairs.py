"""Pairs of a report and an earlier one near it, and what tells whether both mean the same problem.

Nothing here looks into the future of the newer report: an earlier one counts as open unless it was closed before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qlue.insight.duplicates.similarity import dice_similarity, trigrams

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Degrees = Floats | float  # of many pins or of one
Earlier = Callable[[Ints, Ints], NDArray[np.bool_]]

REACH_M = 250.0  # further away people mean another place, even where they write the same
MEMORY_DAYS = 120.0
CLOSED_DAYS = 30.0  # for so long after its end a report can still be what somebody means
NO_PICTURE = 65  # one more than the 64 bits in which two hashes can differ
MOST_CANDIDATES = 12  # candidates that are looked at closely, for each report
METRES_A_DEGREE = 111_195.0  # of latitude

# Stored trees name features by their position: append only, or have the next night train anew.
FEATURES = (
    "distance",
    "days_apart",
    "open",
    "days_closed",
    "same_category",
    "same_agency",
    "words",
    "picture",
    "open_here",
    "open_same_here",
    "burst_around",
    "rank",
)
SAME_PLACE_M = 30  # pins are not exact: what is this near counts as the same spot
BURST_DAYS = 3


@dataclass(frozen=True)
class ReportArrays:
    """Reports as columns, the oldest first. Times are days, `end` is infinite for what is open; `picture_hashes` are
    the 64-bit hashes of the photos of each."""

    lon: Floats
    lat: Floats
    at: Floats
    end: Floats
    category: Ints
    agency: Ints
    texts: Sequence[str]
    picture_hashes: Sequence[Sequence[int]]

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True)
class CandidatePairs:
    """`newer[i]` may repeat `older[i]`; `features` has a row for each pair and a column for each of FEATURES."""

    newer: Ints
    older: Ints
    features: Floats


def pin_distance_m(lon_a: Degrees, lat_a: Degrees, lon_b: Degrees, lat_b: Degrees) -> Floats:
    """Distance on the flat: within a city the error is far below that of a pin."""
    shrink = np.cos(np.radians((np.asarray(lat_a) + lat_b) / 2))
    metres = np.hypot((np.asarray(lon_a) - lon_b) * shrink, np.asarray(lat_a) - lat_b) * METRES_A_DEGREE
    return np.asarray(metres)


def is_before(newer: Ints, older: Ints) -> NDArray[np.bool_]:
    """Which pairs stand the right way round: reports lie in the order in which they came."""
    return older < newer


def pairs_of_all(
    reports: ReportArrays, mask: NDArray[np.bool_] | None = None, earlier: Earlier = is_before
) -> CandidatePairs:
    """Every report (of those in `mask`) with every one in reach that is `earlier`."""
    from scipy.spatial import cKDTree

    shrink = np.cos(np.radians(reports.lat.mean())) if len(reports) else 1.0
    points = np.column_stack([reports.lon * shrink, reports.lat]) * METRES_A_DEGREE
    tree = cKDTree(points)
    newer_positions = np.arange(len(reports)) if mask is None else np.flatnonzero(mask)
    # One shrink for the whole city is a little wrong at its edges, hence 2 % more; `pair_features` measures exactly.
    neighbours = tree.query_ball_point(points[newer_positions], REACH_M * 1.02)
    counts = np.fromiter((len(positions) for positions in neighbours), dtype=np.int64, count=len(neighbours))
    older = np.concatenate([newer_positions[:0], *(np.asarray(positions, dtype=np.int64) for positions in neighbours)])
    newer = np.repeat(newer_positions, counts)
    is_earlier = earlier(newer, older)
    return pair_features(reports, newer[is_earlier], older[is_earlier])


def pair_features(reports: ReportArrays, newer: Ints, older: Ints) -> CandidatePairs:
    """The pairs in reach of distance and time, the MOST_CANDIDATES likeliest of each newer report, with features."""
    days_apart = reports.at[newer] - reports.at[older]
    days_closed = reports.at[newer] - reports.end[older]
    distance = pin_distance_m(reports.lon[newer], reports.lat[newer], reports.lon[older], reports.lat[older])
    near = (distance <= REACH_M) & (days_apart >= 0) & (days_apart <= MEMORY_DAYS) & (days_closed <= CLOSED_DAYS)
    newer, older = newer[near], older[near]
    days_apart, days_closed, distance = days_apart[near], days_closed[near], distance[near]
    is_open = days_closed <= 0
    same_category = reports.category[newer] == reports.category[older]
    table = np.column_stack(
        [
            np.log1p(distance),
            days_apart,
            is_open,
            np.where(is_open, -1.0, days_closed),
            same_category,
            reports.agency[newer] == reports.agency[older],
            np.zeros((len(newer), 2)),  # words and picture cost most: only for those that stay
            matching_candidates(newer, (distance <= SAME_PLACE_M) & is_open),
            matching_candidates(newer, (distance <= SAME_PLACE_M) & is_open & same_category),
            matching_candidates(newer, days_apart <= BURST_DAYS),
        ]
    )
    rows, rank = likeliest_pairs(newer, table)
    newer, older = newer[rows], older[rows]
    table = np.column_stack([table[rows], rank])
    table[:, FEATURES.index("words")] = _text_similarity(reports, newer, older)
    table[:, FEATURES.index("picture")] = _picture_distance(reports, newer, older)
    return CandidatePairs(newer, older, table)


def matching_candidates(newer: Ints, mask: NDArray[np.bool_]) -> Floats:
    """For each pair, how many candidates of its newer report are in `mask`."""
    if not len(newer):
        return np.zeros(0)
    counts = np.bincount(newer[mask], minlength=int(newer.max()) + 1)
    return counts[newer].astype(np.float64)


def likeliest_pairs(newer: Ints, table: Floats) -> tuple[Ints, Floats]:
    """Which pairs stay, and their rank (0 is the first) among those of the same report: open, then same kind, then
    near, then young."""
    distance, days_apart, is_open, _days_closed, same_category = table[:, :5].T
    # The last key counts first. `distance` is a logarithm: the same category makes up for e² times the way.
    order = np.lexsort((days_apart, distance - 2.0 * same_category, -is_open, newer))
    newer_in_order = newer[order]
    first = np.searchsorted(newer_in_order, newer_in_order, side="left")
    rank = np.arange(len(order)) - first
    is_candidate = rank < MOST_CANDIDATES
    return order[is_candidate], rank[is_candidate].astype(np.float64)


def _text_similarity(reports: ReportArrays, newer: Ints, older: Ints) -> Floats:
    positions = np.unique(np.concatenate([newer, older]))
    trigrams_of = {int(position): trigrams(reports.texts[position]) for position in positions}
    pairs = zip(newer.tolist(), older.tolist(), strict=True)
    return np.array([dice_similarity(trigrams_of[a], trigrams_of[b]) for a, b in pairs], float)


def _picture_distance(reports: ReportArrays, newer: Ints, older: Ints) -> Floats:
    """Bits in which the most similar photos of both differ (0 to 64), NO_PICTURE where one has none."""
    hashes = reports.picture_hashes
    pairs = zip(newer.tolist(), older.tolist(), strict=True)
    return np.array([_least_bits(hashes[a], hashes[b]) for a, b in pairs], float)


def _least_bits(first: Sequence[int], second: Sequence[int]) -> int:
    # PostgreSQL's bigint is signed: the mask takes the sign of the difference away.
    return min((((a ^ b) & 0xFFFF_FFFF_FFFF_FFFF).bit_count() for a in first for b in second), default=NO_PICTURE)
