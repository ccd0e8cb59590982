"""How good guesses are, on texts that came after those that were learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qlue.insight.sorting.sorter import Floats, Sorter, Text

PRECISION = 0.95
LEAST = 30  # guesses for a label, before a threshold for it means anything
STEPS = 8  # thresholds that are tried for a label
DOUBT = 0.05  # how often, over all of these, one may be taken that does not hold
OWN_DOUBT = 0.5  # the same for one label alone, which has seen less
NEVER = 1.01


@dataclass(frozen=True)
class Answers:
    """What a sorter said of texts whose labels are known; `truth` is -1 where it does not even know the label."""

    chances: Floats
    truth: NDArray[np.int64]
    labels: tuple[str, ...]

    @property
    def first(self) -> NDArray[np.int64]:
        """The best guess of each."""
        return np.asarray(self.chances.argmax(axis=1))

    @property
    def sure(self) -> Floats:
        """The confidence of the best guess."""
        return np.asarray(self.chances.max(axis=1, initial=0.0))

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the best guess is true."""
        return np.asarray(self.first == self.truth)


def asked(sorter: Sorter, texts: Sequence[Text], labels: Sequence[str]) -> Answers:
    """Asks for every text."""
    column = {label: i for i, label in enumerate(sorter.labels)}
    truth = np.array([column.get(label, -1) for label in labels], dtype=np.int64)
    return Answers(sorter.chances(texts), truth, sorter.labels)


def figures(answers: Answers) -> dict[str, float]:
    """`accuracy macro_f1 top3 ece surprise`: the last is the mean of -log of the confidence in the truth."""
    best = np.argsort(-answers.chances, axis=1, kind="stable")[:, :3]
    known = answers.truth >= 0
    of_truth = answers.chances[np.arange(len(known)), np.where(known, answers.truth, 0)]
    return {
        "accuracy": float(answers.right.mean()),
        "macro_f1": macro_f1(answers),
        "top3": float((best == answers.truth[:, None]).any(axis=1).mean()),
        "ece": calibration_error(answers),
        "surprise": float(-np.log(np.where(known, np.maximum(of_truth, 1e-6), 1e-6)).mean()),
    }


def macro_f1(answers: Answers) -> float:
    """The mean over labels that occur, as truth or as guess, of F1 = 2 hits / (guesses + occurrences)."""
    first, truth = answers.first, answers.truth
    seen = np.union1d(first, truth)
    return float(
        np.mean([2 * ((first == k) & (truth == k)).sum() / ((first == k).sum() + (truth == k).sum()) for k in seen])
    )


def calibration_error(answers: Answers, bins: int = 10) -> float:
    """Expected calibration error of the best guess: |confidence - share that is right|, weighted, in 10 bins."""
    bin_of = np.minimum((answers.sure * bins).astype(int), bins - 1)
    parts = [bin_of == k for k in range(bins)]
    gaps = [abs(answers.sure[part].mean() - answers.right[part].mean()) * part.mean() for part in parts if part.any()]
    return float(sum(gaps))


def threshold(sure: Floats, right: NDArray[np.bool_], doubt: float = DOUBT) -> float:
    """The lowest confidence from which on PRECISION of the guesses are right beyond doubt; NEVER where there is none.

    STEPS thresholds are tried, each letting more through. The lower end of the precision's exact interval
    (Clopper-Pearson) counts, its `doubt` shared among all that are tried: the best-looking of many is a lucky one.
    """
    order = np.argsort(-sure, kind="stable")
    for step in range(STEPS, 0, -1):
        n = len(order) * step // STEPS
        if n < LEAST:
            break
        limit = sure[order[n - 1]]
        some = right[sure >= limit]
        if surely(int(some.sum()), len(some), doubt / STEPS) >= PRECISION:
            return float(limit)
    return NEVER


def surely(right: int, n: int, doubt: float) -> float:
    """The share that `right` of `n` stand for at least, but for so much doubt."""
    from scipy.stats import beta

    return float(beta.ppf(doubt, right, n - right + 1)) if right else 0.0


def thresholds(answers: Answers) -> dict[str, float]:
    """One for each label that has one: beyond doubt for all labels together, and likely for the label itself."""
    first, found = answers.first, {}
    common = threshold(answers.sure, answers.right)
    for column, label in enumerate(answers.labels):
        mine = first == column
        limit = max(common, threshold(answers.sure[mine], answers.right[mine], OWN_DOUBT))
        if limit < NEVER:
            found[label] = limit
    return found


def through(answers: Answers, limits: dict[str, float]) -> NDArray[np.bool_]:
    """Which guesses are surer than the threshold of their label."""
    of_label = np.array([limits.get(label, NEVER) for label in answers.labels])
    return np.asarray(answers.sure >= of_label[answers.first])


def auto(held_out: Answers, later: Answers) -> dict[str, float]:
    """The share of `later` that thresholds chosen on `held_out` let through, and how many of those are right."""
    some = through(later, thresholds(held_out))
    precision = later.right[some].mean() if some.any() else float("nan")
    return {"auto_share_at_95": float(some.mean()), "auto_precision": float(precision)}
