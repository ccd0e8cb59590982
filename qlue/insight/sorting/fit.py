"""Training of the classifier: a linear support vector machine, its sums calibrated on texts it never saw."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qlue.insight.records.errors import UserError
from qlue.insight.sorting.classifier import (
    STRAIGHT,
    Classifier,
    Floats,
    SeedPhrase,
    TextWithFacts,
    inverse_document_frequencies,
    softmax,
    term_columns,
    term_values,
)
from qlue.insight.sorting.metrics import PredictionSet
from qlue.insight.sorting.terms import terms_of

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MOST_TERMS = 60_000
CALIBRATED = 0.2  # of the texts; three such parts, each predicted by what came before it, calibrate the confidence
FEW = 200  # texts; with fewer each fifth is left out in turn, for the newest fifth alone would say little
KNOTS = 15  # of the calibration curve
SEED_WEIGHT = 0.3  # of an everyday phrase beside a real report
SEED_SHARE = 0.5  # of the reports' weight, at most, for all everyday phrases together: history knows better
ABSENT = -1.5  # about what a support vector machine says for a label that fits nowhere


@dataclass(frozen=True)
class TermCounts:
    """Texts as counts of terms, with their labels; the last `seeds` of them are everyday phrases, no reports."""

    terms: Sequence[Sequence[Counter[str]]]
    labels: Sequence[str]
    seeds: int = 0

    @property
    def reports(self) -> int:
        """How many are not seeds."""
        return len(self.labels) - self.seeds

    def subset(self, positions: Sequence[int]) -> "TermCounts":
        """These reports, with all seeds."""
        rows = [*positions, *range(self.reports, len(self.labels))]
        return TermCounts([self.terms[i] for i in rows], [self.labels[i] for i in rows], self.seeds)


def fit_classifier(
    texts: Sequence[TextWithFacts], labels: Sequence[str], seeds: Sequence[SeedPhrase] = ()
) -> Classifier:
    """Trains on texts in the order of time; see `fit_and_predict`."""
    return fit_and_predict(texts, labels, seeds)[0]


def fit_and_predict(
    texts: Sequence[TextWithFacts], labels: Sequence[str], seeds: Sequence[SeedPhrase] = ()
) -> tuple[Classifier, PredictionSet]:
    """A calibrated classifier, and its predictions for the texts that the calibration held out.

    `seeds` (everyday phrases) count less, and not at all for the calibration.
    """
    counts = [terms_of(*text) for text in (*texts, *(text for text, _ in seeds))]
    training = TermCounts(counts, [*labels, *(label for _, label in seeds)], len(seeds))
    if len(set(training.labels)) < 2:
        raise UserError("there is one label only; at least two are needed to tell anything apart")
    whole = _fit_linear(training)
    sums, truth = _held_out_sums(training, whole.labels)
    sharpness = _calibrated_sharpness(sums, truth)
    classifier = replace(whole, sharpness=sharpness, curve=_calibration_curve(softmax(sums, sharpness), truth))
    return classifier, PredictionSet(classifier.confidences(sums), truth, classifier.labels)


def _held_out_sums(training: TermCounts, names: tuple[str, ...]) -> tuple[Floats, NDArray[np.int64]]:
    """Sums for reports by models that had not seen them, and the columns of their labels."""
    column = {name: i for i, name in enumerate(names)}
    sums, truth = [np.zeros((0, len(names)))], []
    for training_rows, held_out in _held_out_parts(training.reports):
        part = training.subset(training_rows)
        if not len(held_out) or len(set(part.labels)) < 2:
            continue
        model = _fit_linear(part)
        # A label that came up only later is unknown to this model: it gets what fits nowhere.
        part_sums = np.full((len(held_out), len(names)), ABSENT)
        part_sums[:, [column[label] for label in model.labels]] = model.sums([training.terms[i] for i in held_out])
        sums.append(part_sums)
        truth += [column[training.labels[i]] for i in held_out]
    return np.concatenate(sums), np.array(truth, dtype=np.int64)


def _held_out_parts(reports: int) -> list[tuple[Sequence[int], Sequence[int]]]:
    """(to train on, to predict): each of the three newest fifths by what came before it; of few reports each fifth in
    turn by the others."""
    if reports >= FEW:
        cuts = [int(reports * (1 - CALIBRATED * back)) for back in (3, 2, 1, 0)]
        return [(range(cut), range(cut, end)) for cut, end in pairwise(cuts)]
    rows = range(reports)
    return [([i for i in rows if i % 5 != k], [i for i in rows if i % 5 == k]) for k in range(5)]


def _calibrated_sharpness(sums: Floats, truth: NDArray[np.int64]) -> float:
    """The sharpness under which the true labels are likeliest."""
    from scipy.optimize import minimize_scalar

    def surprise(sharpness: float) -> float:
        sharp = sharpness * (sums - sums.max(axis=1, keepdims=True))
        return float(np.mean(np.log(np.exp(sharp).sum(axis=1)) - sharp[np.arange(len(truth)), truth]))

    return float(minimize_scalar(surprise, bounds=(0.05, 12.0), method="bounded").x) if len(truth) else 1.0


def _calibration_curve(probabilities: Floats, truth: NDArray[np.int64]) -> Floats:
    """How often predictions of such a probability were right: means of equally many predictions, made to rise."""
    if len(truth) < FEW:
        return STRAIGHT
    best = np.argsort(-probabilities, axis=1)[:, :3]
    probability = np.take_along_axis(probabilities, best, axis=1).ravel()
    is_right = (best == truth[:, None]).ravel()
    parts = np.array_split(np.argsort(probability, kind="stable"), KNOTS)
    across = np.array([probability[part].mean() for part in parts])
    # Half a success and half a failure more (Jeffreys), so that no part says 0 or 1.
    up = np.maximum.accumulate([(is_right[part].sum() + 0.5) / (len(part) + 1) for part in parts])
    curve = np.array([[0.0, *across, 1.0], [0.0, *up, (1 + 3 * up[-1]) / 4]])
    return np.array([curve[0], 0.995 * curve[1] + 0.005 * curve[0]])  # never level, so that no two predictions tie


def _fit_linear(training: TermCounts) -> Classifier:
    from sklearn.svm import LinearSVC

    terms, rarity = inverse_document_frequencies(training.terms, 2 if training.reports >= FEW else 1, MOST_TERMS)
    sample_weights = np.ones(len(training.labels))
    sample_weights[training.reports :] = min(SEED_WEIGHT, SEED_SHARE * training.reports / max(training.seeds, 1))
    machine = LinearSVC(C=0.5, tol=0.05, random_state=7, max_iter=500)
    machine.fit(_term_matrix(training.terms, terms, rarity), list(training.labels), sample_weight=sample_weights)
    weights, offsets = machine.coef_, machine.intercept_
    # For two labels scikit-learn keeps one row: the sum that speaks for the second.
    if len(machine.classes_) == 2:
        weights, offsets = np.concatenate([-weights, weights]), np.concatenate([-offsets, offsets])
    names = tuple(str(name) for name in machine.classes_)
    return Classifier(names, terms, rarity, weights.astype(np.float32), offsets.astype(np.float32), 1.0, STRAIGHT)


def _term_matrix(
    counts: Sequence[Sequence[Counter[str]]], terms: tuple[str, ...], rarity: NDArray[np.float32]
) -> "csr_matrix":
    from scipy.sparse import csr_matrix

    columns_of = term_columns(terms)
    rows = [term_values(blocks, columns_of, rarity) for blocks in counts]
    ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    columns = np.concatenate([columns for columns, _ in rows])
    values = np.concatenate([values for _, values in rows])
    return csr_matrix((values, columns, ends), shape=(len(rows), len(terms)))
