"""Tonight's forecasts: the city's next seven days; the next week of kelurahan, kecamatan and categories."""

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import numpy as np

from qlue.cities.facts import CityFacts
from qlue.insight.forecasts import methods
from qlue.insight.forecasts.backtest import BacktestPlan, ForecastBacktest, backtest_methods, forecast_interval
from qlue.insight.hotspots.grid import Floats, Ints, TooFewReports
from qlue.insight.records.history import History, daily_counts, day_of, weekly_counts
from qlue.insight.records.runs import NewForecast, RunOutput

DAYS = BacktestPlan(methods.DAILY, horizon=7, season=7, least=35)
WEEKS = BacktestPlan(methods.WEEKLY, horizon=1, season=1, least=8)
JUDGED = 26  # windows: half a year of weeks
LEAST_WEEKS = 12  # since its first report, before a series is forecast by itself
LEAST_REPORTS = 26  # in the weeks that it is judged by
BEFORE = 4  # steps that "before" is the mean of

Forecasts = tuple[list[NewForecast], dict[str, object]]  # rows, and the figures of the backtest behind them
UnitColumn = Literal["area_id", "category_id"]


def compute_forecasts(city: CityFacts, history: History) -> RunOutput:
    """Rows for the table Forecast. Each part that has too little history is left out; its figures are then None."""
    rows: list[NewForecast] = []
    figures: dict[str, object] = {"reports": len(history), "days": history.days}
    for name, make_rows in MAKERS.items():
        try:
            new_rows, judgement = make_rows(city, history)
        except TooFewReports:
            figures[name] = None
            continue
        rows, figures[name] = rows + new_rows, judgement
    return RunOutput(rows, figures, "" if rows else "short_history")


def _city_rows(city: CityFacts, history: History) -> Forecasts:
    series = daily_counts(history)
    judgement = backtest_methods(series, DAYS, JUDGED)
    mean = methods.DAILY[judgement.chosen](series, DAYS.horizon)
    low, high = forecast_interval(mean, judgement.width)
    # The same weekday of the last four weeks. `step - 28` counts from the end, so no step may reach 28.
    before = [float(series[0, step - 28 :: 7].mean()) for step in range(DAYS.horizon)]
    first = day_of(history.end)
    rows = [
        NewForecast(
            starts=first + timedelta(days=step),
            mean=float(mean[0, step]),
            low=float(low[0, step]),
            high=float(high[0, step]),
            before=before[step],
        )
        for step in range(DAYS.horizon)
    ]
    return rows, _backtest_figures(judgement)


def _kelurahan_rows(city: CityFacts, history: History) -> Forecasts:
    return _week_rows("area_id", [area.id for area in city.kelurahan], history, history.area)


def _kecamatan_rows(city: CityFacts, history: History) -> Forecasts:
    # A report may lie in a kecamatan itself, where no kelurahan is drawn.
    above = {area.id: area.parent_id or area.id for area in city.areas.values()}
    district = np.array([above.get(int(area), 0) for area in history.area], dtype=np.int64)
    return _week_rows("area_id", [area.id for area in city.kecamatan], history, district, sparse=False)


def _category_rows(city: CityFacts, history: History) -> Forecasts:
    units = [category.id for category in city.open_categories]
    return _week_rows("category_id", units, history, history.category, sparse=False)


def _week_rows(
    column: UnitColumn, units: list[int], history: History, unit_of: Ints, *, sparse: bool = True
) -> Forecasts:
    """Next week of each unit, with the error of its own series; unless `sparse`, only of those with enough history."""
    series = weekly_counts(history, units, unit_of)
    positions = [row for row, counts in enumerate(series) if sparse or _has_enough_reports(counts)]
    if not positions:
        raise TooFewReports
    series, units = series[positions], [units[row] for row in positions]
    judgement = backtest_methods(series, WEEKS, JUDGED)
    mean = methods.WEEKLY[judgement.chosen](series, 1)
    low, high = forecast_interval(mean, judgement.width)
    before = series[:, -BEFORE:].mean(axis=1)
    first = day_of(history.end)
    rows = [
        NewForecast(
            starts=first,
            mean=float(mean[row, 0]),
            low=float(low[row, 0]),
            high=float(high[row, 0]),
            before=float(before[row]),
            off=float(judgement.off[row]),
            area_id=unit if column == "area_id" else None,
            category_id=unit if column == "category_id" else None,
        )
        for row, unit in enumerate(units)
    ]
    return rows, _backtest_figures(judgement)


def _has_enough_reports(series: Floats) -> bool:
    weeks_with_reports = np.flatnonzero(series)
    if not len(weeks_with_reports) or series[-JUDGED:].sum() < LEAST_REPORTS:
        return False
    return bool(len(series) - weeks_with_reports[0] >= LEAST_WEEKS)


# The keys are those of stored figures; the page of insight reads them.
MAKERS: dict[str, Callable[[CityFacts, History], Forecasts]] = {
    "city": _city_rows,
    "areas": _kelurahan_rows,
    "kecamatan": _kecamatan_rows,
    "categories": _category_rows,
}


def _backtest_figures(judgement: ForecastBacktest) -> dict[str, object]:
    return {
        "mase": round(judgement.mase, 3),
        "covered": round(judgement.covered, 3),
        "chosen": judgement.chosen,
        "windows": judgement.windows,
        "by_method": {name: round(value, 3) for name, value in judgement.by_method.items()},
    }


def weekly_level(series: Floats) -> Floats:
    """Expected reports of the next week, per row: the same smoothing that forecasts use."""
    return methods.smoothed_level(series, 1)[:, 0] if series.shape[1] else series.sum(axis=1)
