"""Each night: what people merged teaches which pairs mean the same."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qlue.cities.facts import CityFacts
from qlue.insight.contest import settled
from qlue.insight.duplicates.backtest import average_precision
from qlue.insight.duplicates.learn import LEAST, fit
from qlue.insight.duplicates.near import COLUMNS, as_reports
from qlue.insight.duplicates.pairs import Pairs, of_all
from qlue.insight.duplicates.score import best_of, scored
from qlue.insight.models import TrainedModel
from qlue.insight.serving import serving
from qlue.kit.clock import now
from qlue.kit.db import fetch_all

YEAR = timedelta(days=365)
MOST = 20_000
TESTED = 0.25  # of the reports, the newest
LEAST_TESTED = 10  # repeats among them

PAST = """
SELECT r.id, r.lon, r.lat, r.created_at, r.updated_at, r.resolved_at, r.status, r.category_id, r.agency_id,
    left(r.words, 600) || ' ' || r.landmark,
    (SELECT array_agg(p.dhash) FROM reports_photo p WHERE p.city_id = r.city_id AND p.report_id = r.id
        AND p.kind = 'before' AND p.dhash IS NOT NULL), coalesce(r.merged_into_id, r.id)
FROM reports_report r WHERE r.city_id = %s AND NOT r.private AND r.created_at > %s AND r.status <> ALL(%s)
ORDER BY r.created_at DESC, r.id DESC LIMIT %s
"""
UNKNOWN = ["unserved", "rejected"]  # a rejected one may well have been a repeat


def retrain(city: CityFacts) -> TrainedModel | None:
    """One contest; None where too little was merged since the champion was trained."""
    champion = serving(city, "duplicates")
    found = [dict(zip((*COLUMNS, "into"), row, strict=True)) for row in reversed(_past(city))]
    if len(found) < 4 * LEAST:
        return None
    given, cluster = as_reports(found), _clusters(found)
    split = _split(given.at, champion.row)
    old, new = given.at < split, given.at >= split
    past, later = of_all(given, old), of_all(given, new)
    trees = fit(*_lessons(past, cluster))
    truth = np.isin(np.arange(len(found)), later.newer[_alike(later, cluster)])
    if trees is None or truth.sum() < LEAST_TESTED:
        return None
    ours = average_precision(truth[new], best_of(later, scored(later, trees), len(found))[new])
    theirs = average_precision(truth[new], best_of(later, scored(later, champion.trees), len(found))[new])
    return settled(
        city,
        "duplicates",
        trees.arrays(),
        wins=ours > theirs or champion.broken,
        scores={"average_precision": round(ours, 4)},
        champion={"average_precision": round(theirs, 4)},
        until=datetime.fromtimestamp(split * 86_400, UTC),
        sizes=(int(old.sum()), int(new.sum())),
    )


def _past(city: CityFacts) -> list[tuple[Any, ...]]:
    return fetch_all(PAST, [city.id, now() - YEAR, UNKNOWN, MOST])


def _split(at: NDArray[np.float64], champion: TrainedModel | None) -> float:
    """Nothing that the champion was trained on takes part in the test."""
    seen = champion.trained_until.timestamp() / 86_400 if champion else 0.0
    return max(float(np.quantile(at, 1 - TESTED)), seen)


def _clusters(found: list[dict[str, Any]]) -> NDArray[np.int64]:
    """For each report the one that it ended in, through however many merges."""
    into = {one["id"]: one["into"] for one in found}

    def last(number: int) -> int:
        for _step in range(20):
            further = into.get(number, number)
            if further == number:
                break
            number = further
        return number

    return np.array([last(one["id"]) for one in found], dtype=np.int64)


def _alike(pairs: Pairs, cluster: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.asarray(cluster[pairs.newer] == cluster[pairs.older])


def _lessons(pairs: Pairs, cluster: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Of what was merged only the pair is known; of what was not, every pair."""
    alike = _alike(pairs, cluster)
    counts = np.bincount(np.unique(cluster, return_inverse=True)[1])
    alone = counts[np.unique(cluster, return_inverse=True)[1]] == 1
    used = alike | alone[pairs.newer]
    return pairs.features[used], alike[used]
