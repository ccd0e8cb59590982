"""Each night: trees are trained on what people merged, and serve if they do better than the champion."""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from qlue.cities.facts import CityFacts
from qlue.insight.duplicates.candidates import report_columns
from qlue.insight.duplicates.fit import LEAST_EXAMPLES, fit_trees
from qlue.insight.duplicates.pairs import CandidatePairs, pairs_of_all
from qlue.insight.duplicates.score import average_precision, best_scores, pair_scores
from qlue.insight.models import TrainedModel
from qlue.insight.records.duplicates import PastReport
from qlue.insight.registry.lookup import served_model
from qlue.insight.registry.results import save_training_result
from qlue.kit.clock import now
from qlue.kit.db import fetch_records
from qlue.reports.records import PHOTOS, REPORTS
from qlue.reports.states import ReportStatus

YEAR = timedelta(days=365)
MOST = 20_000  # reports, the newest: bounds the time and memory of a night
TESTED = 0.25  # of the reports, the newest
LEAST_TESTED = 10  # repeats among them

PAST = f"""
SELECT r.id, r.lon, r.lat, r.created_at, r.updated_at, r.resolved_at, r.status, r.category_id, r.agency_id,
    left(r.words, 600) || ' ' || r.landmark AS text,
    (SELECT array_agg(p.dhash) FROM {PHOTOS} AS p WHERE p.city_id = r.city_id AND p.report_id = r.id
        AND p.kind = 'before' AND p.dhash IS NOT NULL) AS picture_hashes,
    coalesce(r.merged_into_id, r.id) AS merged_into_id
FROM {REPORTS} AS r WHERE r.city_id = %s AND NOT r.private AND r.created_at > %s AND r.status <> ALL(%s)
ORDER BY r.created_at DESC, r.id DESC LIMIT %s
"""
UNKNOWN = [
    ReportStatus.UNSERVED,
    ReportStatus.REJECTED,
]  # a rejected report may well have been a repeat, so it is no example of either


def retrain_duplicates(city: CityFacts) -> TrainedModel | None:
    """The result of training; None where too little was merged since the champion was trained."""
    champion = served_model(city, "duplicates")
    past_reports = _fetch_past(city)
    if len(past_reports) < 4 * LEAST_EXAMPLES:
        return None
    reports, cluster = report_columns(past_reports), _merge_clusters(past_reports)
    split = _split_day(reports.at, champion.row)
    is_old, is_new = reports.at < split, reports.at >= split
    training_pairs, test_pairs = pairs_of_all(reports, is_old), pairs_of_all(reports, is_new)
    trees = fit_trees(*_examples_of_merged(training_pairs, cluster))
    is_repeat = np.isin(np.arange(len(reports)), test_pairs.newer[_in_same_cluster(test_pairs, cluster)])
    if trees is None or is_repeat.sum() < LEAST_TESTED:
        return None
    challenger_score, champion_score = (
        average_precision(
            is_repeat[is_new], best_scores(test_pairs, pair_scores(test_pairs, model), len(reports))[is_new]
        )
        for model in (trees, champion.trees)
    )
    return save_training_result(
        city,
        "duplicates",
        trees.arrays(),
        is_better=challenger_score > champion_score or champion.broken,
        scores={"average_precision": round(challenger_score, 4)},
        champion={"average_precision": round(champion_score, 4)},
        until=datetime.fromtimestamp(split * 86_400, UTC),
        sizes=(int(is_old.sum()), int(is_new.sum())),
    )


def _fetch_past(city: CityFacts) -> list[PastReport]:
    """The newest reports of the year, the oldest of them first."""
    return fetch_records(PastReport, PAST, [city.id, now() - YEAR, UNKNOWN, MOST])[::-1]


def _split_day(at: NDArray[np.float64], champion: TrainedModel | None) -> float:
    """The day that parts training from test, in days since 1970: the champion has seen nothing of the test either."""
    trained_until = champion.trained_until.timestamp() / 86_400 if champion else 0.0
    return max(float(np.quantile(at, 1 - TESTED)), trained_until)


def _merge_clusters(reports: list[PastReport]) -> NDArray[np.int64]:
    """For each report the id of the one that it ended in, through however many merges."""
    into = {report.id: report.merged_into_id for report in reports}

    def last(number: int) -> int:
        for _step in range(20):  # a bound, for data that was mended by hand may run in a circle
            next_number = into.get(number, number)
            if next_number == number:
                break
            number = next_number
        return number

    return np.array([last(report.id) for report in reports], dtype=np.int64)


def _in_same_cluster(pairs: CandidatePairs, cluster: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.asarray(cluster[pairs.newer] == cluster[pairs.older])


def _examples_of_merged(
    pairs: CandidatePairs, cluster: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Examples that are certain: pairs that were merged, and all pairs of a report that was never merged.

    A merged report may repeat a second one as well without anybody having said so.
    """
    is_repeat = _in_same_cluster(pairs, cluster)
    position = np.unique(cluster, return_inverse=True)[1]
    never_merged = np.bincount(position)[position] == 1
    is_certain = is_repeat | never_merged[pairs.newer]
    return pairs.features[is_certain], is_repeat[is_certain]
