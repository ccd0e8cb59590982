"""Tonight's forecasts: the city's next seven days, and each kelurahan's next week."""

from datetime import timedelta
from typing import Any

from qlue.cities.facts import CityFacts
from qlue.insight.forecasts import methods, trial
from qlue.insight.history import History, daily, day_of, weekly
from qlue.insight.hotspots.compute import Found
from qlue.insight.hotspots.grid import Floats, TooFewReports

DAYS = trial.Plan(methods.DAILY, horizon=7, season=7, least=35)
WEEKS = trial.Plan(methods.WEEKLY, horizon=1, season=1, least=8)
JUDGED = 26
BEFORE = 4  # steps that "before" is the mean of


def find(city: CityFacts, past: History) -> Found:
    """Rows for the table Forecast. What is too short for the one may be enough for the other."""
    rows: list[dict[str, Any]] = []
    figures: dict[str, Any] = {"reports": len(past), "days": past.days}
    for name, make in (("city", _city), ("areas", _areas)):
        try:
            more, judged = make(city, past)
        except TooFewReports:
            figures[name] = None
            continue
        rows, figures[name] = rows + more, judged
    return Found(rows, figures, "" if rows else "short_history")


def _city(city: CityFacts, past: History) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    series = daily(past)
    judged = trial.rolling(series, DAYS, JUDGED)
    mean = methods.DAILY[judged.chosen](series, DAYS.horizon)
    low, high = trial.interval(mean, judged.width)
    before = [float(series[0, step - 28 :: 7].mean()) for step in range(DAYS.horizon)]
    first = day_of(past.end)
    rows = [
        _row(None, first + timedelta(days=step), mean[0, step], low[0, step], high[0, step], before[step])
        for step in range(DAYS.horizon)
    ]
    return rows, _figures(judged)


def _areas(city: CityFacts, past: History) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    units = [area.id for area in city.kelurahan]
    series = weekly(past, units)
    if not len(series):
        raise TooFewReports
    judged = trial.rolling(series, WEEKS, JUDGED)
    mean = methods.WEEKLY[judged.chosen](series, 1)
    low, high = trial.interval(mean, judged.width)
    before = series[:, -BEFORE:].mean(axis=1)
    first = day_of(past.end)
    rows = [_row(unit, first, mean[at, 0], low[at, 0], high[at, 0], before[at]) for at, unit in enumerate(units)]
    return rows, _figures(judged)


def _row(area: int | None, starts: Any, mean: Any, low: Any, high: Any, before: Any) -> dict[str, Any]:
    numbers = {"mean": float(mean), "low": float(low), "high": float(high), "before": float(before)}
    return {"area_id": area, "starts": starts} | numbers


def _figures(judged: trial.Trial) -> dict[str, Any]:
    return {
        "mase": round(judged.mase, 3),
        "covered": round(judged.covered, 3),
        "chosen": judged.chosen,
        "windows": judged.windows,
        "by_method": {name: round(value, 3) for name, value in judged.by_method.items()},
    }


def level(series: Floats) -> Floats:
    """What one more week would bring, per row: the same smoothing that forecasts use."""
    return methods.smoothed_level(series, 1)[:, 0] if series.shape[1] else series.sum(axis=1)
