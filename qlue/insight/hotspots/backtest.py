"""Which score predicted the past best: rolling windows of 28 days, each judged only by what came later."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qlue.insight.hotspots import scores
from qlue.insight.hotspots.boosting import HORIZON, boosted_score, known_cells
from qlue.insight.hotspots.grid import Floats, Ints, PointEvents, TooFewReports
from qlue.insight.hotspots.scores import Score, decayed_counts, density, smoothed

SHARE = 0.05  # of the squares: what a city could watch or clean first
WINDOWS = 12
BURN_IN = 4  # windows before a choice may be trusted
RECENT = 12  # windows that a choice looks back on
LEAST_REPORTS = 200
TRAINING_REPORTS = 5_000  # below, a trained model only repeats the mean


def blended_score(events: PointEvents, t: int) -> Floats:
    """Geometric mean of the boosted count and the decayed density: high where both are."""
    slow = smoothed(events, decayed_counts(events, t, 180.0), 0.5)
    return np.asarray(np.sqrt(boosted_score(events, t) * slow))


PLAIN: Mapping[str, Score] = {
    "last_weeks": scores.last_weeks,
    "exp_decay": decayed_counts,
    "kde": density,
    "decayed_kde": lambda events, t: smoothed(events, decayed_counts(events, t, 180.0), 0.5),
}
BOOSTED: Mapping[str, Score] = {"boosted_poisson": boosted_score, "blend": blended_score}
# The names are stored with each run and shown on the page (presentation/labels.py).
SCORES: Mapping[str, Score] = {**PLAIN, **BOOSTED}
FIRST_CHOICE = "decayed_kde"  # until the city's own windows can choose


@dataclass(frozen=True)
class ScoreBacktest:
    """`pai[name]` has a figure for each window, the oldest first; `chosen` the score that the windows before chose.

    `last` is the choice for tonight, from all windows.
    """

    pai: dict[str, list[float]]
    chosen: list[str]
    last: str

    def chosen_pai(self) -> float:
        """Mean over the windows after the burn-in, each by the score that the windows before it chose."""
        return float(np.mean([self.pai[name][at] for at, name in enumerate(self.chosen) if at >= self.burn_in]))

    def mean(self, name: str) -> float:
        """Of one score over the same windows."""
        return float(np.mean(self.pai[name][self.burn_in :]))

    @property
    def burn_in(self) -> int:
        """Windows that only serve the choice."""
        return min(BURN_IN, len(self.chosen) // 2)


def pai(events: PointEvents, score: Floats, t: int, share: float = SHARE, ahead: int = HORIZON) -> float:
    """Predictive accuracy index: share of the next days' events in the top cells, by their share of the area.

    The area is every cell that ever had an event before; events elsewhere count as missed.
    """
    top, reporting_cells = top_cells(events, score, t, share)
    next_cells = events.between(t, t + ahead)
    if not len(next_cells) or not len(top):
        return float("nan")
    return float(np.isin(next_cells, top).mean() / (len(top) / len(reporting_cells)))


def top_cells(events: PointEvents, score: Floats, t: int, share: float = SHARE) -> tuple[Ints, Ints]:
    """The best `share` of the reporting cells, the best first; and all reporting cells."""
    reporting_cells = known_cells(events, t)
    order = np.argsort(-score[reporting_cells], kind="stable")
    return reporting_cells[order[: round(len(reporting_cells) * share)]], reporting_cells


def backtest_scores(
    events: PointEvents, windows: int = WINDOWS, end: int | None = None, ahead: int = HORIZON
) -> ScoreBacktest:
    """Up to `windows` judged windows of `ahead` days behind the burn-in. Raises TooFewReports for less than three.

    The boosted scores take part where there is enough to train on, and only for windows of 28 days.
    """
    stop = events.last_day() + 1 if end is None else end
    possible = (stop - int(events.day[0])) // ahead - 2
    count = min(windows + BURN_IN, possible)
    if count < 3 or len(events.day) < LEAST_REPORTS:
        raise TooFewReports
    pai_by_score: dict[str, list[float]] = {name: [] for name in _candidate_scores(events, ahead)}
    choices = []
    for back in range(count, 0, -1):
        t = stop - ahead * back
        choices.append(_best_score(pai_by_score))  # before this window's own figures are known
        for name in pai_by_score:
            pai_by_score[name].append(pai(events, SCORES[name](events, t), t, ahead=ahead))
    return ScoreBacktest(pai_by_score, choices, _best_score(pai_by_score))


def _candidate_scores(events: PointEvents, ahead: int) -> Mapping[str, Score]:
    return SCORES if len(events.day) >= TRAINING_REPORTS and ahead == HORIZON else PLAIN


def _best_score(pai_by_score: dict[str, list[float]]) -> str:
    """The best mean of the recent windows; a first choice while there are too few."""
    lengths = {len(values) for values in pai_by_score.values()}
    if max(lengths) < 2:
        return FIRST_CHOICE
    # NaN stands for a window in which nothing was reported.
    means = {name: np.nanmean(values[-RECENT:]) if len(values) else -1.0 for name, values in pai_by_score.items()}
    return max(means, key=lambda name: means[name])
