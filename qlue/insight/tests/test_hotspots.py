"""Where reports gather: found when they do, not found when they do not, and never by looking ahead."""

import numpy as np
import pytest

from qlue.insight.hotspots import backtest as trial
from qlue.insight.hotspots import getis
from qlue.insight.hotspots.boosting import known_cells
from qlue.insight.hotspots.grid import TooFewReports, events_of, grid_over
from qlue.insight.hotspots.scores import decayed_counts

DAYS = 28 * 14


def scattered(n, seed=1, days=DAYS):
    dice = np.random.default_rng(seed)
    return 119.40 + dice.random(n) * 0.1, -5.20 + dice.random(n) * 0.1, dice.integers(0, days, n)


def with_a_market(n=2_000, share=0.3, seed=2):
    """Reports everywhere, and a share of them around one market."""
    lon, lat, day = scattered(n, seed)
    dice = np.random.default_rng(seed + 1)
    here = np.arange(n) < n * share
    lon[here], lat[here] = 119.45 + dice.normal(0, 0.001, here.sum()), -5.15 + dice.normal(0, 0.001, here.sum())
    return lon, lat, day


def test_a_market_where_reports_gather_is_found():
    events = events_of(*with_a_market())
    found = trial.backtest_scores(events)
    assert found.chosen_pai() > 3
    assert found.last in trial.PLAIN


def test_what_comes_later_changes_nothing_that_was_said_before():
    lon, lat, day = with_a_market()
    grid, t = grid_over(lon, lat), DAYS - 56
    early = day < t
    whole, past = events_of(lon, lat, day, grid), events_of(lon[early], lat[early], day[early], grid)
    for score in trial.SCORES.values():
        assert np.allclose(score(whole, t), score(past, t))


@pytest.mark.parametrize("n", [0, 1, 50])
def test_too_few_reports_are_refused(n):
    with pytest.raises(TooFewReports):
        trial.backtest_scores(events_of(*scattered(n)))


def test_a_short_history_is_refused():
    with pytest.raises(TooFewReports):
        trial.backtest_scores(events_of(*scattered(2_000, days=40)))


def test_places_that_are_no_numbers_and_far_away_are_left_out():
    lon, lat, day = scattered(500)
    grid = grid_over(lon, lat)
    events = events_of([*lon, np.nan, np.inf, 0.0], [*lat, np.nan, 0.0, 0.0], [*day, 1, 1, 1], grid)
    assert len(events.day) <= 500
    assert events.cell.min() >= 0


def test_only_the_gathering_is_more_than_chance():
    events = events_of(*with_a_market())
    cells = known_cells(events, DAYS)
    counts = events.counts(0, DAYS)
    hot = cells[getis.discoveries(getis.p_values(events, counts, cells, draws=9_999))]
    boxes = np.array([events.grid.box(cell) for cell in hot])
    assert len(hot) >= 5
    assert np.abs(boxes[:, 0] - 119.45).max() < 0.012


def test_reports_that_are_spread_evenly_make_no_hot_spot():
    events = events_of(*scattered(2_000))
    cells = known_cells(events, DAYS)
    found = getis.discoveries(getis.p_values(events, events.counts(0, DAYS), cells, draws=9_999))
    assert found.sum() <= 2


def test_older_reports_count_less():
    events = events_of([119.4, 119.41], [-5.1, -5.1], [0, 100])
    old, new = decayed_counts(events, 101)[events.cell]
    assert new > 4 * old
