"""Which score would have foretold the past best: rolling windows of 28 days, each judged only by what came later."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qlue.insight.hotspots import scores
from qlue.insight.hotspots.grid import Events, Floats, Ints, TooFewReports
from qlue.insight.hotspots.learned import HORIZON, boosted, known_cells
from qlue.insight.hotspots.scores import Score, decayed, density, smoothed

SHARE = 0.05
WINDOWS = 12
BURN_IN = 4  # windows before a choice may be trusted
RECENT = 12  # windows that a choice looks back on
LEAST_REPORTS = 200
LEARNING_REPORTS = 5_000  # below, a learnt model only repeats the mean


def blended(events: Events, t: int) -> Floats:
    """Geometric mean of the learnt count and the decayed density: what both call hot."""
    slow = smoothed(events, decayed(events, t, 180.0), 0.5)
    return np.asarray(np.sqrt(boosted(events, t) * slow))


PLAIN: Mapping[str, Score] = {
    "last_weeks": scores.last_weeks,
    "exp_decay": decayed,
    "kde": density,
    "decayed_kde": lambda events, t: smoothed(events, decayed(events, t, 180.0), 0.5),
}
LEARNT: Mapping[str, Score] = {"boosted_poisson": boosted, "blend": blended}
SCORES: Mapping[str, Score] = {**PLAIN, **LEARNT}
FIRST_CHOICE = "decayed_kde"


@dataclass(frozen=True)
class Trial:
    """`pai[name]` holds one figure per window, the oldest first; `chosen` what the windows before would have chosen."""

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


def pai(events: Events, score: Floats, t: int, share: float = SHARE, ahead: int = HORIZON) -> float:
    """Predictive accuracy index: share of the next days' events in the top cells, by their share of the area.

    The area is every cell that ever had an event before; events elsewhere count as missed.
    """
    top, known = top_cells(events, score, t, share)
    coming = events.between(t, t + ahead)
    if not len(coming) or not len(top):
        return float("nan")
    return float(np.isin(coming, top).mean() / (len(top) / len(known)))


def top_cells(events: Events, score: Floats, t: int, share: float = SHARE) -> tuple[Ints, Ints]:
    """The best `share` of the known cells, the best first; and all known cells."""
    known = known_cells(events, t)
    order = np.argsort(-score[known], kind="stable")
    return known[order[: round(len(known) * share)]], known


def rolling(events: Events, windows: int = WINDOWS, end: int | None = None, ahead: int = HORIZON) -> Trial:
    """Up to `windows` judged windows of `ahead` days behind the burn-in. Raises TooFewReports for less than three.

    The learnt scores take part where there is enough to learn from, and only for windows of 28 days.
    """
    stop = events.last_day() + 1 if end is None else end
    possible = (stop - int(events.day[0])) // ahead - 2
    count = min(windows + BURN_IN, possible)
    if count < 3 or len(events.day) < LEAST_REPORTS:
        raise TooFewReports
    found: dict[str, list[float]] = {name: [] for name in _worth_trying(events, ahead)}
    chosen = []
    for back in range(count, 0, -1):
        t = stop - ahead * back
        chosen.append(_best(found))
        for name in found:
            found[name].append(pai(events, SCORES[name](events, t), t, ahead=ahead))
    return Trial(found, chosen, _best(found))


def _worth_trying(events: Events, ahead: int) -> Mapping[str, Score]:
    return SCORES if len(events.day) >= LEARNING_REPORTS and ahead == HORIZON else PLAIN


def _best(found: dict[str, list[float]]) -> str:
    """The best mean of the recent windows; a first choice while there are too few."""
    lengths = {len(values) for values in found.values()}
    if max(lengths) < 2:
        return FIRST_CHOICE
    means = {name: np.nanmean(values[-RECENT:]) if len(values) else -1.0 for name, values in found.items()}
    return max(means, key=lambda name: means[name])
