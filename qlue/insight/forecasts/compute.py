"""Tonight's forecasts: the city's next seven days; the next week of kelurahan, kecamatan and categories."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np

from qlue.cities.facts import CityFacts
from qlue.insight.forecasts import methods, trial
from qlue.insight.history import History, daily, day_of, weekly
from qlue.insight.hotspots.compute import Found
from qlue.insight.hotspots.grid import Floats, Ints, TooFewReports

DAYS = trial.Plan(methods.DAILY, horizon=7, season=7, least=35)
WEEKS = trial.Plan(methods.WEEKLY, horizon=1, season=1, least=8)
JUDGED = 26
LEAST_WEEKS = 12  # since its first report, before a series of its own is told
LEAST_REPORTS = 26  # in the weeks that it is judged by
BEFORE = 4  # steps that "before" is the mean of


Rows = list[dict[str, Any]]


def find(city: CityFacts, past: History) -> Found:
    """Rows for the table Forecast. What is too short for the one may be enough for the other."""
    rows: Rows = []
    figures: dict[str, Any] = {"reports": len(past), "days": past.days}
    for name, make in MAKERS.items():
        try:
            more, judged = make(city, past)
        except TooFewReports:
            figures[name] = None
            continue
        rows, figures[name] = rows + more, judged
    return Found(rows, figures, "" if rows else "short_history")


def _city(city: CityFacts, past: History) -> tuple[Rows, dict[str, Any]]:
    series = daily(past)
    judged = trial.rolling(series, DAYS, JUDGED)
    mean = methods.DAILY[judged.chosen](series, DAYS.horizon)
    low, high = trial.interval(mean, judged.width)
    before = [float(series[0, step - 28 :: 7].mean()) for step in range(DAYS.horizon)]
    first = day_of(past.end)
    rows = [
        {"starts": first + timedelta(days=step), **_numbers(mean[0, step], low[0, step], high[0, step], before[step])}
        for step in range(DAYS.horizon)
    ]
    return rows, _figures(judged)


def _kelurahan(city: CityFacts, past: History) -> tuple[Rows, dict[str, Any]]:
    return _weeks("area_id", [area.id for area in city.kelurahan], past, past.area)


def _kecamatan(city: CityFacts, past: History) -> tuple[Rows, dict[str, Any]]:
    above = {area.id: area.parent_id or area.id for area in city.areas.values()}
    district = np.array([above.get(int(area), 0) for area in past.area], dtype=np.int64)
    return _weeks("area_id", [area.id for area in city.kecamatan], past, district, sparse=False)


def _categories(city: CityFacts, past: History) -> tuple[Rows, dict[str, Any]]:
    units = [category.id for category in city.open_categories]
    return _weeks("category_id", units, past, past.category, sparse=False)


def _weeks(
    column: str, units: list[int], past: History, unit_of: Ints, *, sparse: bool = True
) -> tuple[Rows, dict[str, Any]]:
    """Next week of each unit, with the error of its own series; unless `sparse`, only of those that have lived a while
    and have reports to be judged by."""
    series = weekly(past, units, unit_of)
    kept = [at for at, one in enumerate(series) if sparse or _is_enough(one)]
    if not kept:
        raise TooFewReports
    series, units = series[kept], [units[at] for at in kept]
    judged = trial.rolling(series, WEEKS, JUDGED)
    mean = methods.WEEKLY[judged.chosen](series, 1)
    low, high = trial.interval(mean, judged.width)
    before = series[:, -BEFORE:].mean(axis=1)
    first = day_of(past.end)
    rows = [
        {column: unit, "starts": first, "off": float(judged.off[at])}
        | _numbers(mean[at, 0], low[at, 0], high[at, 0], before[at])
        for at, unit in enumerate(units)
    ]
    return rows, _figures(judged)


def _is_enough(series: Floats) -> bool:
    some = np.flatnonzero(series)
    return bool(len(some)) and len(series) - some[0] >= LEAST_WEEKS and series[-JUDGED:].sum() >= LEAST_REPORTS


MAKERS: dict[str, Callable[[CityFacts, History], tuple[Rows, dict[str, Any]]]] = {
    "city": _city,
    "areas": _kelurahan,
    "kecamatan": _kecamatan,
    "categories": _categories,
}


def _numbers(mean: Any, low: Any, high: Any, before: Any) -> dict[str, float]:
    return {"mean": float(mean), "low": float(low), "high": float(high), "before": float(before)}


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
