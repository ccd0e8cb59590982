"""How probable it is that a pair means the same problem: by rule in a young city, by trees once it has merged."""

import numpy as np
from numpy.typing import NDArray

from qlue.insight.duplicates.pairs import FEATURES, CandidatePairs, Floats
from qlue.insight.duplicates.trees import Trees

LIKELY = 0.4  # from here on a resident is asked "is it this one?"
WORTH_SHOWING = 0.25  # from here on an officer is shown it


def rule_scores(features: Floats) -> Floats:
    """0 to 1 without any history: near, recent, still open, the same category, similar words, the same picture.

    Hand-made, and meant to be careful: only a neighbour of the same category that is still open comes above LIKELY.
    """
    column = {name: features[:, position] for position, name in enumerate(FEATURES)}
    distance = np.expm1(column["distance"])
    kind = np.where(column["same_category"] > 0, 1.0, np.where(column["same_agency"] > 0, 0.45, 0.25))
    near, recent = np.exp(-distance / 60.0), np.exp(-column["days_apart"] / 45.0)
    still_open = np.where(column["open"] > 0, 1.0, 0.35 * np.exp(-np.maximum(column["days_closed"], 0) / 7.0))
    score = kind * near * recent * still_open * (0.75 + 0.5 * column["words"])
    # Copies of one photo, sent through another app or cut a little, differ in a few of the 64 bits.
    same_picture = column["picture"] <= 6
    return np.asarray(np.clip(np.where(same_picture, np.maximum(score, 0.9), score), 0.0, 1.0))


def pair_scores(pairs: CandidatePairs, trees: Trees | None) -> Floats:
    """The score of each pair; `trees` come from this city's own merges."""
    return trees.probability(pairs.features) if trees else rule_scores(pairs.features)


def best_scores(pairs: CandidatePairs, scores: Floats, reports: int) -> Floats:
    """For each of `reports` reports its best pair's score, 0 where it has none."""
    best = np.zeros(reports)
    np.maximum.at(best, pairs.newer, scores)
    return best


def average_precision(truth: NDArray[np.bool_], scores: Floats) -> float:
    """Area under precision over recall, as scikit-learn defines it."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(truth, scores))
