"""Pairs of a report and an earlier one near it, and what tells whether both mean the same problem.

Nothing here looks into the future of the newer report: an earlier one counts as open unless it was closed before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qlue.insight.duplicates.likeness import dice, grams

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Earlier = Callable[[Ints, Ints], NDArray[np.bool_]]

REACH_M = 250.0
MEMORY_DAYS = 120.0
CLOSED_DAYS = 30.0  # for so long after its end a report can still be what somebody means
NO_PICTURE = 65
MOST = 12  # candidates that are looked at closely, for each report
METRES_A_DEGREE = 111_195.0

FEATURES = (
    "distance", "days_apart", "open", "days_closed", "same_category", "same_agency", "words", "picture",
    "open_here", "open_same_here", "burst_around", "rank",
)  # fmt: skip


@dataclass(frozen=True)
class Reports:
    """Reports as columns, the oldest first. Times are days, `end` is infinite for what is open; `looks` are the
    64-bit hashes of the photos of each."""

    lon: Floats
    lat: Floats
    at: Floats
    end: Floats
    category: Ints
    agency: Ints
    words: Sequence[str]
    looks: Sequence[Sequence[int]]

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True)
class Pairs:
    """`newer[i]` may repeat `older[i]`; `features` has a row for each pair and a column for each of FEATURES."""

    newer: Ints
    older: Ints
    features: Floats


def metres(lon_a: Any, lat_a: Any, lon_b: Any, lat_b: Any) -> Any:
    """Distance on the flat: within a city the error is far below that of a pin."""
    wide = np.cos(np.radians((np.asarray(lat_a) + lat_b) / 2))
    return np.hypot((np.asarray(lon_a) - lon_b) * wide, np.asarray(lat_a) - lat_b) * METRES_A_DEGREE


def by_order(newer: Ints, older: Ints) -> NDArray[np.bool_]:
    """Which pairs stand the right way round: reports lie in the order in which they came."""
    return older < newer


def of_all(given: Reports, only: NDArray[np.bool_] | None = None, earlier: Earlier = by_order) -> Pairs:
    """Every report (of those that `only` marks) with every one in reach that is `earlier`."""
    from scipy.spatial import cKDTree

    wide = np.cos(np.radians(given.lat.mean())) if len(given) else 1.0
    flat = np.column_stack([given.lon * wide, given.lat]) * METRES_A_DEGREE
    tree = cKDTree(flat)
    asked = np.arange(len(given)) if only is None else np.flatnonzero(only)
    found = tree.query_ball_point(flat[asked], REACH_M * 1.02)
    counts = np.fromiter((len(one) for one in found), dtype=np.int64, count=len(found))
    older = np.concatenate([np.asarray(one, dtype=np.int64) for one in found]) if len(found) else asked[:0]
    newer = np.repeat(asked, counts)
    before = earlier(newer, older)
    return described(given, newer[before], older[before])


def described(given: Reports, newer: Ints, older: Ints) -> Pairs:
    """The pairs in reach of distance and time, the `MOST` likeliest of each newer report, with their features."""
    apart = given.at[newer] - given.at[older]
    closed = given.at[newer] - given.end[older]
    distance = metres(given.lon[newer], given.lat[newer], given.lon[older], given.lat[older])
    near = (distance <= REACH_M) & (apart >= 0) & (apart <= MEMORY_DAYS) & (closed <= CLOSED_DAYS)
    newer, older, apart, closed, distance = (column[near] for column in (newer, older, apart, closed, distance))
    is_open = closed <= 0
    same = given.category[newer] == given.category[older]
    table = np.column_stack(
        [
            np.log1p(distance),
            apart,
            is_open,
            np.where(is_open, -1.0, closed),
            same,
            given.agency[newer] == given.agency[older],
            np.zeros((len(newer), 2)),  # words and picture: only for those that stay
            around(newer, (distance <= 30) & is_open),
            around(newer, (distance <= 30) & is_open & same),
            around(newer, apart <= 3),
        ]
    )
    kept, rank = likeliest(newer, table)
    newer, older = newer[kept], older[kept]
    table = np.column_stack([table[kept], rank])
    table[:, FEATURES.index("words")] = _words(given, newer, older)
    table[:, FEATURES.index("picture")] = _pictures(given, newer, older)
    return Pairs(newer, older, table)


def around(newer: Ints, fitting: NDArray[np.bool_]) -> Floats:
    """For each pair, how many candidates of its newer report are `fitting`."""
    if not len(newer):
        return np.zeros(0)
    counts = np.bincount(newer[fitting], minlength=int(newer.max()) + 1)
    return counts[newer].astype(np.float64)


def likeliest(newer: Ints, table: Floats) -> tuple[Ints, Floats]:
    """Which pairs stay, and their rank (0 is the first) among those of the same report: open, then same kind, then
    near, then young."""
    distance, apart, is_open, _closed, same = table[:, :5].T
    order = np.lexsort((apart, distance - 2.0 * same, -is_open, newer))
    grouped = newer[order]
    first = np.searchsorted(grouped, grouped, side="left")
    rank = np.arange(len(order)) - first
    few = rank < MOST
    return order[few], rank[few].astype(np.float64)


def _words(given: Reports, newer: Ints, older: Ints) -> Floats:
    asked = np.unique(np.concatenate([newer, older]))
    known = {int(i): grams(given.words[i]) for i in asked}
    return np.array([dice(known[a], known[b]) for a, b in zip(newer.tolist(), older.tolist(), strict=True)], float)


def _pictures(given: Reports, newer: Ints, older: Ints) -> Floats:
    """Bits in which the likest photos of both differ (0 to 64), NO_PICTURE where one has none."""
    looks = given.looks
    pairs = zip(newer.tolist(), older.tolist(), strict=True)
    return np.array([_likest(looks[a], looks[b]) if looks[a] and looks[b] else NO_PICTURE for a, b in pairs], float)


def _likest(some: Sequence[int], others: Sequence[int]) -> int:
    return min(((one ^ other) & 0xFFFF_FFFF_FFFF_FFFF).bit_count() for one in some for other in others)
