"""Durations as a histogram of logarithmic buckets: unlike means and percentiles, histograms add up.

Bucket b holds 2^(b/8) <= hours < 2^((b+1)/8), so a percentile read from it is off by at most a factor of 2^(1/8),
that is 9 %. Under a minute counts as a minute.
"""

from collections.abc import Mapping

# Finer buckets would make more rows than the numbers on a tile can show; a doubling in one would be off by half.
BUCKETS_PER_DOUBLING = 8
# The bucket of a column `hours` (float8). A report that was resolved the moment it came would have no logarithm.
BUCKET_SQL = f"floor({BUCKETS_PER_DOUBLING} * ln(greatest(hours, 1 / 60.0)) / ln(2.0::float8))::smallint"


def hours_percentile(buckets: Mapping[int, int], share: float) -> float | None:
    """Hours within which `share` (0 to 1) of the counted resolutions came; None when there are none."""
    rank, before = share * sum(buckets.values()), 0
    for bucket, n in sorted(buckets.items()):
        if n and before + n >= rank:
            # Where in the bucket the rank lies, as if its resolutions were spread evenly on the logarithmic scale.
            return float(2 ** ((bucket + (rank - before) / n) / BUCKETS_PER_DOUBLING))
        before += n
    return None
