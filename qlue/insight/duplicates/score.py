"""How probable it is that a pair means the same problem: by rule in a young city, by trees once it has merged."""

import numpy as np

from qlue.insight.duplicates.pairs import FEATURES, Floats, Pairs
from qlue.insight.trees import Trees

LIKELY = 0.4  # from here on a resident is asked "is it this one?"
WORTH_A_LOOK = 0.25  # from here on an officer is shown it


def by_rule(features: Floats) -> Floats:
    """0 to 1 without any history: near, recent, still open, the same kind, said alike, the same picture.

    Hand-made, and meant to be careful: only a neighbour of the same kind that is still open comes above LIKELY.
    """
    of = dict(zip(FEATURES, features.T, strict=True))
    distance = np.expm1(of["distance"])
    kin = np.where(of["same_category"] > 0, 1.0, np.where(of["same_agency"] > 0, 0.45, 0.25))
    near, recent = np.exp(-distance / 60.0), np.exp(-of["days_apart"] / 45.0)
    fresh = np.where(of["open"] > 0, 1.0, 0.35 * np.exp(-np.maximum(of["days_closed"], 0) / 7.0))
    score = kin * near * recent * fresh * (0.75 + 0.5 * of["words"])
    same_picture = of["picture"] <= 6
    return np.asarray(np.clip(np.where(same_picture, np.maximum(score, 0.9), score), 0.0, 1.0))


def scored(pairs: Pairs, trees: Trees | None) -> Floats:
    """The score of each pair; `trees` come from this city's own merges."""
    return trees.probability(pairs.features) if trees else by_rule(pairs.features)


def best_of(pairs: Pairs, scores: Floats, reports: int) -> Floats:
    """For each of so many reports its best pair's score, 0 where it has none."""
    best = np.zeros(reports)
    np.maximum.at(best, pairs.newer, scores)
    return best
