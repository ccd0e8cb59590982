"""Forecasts: good where there is a rhythm, honest about how far off they may be, silent without history."""

import numpy as np
import pytest

from qlue.insight.forecasts import methods, trial
from qlue.insight.hotspots.grid import TooFewReports

CITY = trial.Plan(methods.DAILY, horizon=7, season=7, least=35)
AREAS = trial.Plan(methods.WEEKLY, horizon=1, season=1, least=8)


def days(n, seed=1):
    """Forty a day, half on Sundays."""
    level = np.where(np.arange(n) % 7 == 6, 20, 40)
    return np.random.default_rng(seed).poisson(level)[None].astype(float)


def test_a_weekly_rhythm_is_forecast():
    found = trial.rolling(days(210), CITY, windows=12)
    assert found.mase < 0.85
    assert 0.65 <= found.covered <= 0.95
    ahead = methods.DAILY[found.chosen](days(210), 7)[0]
    assert ahead[6] < 0.7 * ahead[:6].mean()


def test_areas_with_hardly_any_reports_do_not_break_the_others():
    series = np.vstack([np.zeros(60), np.random.default_rng(3).poisson([[5.0], [0.2]], (2, 60))])
    found = trial.rolling(series, AREAS, windows=12)
    assert np.isfinite(found.mase)
    assert all((one(series, 4) >= 0).all() for one in methods.WEEKLY.values())


@pytest.mark.parametrize("series", [np.zeros((1, 300)), np.ones((1, 20)), np.zeros((1, 0))])
def test_an_empty_or_short_history_is_refused(series):
    with pytest.raises(TooFewReports):
        trial.rolling(series, CITY)


def test_intervals_do_not_go_below_zero():
    low, high = trial.interval(np.array([0.1, 9.0]), 2.0)
    assert low[0] == 0
    assert low[1] < 9 < high[1]
