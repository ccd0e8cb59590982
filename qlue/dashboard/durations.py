"""Durations as a histogram of logarithmic buckets: unlike means and percentiles, histograms add up.

Bucket b holds 2^(b/8) <= hours < 2^((b+1)/8), so a percentile read from it is off by at most a factor of 2^(1/8),
that is 9 %. Under a minute counts as a minute.
"""

from collections.abc import Mapping

STEPS = 8  # buckets per doubling
BUCKET_SQL = f"floor({STEPS} * ln(greatest(hours, 1 / 60.0)) / ln(2.0::float8))::smallint"
"""The bucket of a column `hours` (float8)."""


def percentile(buckets: Mapping[int, int], share: float) -> float | None:
    """Hours within which `share` (0 to 1) of the counted resolutions came; None when there are none."""
    total = sum(buckets.values())
    wanted, before = share * total, 0
    for bucket, n in sorted(buckets.items()):
        if n and before + n >= wanted:
            return float(2 ** ((bucket + (wanted - before) / n) / STEPS))
        before += n
    return None
