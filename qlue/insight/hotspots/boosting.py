"""Gradient-boosted Poisson counts: how many reports a cell will have in the next weeks, from those of earlier ones."""

from typing import Protocol

import numpy as np

from qlue.insight.hotspots.grid import Floats, Ints, PointEvents
from qlue.insight.hotspots.scores import decayed_counts, smoothed

CUTS = 8  # earlier days to train on, each with the 28 days after it
HORIZON = 28  # days
YEAR = 364  # whole weeks, so that a season begins on the same weekday


class CountModel(Protocol):
    """What a fitted regressor of scikit-learn offers here: the expected count for each row of `cell_features`."""

    def predict(self, features: Floats) -> Floats: ...


def cell_features(events: PointEvents, t: int, cells: Ints) -> Floats:
    """One row per cell: what was known on the morning of day `t`."""
    slow, middle, quick = (decayed_counts(events, t, days) for days in (365.0, 120.0, 30.0))
    month, quarter, year = (events.counts(t - days, t) for days in (28, 91, YEAR))
    # The four weeks a year ago that follow this very day of the year.
    season = events.counts(t - YEAR, t - YEAR + HORIZON)
    recent = decayed_counts(events, t)
    fields = [slow, middle, quick, recent, month, quarter, year, season]
    fields += [smoothed(events, layer, width) for layer in (slow, recent) for width in (0.7, 1.5, 4.0)]
    fields += [smoothed(events, season, 2.0), _days_since_last(events, t)]
    return np.column_stack([layer[cells] for layer in fields])


def _days_since_last(events: PointEvents, t: int) -> Floats:
    """Days since the last event of each cell."""
    stop = int(np.searchsorted(events.day, t))
    last = np.full(events.grid.size, -np.inf)
    np.maximum.at(last, events.cell[:stop], events.day[:stop].astype(float))
    return np.asarray(np.minimum(t - last, 2 * YEAR))


def known_cells(events: PointEvents, t: int) -> Ints:
    """Cells that had an event before day `t`: the part of the city that reports."""
    return np.unique(events.between(-(10**9), t))


def fit_boosting(events: PointEvents, t: int, cuts: int = CUTS) -> CountModel:
    """A model that saw nothing of day `t` or later; the level of a month is left out, for only ranks matter."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    rows, targets = [], []
    for back in range(1, cuts + 1):
        cut = t - HORIZON * back
        cells = known_cells(events, cut)
        if not len(cells):
            break
        rows.append(cell_features(events, cut, cells))
        targets.append(events.counts(cut, cut + HORIZON)[cells])
    model = HistGradientBoostingRegressor(
        loss="poisson",
        learning_rate=0.1,
        max_iter=40,
        max_leaf_nodes=6,
        min_samples_leaf=300,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=0,
    )
    with threadpool_limits(1):  # on a busy machine threads that wait for each other cost twenty times the work
        count_model: CountModel = model.fit(np.concatenate(rows), np.concatenate(targets))
    return count_model


def boosted_score(events: PointEvents, t: int) -> Floats:
    """Expected events per cell in the next 28 days."""
    from threadpoolctl import threadpool_limits

    cells = known_cells(events, t)
    counts = np.zeros(events.grid.size)
    model, rows = fit_boosting(events, t), cell_features(events, t, cells)
    with threadpool_limits(1):
        counts[cells] = model.predict(rows)
    return counts
