"""Training of the trees, from pairs that people merged or that an agency marked as repeats."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qlue.insight.duplicates.pairs import CandidatePairs, Floats
from qlue.insight.duplicates.score import rule_scores
from qlue.insight.duplicates.trees import Trees, trees_from_boosting

LEAST_EXAMPLES = 40  # pairs that are repeats; with fewer the rule is the safer guess


def fit_trees(features: Floats, repeats: NDArray[np.bool_]) -> Trees | None:
    """None where there are fewer than LEAST_EXAMPLES of either kind."""
    if min(repeats.sum(), (~repeats).sum()) < LEAST_EXAMPLES:
        return None
    from sklearn.ensemble import HistGradientBoostingClassifier

    # The leaves grow with the number of merges: otherwise a city's first hundred would be learnt by heart.
    settings: dict[str, Any] = {"max_iter": 150, "learning_rate": 0.06, "max_leaf_nodes": 15, "l2_regularization": 5.0}
    model = HistGradientBoostingClassifier(
        **settings, min_samples_leaf=max(5, min(60, int(repeats.sum()) // 8)), early_stopping=False, random_state=7
    )
    return trees_from_boosting(model.fit(features, repeats))


def examples_of_marked(pairs: CandidatePairs, is_repeat: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.bool_]]:
    """Pairs to learn from where it is known that the newer report is a repeat, but not of which earlier one.

    Of such a report the likeliest pair counts as the repeat and the others as unknown; all pairs of the other
    reports are none.
    """
    newer_is_repeat = is_repeat[pairs.newer]
    is_likeliest = np.zeros(len(pairs.newer), dtype=bool)
    # Sorted by newer report, then score: the last of each newer report is its likeliest pair.
    order = np.lexsort((rule_scores(pairs.features), pairs.newer))
    is_last_of_newer = np.append(np.diff(pairs.newer[order]) != 0, True)[: len(order)]
    is_likeliest[order[is_last_of_newer]] = True
    is_certain = ~newer_is_repeat | is_likeliest
    return pairs.features[is_certain], (newer_is_repeat & is_likeliest)[is_certain]
