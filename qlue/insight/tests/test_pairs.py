"""Duplicates: what tells that two reports mean the same, without looking ahead."""

import numpy as np
import pytest

from qlue.insight.duplicates.fit import fit_trees
from qlue.insight.duplicates.pairs import FEATURES, MOST_CANDIDATES, ReportArrays, pairs_of_all
from qlue.insight.duplicates.score import LIKELY, pair_scores, rule_scores
from qlue.insight.duplicates.trees import trees_from_arrays
from qlue.reports.tests.chicago import FILE

METRE = 1 / 111_195


def reports(*rows):
    """(metres north, day, end, category, words, looks) of each; the oldest first."""
    north, at, end, category, words, looks = zip(*rows, strict=True)
    n = len(rows)
    return ReportArrays(
        lon=np.full(n, 119.42),
        lat=-5.15 + np.array(north, float) * METRE,
        at=np.array(at, float),
        end=np.array(end, float),
        category=np.array(category),
        agency=np.zeros(n, np.int64),
        texts=words,
        picture_hashes=looks,
    )


def of_last(given):
    return pairs_of_all(given, np.arange(len(given)) == len(given) - 1)


def test_a_neighbour_of_the_same_kind_that_is_open_is_likely():
    given = reports(
        (10, 0, np.inf, 1, "sampah menumpuk depan pasar", ()),
        (10, 0, np.inf, 2, "lampu jalan mati", ()),
        (240, 0, np.inf, 1, "sampah di got", ()),
        (5, 0, 0.5, 1, "sampah menumpuk", ()),
        (0, 1, np.inf, 1, "tumpukan sampah dekat pasar", ()),
    )
    pairs = of_last(given)
    scores = dict(zip(pairs.older.tolist(), rule_scores(pairs.features).tolist(), strict=True))
    assert scores[0] > LIKELY
    assert max(scores[1], scores[2], scores[3]) < LIKELY


def test_the_same_picture_says_it_all():
    given = reports((200, 0, np.inf, 1, "a", (0b1111,)), (0, 30, np.inf, 2, "b", (0b1110,)))
    assert rule_scores(of_last(given).features).max() >= 0.9


def test_what_lies_ahead_does_not_count():
    given = reports((0, 0, 5, 1, "a", ()), (0, 1, np.inf, 1, "a", ()), (0, 2, np.inf, 1, "a", ()))
    open_at = pairs_of_all(given).features[:, FEATURES.index("open")]
    assert open_at.tolist() == [1, 1, 1]  # the first was still open when the others came


def test_a_crowded_place_gives_only_the_likeliest_candidates():
    given = reports(*[(n / 10, 0, np.inf, n % 2, "sampah", ()) for n in range(400)], (0, 1, np.inf, 0, "sampah", ()))
    pairs = of_last(given)
    assert len(pairs.newer) == MOST_CANDIDATES
    assert (given.category[pairs.older] == 0).all()


def test_nothing_near_is_no_candidate():
    pairs = of_last(reports((0, 0, np.inf, 1, "", ())))
    assert len(pairs.newer) == 0
    assert len(pair_scores(pairs, None)) == 0
    assert len(pairs_of_all(reports((0, 0, 0, 1, "", ()))).newer) == 0


def test_trees_as_numbers_say_what_scikit_learn_says():
    from sklearn.ensemble import HistGradientBoostingClassifier

    from qlue.insight.duplicates.trees import trees_from_boosting

    dice = np.random.default_rng(3)
    features = dice.normal(size=(600, len(FEATURES)))
    features[dice.random(features.shape) < 0.05] = np.nan
    truth = np.nan_to_num(features[:, 0]) + np.nan_to_num(features[:, 3]) > 0.5
    fitted = HistGradientBoostingClassifier(max_iter=20).fit(features, truth)
    trees = trees_from_arrays(trees_from_boosting(fitted).arrays())
    assert trees.probability(features) == pytest.approx(fitted.predict_proba(features)[:, 1], abs=1e-9)


def test_trees_that_lead_nowhere_are_refused():
    dice = np.random.default_rng(3)
    features = dice.normal(size=(200, len(FEATURES)))
    trees = fit_trees(features, features[:, 0] > 0)
    assert trees is not None
    with pytest.raises(ValueError, match="nowhere"):
        trees_from_arrays(trees.arrays() | {"left": trees.left + 10_000})
    assert fit_trees(features, np.zeros(200, bool)) is None


def test_chicagos_own_marks_are_found():
    if not FILE.exists():
        pytest.skip(f"{FILE} is not here")
    from bench.insight_duplicates import chicago

    given, repeated, _ = chicago(FILE)
    newest = np.arange(len(given)) >= len(given) - 4000
    pairs = pairs_of_all(given, newest)
    best = np.zeros(len(given))
    np.maximum.at(best, pairs.newer, rule_scores(pairs.features))
    found = best[newest] > LIKELY
    assert repeated[newest][found].mean() > 4 * repeated[newest].mean()
