"""Forecasts: good where there is a rhythm, honest about how far off they may be, silent without history."""

import numpy as np
import pytest

from qlue.insight.forecasts import backtest as trial
from qlue.insight.forecasts import methods
from qlue.insight.forecasts.smoothing import continue_series, croston_rate, level_grid, slope_grid
from qlue.insight.forecasts.stl import decompose
from qlue.insight.hotspots.grid import TooFewReports

CITY = trial.BacktestPlan(methods.DAILY, horizon=7, season=7, least=35)
AREAS = trial.BacktestPlan(methods.WEEKLY, horizon=1, season=1, least=8)


def days(n, seed=1):
    """Forty a day, half on Sundays."""
    level = np.where(np.arange(n) % 7 == 6, 20, 40)
    return np.random.default_rng(seed).poisson(level)[None].astype(float)


def test_a_weekly_rhythm_is_forecast():
    found = trial.backtest_methods(days(210), CITY, windows=12)
    assert found.mase < 0.85
    assert 0.65 <= found.covered <= 0.95
    ahead = methods.DAILY[found.chosen](days(210), 7)[0]
    assert ahead[6] < 0.7 * ahead[:6].mean()


def test_areas_with_hardly_any_reports_do_not_break_the_others():
    series = np.vstack([np.zeros(60), np.random.default_rng(3).poisson([[5.0], [0.2]], (2, 60))])
    found = trial.backtest_methods(series, AREAS, windows=12)
    assert np.isfinite(found.mase)
    assert all((one(series, 4) >= 0).all() for one in methods.WEEKLY.values())


@pytest.mark.parametrize("series", [np.zeros((1, 300)), np.ones((1, 20)), np.zeros((1, 0))])
def test_an_empty_or_short_history_is_refused(series):
    with pytest.raises(TooFewReports):
        trial.backtest_methods(series, CITY)


WEEK = np.array([0.0, 1, 2, 3, 2, 1, -9])


def test_a_series_is_taken_apart_into_trend_and_season():
    line, shape = np.arange(140) / 10, np.tile(WEEK, 20)
    trend, season = decompose(line + shape, 7)
    assert season == pytest.approx(shape, abs=0.02)
    assert trend == pytest.approx(line, abs=0.02)


def test_smoothing_goes_on_with_season_and_slope():
    shape, noise = np.tile(WEEK, 20), np.random.default_rng(2).normal(0, 0.1, 140)
    assert continue_series(10 + shape + noise, 9, level_grid(7), 7) == pytest.approx(10 + np.resize(WEEK, 9), abs=0.3)
    assert continue_series(np.arange(140) + noise, 3, slope_grid()) == pytest.approx([140, 141, 142], abs=0.5)
    assert continue_series(5 + noise, 2, slope_grid()) == pytest.approx([5, 5], abs=0.2)


def test_rare_counts_come_as_often_as_they_did():
    assert croston_rate(np.tile([0.0, 0, 0, 2], 15)) == pytest.approx(0.5)


def test_intervals_do_not_go_below_zero():
    low, high = trial.forecast_interval(np.array([0.1, 9.0]), 2.0)
    assert low[0] == 0
    assert low[1] < 9 < high[1]
