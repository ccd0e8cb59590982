"""How good predictions are, on texts that came after those of the training."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qlue.insight.sorting.classifier import Classifier, Floats, TextWithFacts

PRECISION = 0.95  # of what may be routed without a person
LEAST = 30  # predictions of a label, before a threshold for it means anything
STEPS = 8  # thresholds that are tried for a label
DOUBT = 0.05  # how often, over all of these, one may be taken that does not hold
OWN_DOUBT = 0.5  # the same for one label alone, which has seen less
NEVER = 1.01  # above every confidence


@dataclass(frozen=True)
class PredictionSet:
    """Predictions for texts whose labels are known; `truth` is -1 where the classifier does not know the label."""

    confidences: Floats
    truth: NDArray[np.int64]
    labels: tuple[str, ...]

    @property
    def first(self) -> NDArray[np.int64]:
        """The likeliest label of each, as its position."""
        return np.asarray(self.confidences.argmax(axis=1))

    @property
    def confidence(self) -> Floats:
        """The confidence in the likeliest label."""
        return np.asarray(self.confidences.max(axis=1, initial=0.0))

    @property
    def is_right(self) -> NDArray[np.bool_]:
        """Whether the likeliest label is the true one."""
        return np.asarray(self.first == self.truth)


def predict_labelled(classifier: Classifier, texts: Sequence[TextWithFacts], labels: Sequence[str]) -> PredictionSet:
    """Predicts every text."""
    column = {label: i for i, label in enumerate(classifier.labels)}
    truth = np.array([column.get(label, -1) for label in labels], dtype=np.int64)
    return PredictionSet(classifier.confidences_of(texts), truth, classifier.labels)


def prediction_figures(predictions: PredictionSet) -> dict[str, float]:
    """`accuracy macro_f1 top3 ece surprise`: the last is the mean of -log of the confidence in the truth."""
    best = np.argsort(-predictions.confidences, axis=1, kind="stable")[:, :3]
    is_known = predictions.truth >= 0
    in_truth = predictions.confidences[np.arange(len(is_known)), np.where(is_known, predictions.truth, 0)]
    return {
        "accuracy": float(predictions.is_right.mean()),
        "macro_f1": macro_f1(predictions),
        "top3": float((best == predictions.truth[:, None]).any(axis=1).mean()),
        "ece": calibration_error(predictions),
        "surprise": float(-np.log(np.where(is_known, np.maximum(in_truth, 1e-6), 1e-6)).mean()),
    }


def macro_f1(predictions: PredictionSet) -> float:
    """The mean over labels that occur, as truth or prediction, of F1 = 2 hits / (predictions + occurrences)."""
    first, truth = predictions.first, predictions.truth
    labels = np.union1d(first, truth)
    hits = [((first == label) & (truth == label)).sum() for label in labels]
    totals = [(first == label).sum() + (truth == label).sum() for label in labels]
    return float(np.mean([2 * hit / total for hit, total in zip(hits, totals, strict=True)]))


def calibration_error(predictions: PredictionSet, bins: int = 10) -> float:
    """Expected calibration error: |confidence - share that is right|, weighted by the size of each of 10 bins."""
    bin_of = np.minimum((predictions.confidence * bins).astype(int), bins - 1)
    parts = [bin_of == k for k in range(bins)]
    confidence, is_right = predictions.confidence, predictions.is_right
    gaps = [abs(confidence[part].mean() - is_right[part].mean()) * part.mean() for part in parts if part.any()]
    return float(sum(gaps))


def precision_threshold(confidences: Floats, is_right: NDArray[np.bool_], doubt: float = DOUBT) -> float:
    """The lowest confidence from which on PRECISION of the predictions are right beyond doubt; NEVER if there is none.

    STEPS thresholds are tried, each letting more through. The lower end of the precision's exact interval
    (Clopper-Pearson) counts, its `doubt` shared among all that are tried: the best-looking of many is a lucky one.
    """
    order = np.argsort(-confidences, kind="stable")
    for step in range(STEPS, 0, -1):
        n = len(order) * step // STEPS
        if n < LEAST:
            break
        limit = confidences[order[n - 1]]
        above = is_right[confidences >= limit]
        if precision_lower_bound(int(above.sum()), len(above), doubt / STEPS) >= PRECISION:
            return float(limit)
    return NEVER


def precision_lower_bound(hits: int, n: int, doubt: float) -> float:
    """The lower end of Clopper and Pearson's exact interval for `hits` of `n`, wrong in `doubt` of all cases."""
    from scipy.stats import beta

    return float(beta.ppf(doubt, hits, n - hits + 1)) if hits else 0.0


def label_thresholds(predictions: PredictionSet) -> dict[str, float]:
    """One for each label that has one: beyond doubt for all labels together, and likely for the label itself."""
    first, confidence, is_right = predictions.first, predictions.confidence, predictions.is_right
    common = precision_threshold(confidence, is_right)
    thresholds = {}
    for column, label in enumerate(predictions.labels):
        of_label = first == column
        limit = max(common, precision_threshold(confidence[of_label], is_right[of_label], OWN_DOUBT))
        if limit < NEVER:
            thresholds[label] = limit
    return thresholds


def passes_threshold(predictions: PredictionSet, thresholds: dict[str, float]) -> NDArray[np.bool_]:
    """Which predictions reach the threshold of their label."""
    of_label = np.array([thresholds.get(label, NEVER) for label in predictions.labels])
    return np.asarray(predictions.confidence >= of_label[predictions.first])


def auto_figures(held_out: PredictionSet, later: PredictionSet) -> dict[str, float]:
    """The share of `later` that thresholds chosen on `held_out` let through, and how many of those are right."""
    is_passing = passes_threshold(later, label_thresholds(held_out))
    precision = later.is_right[is_passing].mean() if is_passing.any() else float("nan")
    return {"auto_share_at_95": float(is_passing.mean()), "auto_precision": float(precision)}
