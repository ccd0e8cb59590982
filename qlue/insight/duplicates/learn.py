"""Trees from pairs: what people merged, or what an agency marked as a repeat."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qlue.insight.duplicates.pairs import Floats, Pairs
from qlue.insight.duplicates.score import by_rule
from qlue.insight.trees import Trees, from_boosting

LEAST = 40  # pairs that are repeats; with fewer the rule is the safer guess


def fit(features: Floats, repeats: NDArray[np.bool_]) -> Trees | None:
    """None where there are fewer than LEAST examples of either kind."""
    if min(repeats.sum(), (~repeats).sum()) < LEAST:
        return None
    from sklearn.ensemble import HistGradientBoostingClassifier

    settings: dict[str, Any] = {"max_iter": 150, "learning_rate": 0.06, "max_leaf_nodes": 15, "l2_regularization": 5.0}
    fitted = HistGradientBoostingClassifier(
        **settings, min_samples_leaf=max(5, min(60, int(repeats.sum()) // 8)), early_stopping=False, random_state=7
    )
    return from_boosting(fitted.fit(features, repeats))


def examples(pairs: Pairs, repeated: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.bool_]]:
    """Pairs to learn from where only the newer report is known to repeat *something*.

    Of such a report the likeliest pair counts as the repeat and the others as unknown; all pairs of the other
    reports are none.
    """
    marked = repeated[pairs.newer]
    chosen = np.zeros(len(pairs.newer), dtype=bool)
    order = np.lexsort((by_rule(pairs.features), pairs.newer))
    last = np.append(np.diff(pairs.newer[order]) != 0, True)[: len(order)]
    chosen[order[last]] = True
    used = ~marked | chosen
    return pairs.features[used], (marked & chosen)[used]
