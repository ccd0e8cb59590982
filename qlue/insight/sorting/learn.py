"""A sorter from texts and their labels: a linear support vector machine, its sums calibrated on texts it never saw."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qlue.insight.mistakes import Mistake
from qlue.insight.sorting.measures import Answers
from qlue.insight.sorting.sorter import STRAIGHT, Floats, Hint, Sorter, Text, known_of, located, rarities, shares
from qlue.insight.sorting.terms import terms_of

MOST_TERMS = 60_000
CALIBRATED = 0.2  # of the texts; three such parts, each asked of what came before it, decide how sure the model may be
FEW = 200  # below so many there is no newest part worth the name: each fifth is left out in turn
KNOTS = 15
HINT_WEIGHT = 0.3  # of an everyday word beside a real report
HINT_SHARE = 0.5  # of the reports' weight, at most, for all everyday words together: history knows better
ABSENT = -1.5  # about what a support vector machine says for a label that fits nowhere


@dataclass(frozen=True)
class Counted:
    """Texts as terms, with their labels and how much each counts; the last `hints` of them are no reports."""

    terms: Sequence[Sequence[Counter[str]]]
    labels: Sequence[str]
    hints: int = 0

    @property
    def reports(self) -> int:
        """How many are not hints."""
        return len(self.labels) - self.hints

    def some(self, chosen: Sequence[int]) -> "Counted":
        """These reports, with all hints."""
        kept = [*chosen, *range(self.reports, len(self.labels))]
        return Counted([self.terms[i] for i in kept], [self.labels[i] for i in kept], self.hints)


def fit(texts: Sequence[Text], labels: Sequence[str], hints: Sequence[Hint] = ()) -> Sorter:
    """Learns from texts in the order of time; see `fit_and_ask`."""
    return fit_and_ask(texts, labels, hints)[0]


def fit_and_ask(texts: Sequence[Text], labels: Sequence[str], hints: Sequence[Hint] = ()) -> tuple[Sorter, Answers]:
    """A calibrated sorter, and what it said of the texts that its calibration held out.

    `hints` (a pack's everyday words) count less, and not at all for the calibration.
    """
    counted = [terms_of(*text) for text in (*texts, *(text for text, _ in hints))]
    given = Counted(counted, [*labels, *(label for _, label in hints)], len(hints))
    if len(set(given.labels)) < 2:
        raise Mistake("there is one label only; at least two are needed to tell anything apart")
    whole = _trained(given)
    sums, truth = _unseen(given, whole.labels)
    sharpness = _sharpness(sums, truth)
    sorter = replace(whole, sharpness=sharpness, curve=_curve(shares(sums, sharpness), truth))
    return sorter, Answers(sorter.confidences(sums), truth, sorter.labels)


def _unseen(given: Counted, names: tuple[str, ...]) -> tuple[Floats, NDArray[np.int64]]:
    """Sums for reports by models that had not seen them, and the columns of their labels."""
    column = {name: i for i, name in enumerate(names)}
    sums, truth = [np.zeros((0, len(names)))], []
    for learnt, asked in _parts(given.reports):
        some = given.some(learnt)
        if not len(asked) or len(set(some.labels)) < 2:
            continue
        model = _trained(some)
        found = np.full((len(asked), len(names)), ABSENT)
        found[:, [column[label] for label in model.labels]] = model.sums([given.terms[i] for i in asked])
        sums.append(found)
        truth += [column[given.labels[i]] for i in asked]
    return np.concatenate(sums), np.array(truth, dtype=np.int64)


def _parts(reports: int) -> list[tuple[Sequence[int], Sequence[int]]]:
    """(to learn from, to ask about): each of the three newest fifths by what came before it; of few reports every fifth
    in turn."""
    if reports >= FEW:
        cuts = [int(reports * (1 - CALIBRATED * back)) for back in (3, 2, 1, 0)]
        return [(range(cut), range(cut, end)) for cut, end in pairwise(cuts)]
    every = range(reports)
    return [([i for i in every if i % 5 != k], [i for i in every if i % 5 == k]) for k in range(5)]


def _sharpness(sums: Floats, truth: NDArray[np.int64]) -> float:
    """The sharpness under which the true labels are likeliest."""
    from scipy.optimize import minimize_scalar

    def surprise(sharpness: float) -> float:
        sharp = sharpness * (sums - sums.max(axis=1, keepdims=True))
        return float(np.mean(np.log(np.exp(sharp).sum(axis=1)) - sharp[np.arange(len(truth)), truth]))

    return float(minimize_scalar(surprise, bounds=(0.05, 12.0), method="bounded").x) if len(truth) else 1.0


def _curve(found: Floats, truth: NDArray[np.int64]) -> Floats:
    """How often guesses of such a share were right: means of equally many guesses, made to rise."""
    if len(truth) < FEW:
        return STRAIGHT
    best = np.argsort(-found, axis=1)[:, :3]
    share, right = np.take_along_axis(found, best, axis=1).ravel(), (best == truth[:, None]).ravel()
    parts = np.array_split(np.argsort(share, kind="stable"), KNOTS)
    across = np.array([share[part].mean() for part in parts])
    up = np.maximum.accumulate([(right[part].sum() + 0.5) / (len(part) + 1) for part in parts])
    curve = np.array([[0.0, *across, 1.0], [0.0, *up, (1 + 3 * up[-1]) / 4]])
    return np.array([curve[0], 0.995 * curve[1] + 0.005 * curve[0]])  # never level, so that no two guesses tie


def _trained(given: Counted) -> Sorter:
    from sklearn.svm import LinearSVC

    terms, rarity = rarities(given.terms, 2 if given.reports >= FEW else 1, MOST_TERMS)
    weighed = np.ones(len(given.labels))
    weighed[given.reports :] = min(HINT_WEIGHT, HINT_SHARE * given.reports / max(given.hints, 1))
    machine = LinearSVC(C=0.5, tol=0.05, random_state=7, max_iter=500)
    machine.fit(_matrix(given.terms, terms, rarity), list(given.labels), sample_weight=weighed)
    weights, offsets = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:
        weights, offsets = np.concatenate([-weights, weights]), np.concatenate([-offsets, offsets])
    names = tuple(str(name) for name in machine.classes_)
    return Sorter(names, terms, rarity, weights.astype(np.float32), offsets.astype(np.float32), 1.0, STRAIGHT)


def _matrix(counted: Sequence[Sequence[Counter[str]]], terms: tuple[str, ...], rarity: NDArray[np.float32]) -> Any:
    from scipy.sparse import csr_matrix

    known = known_of(terms)
    rows = [located(blocks, known, rarity) for blocks in counted]
    ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    columns = np.concatenate([columns for columns, _ in rows])
    values = np.concatenate([values for _, values in rows])
    return csr_matrix((values, columns, ends), shape=(len(rows), len(terms)))
