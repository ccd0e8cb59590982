"""`qlue bench insight`: what hot spots, forecasts, duplicates and measured effects are worth, on Chicago's reports.

Every figure is of windows that lie after everything the method saw. `mase_*` are one week ahead over the last 26
weeks; `*_year` the same over the last 52, with the hard winter of 2014 in it.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from django.conf import settings

from bench.insight_effects import best_first, coverage
from qlue.insight.forecasts import methods
from qlue.insight.forecasts.backtest import BacktestPlan, backtest_methods
from qlue.insight.hotspots.backtest import backtest_scores
from qlue.insight.hotspots.grid import Floats, Ints, events_of
from qlue.insight.records.errors import UserError
from qlue.kit.parts import install_command, installed

USUAL_FILE = settings.ROOT.parent / "shared" / "data" / "chicago_sanitation_311.parquet"
FIRST, END = date(2011, 1, 1), date(2015, 1, 1)  # before and after there are single reports only
COLUMNS = ("Creation_Date", "Longitude", "Latitude", "Community_Area")
WINDOWS = 13
YEAR = 52
CITY = BacktestPlan(methods.DAILY, horizon=7, season=7, least=365)
AREAS = BacktestPlan(methods.WEEKLY, horizon=1, season=1, least=52)


@dataclass(frozen=True)
class ChicagoColumns:
    """One row per report; `area` is a whole number from 0, -1 where it is not known."""

    day: Ints
    lon: Floats
    lat: Floats
    area: Ints

    @property
    def days(self) -> int:
        """How long the history is."""
        return (END - FIRST).days


def main(words: Sequence[str]) -> int:
    """Prints the figures, as lines or as one JSON object; 1 when the file is not what it should be."""
    parser = argparse.ArgumentParser(prog="qlue bench insight", description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--file", type=Path, default=USUAL_FILE, help="the parquet file of Chicago's sanitation complaints"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args(words)
    try:
        figures = backtest(options.file)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(figures) if options.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))
    return 0


def backtest(path: Path) -> dict[str, Any]:
    """Every figure of docs/insight.md."""
    started = perf_counter()
    reports = read(path)
    figures = hotspots(reports) | forecasts(reports) | effects(reports) | duplicates(path)
    return figures | {"seconds": round(perf_counter() - started, 1)}


def read(path: Path) -> ChicagoColumns:
    """The file's columns. Raises UserError with what is wrong with it."""
    if not installed("parquet"):
        raise UserError(f"Parquet cannot be read, the part is not installed: {install_command('parquet')}")
    import pyarrow.parquet as parquet
    from pyarrow import ArrowException

    if not path.is_file():
        raise UserError(f"There is no file {path}; name it with --file.")
    try:
        table = parquet.read_table(path, columns=list(COLUMNS))
    except (ArrowException, OSError, ValueError) as error:
        raise UserError(f"{path} is no parquet file of this kind: {error}") from None
    if missing := set(COLUMNS) - set(table.column_names):
        raise UserError(f"{path} lacks the columns {', '.join(sorted(missing))}.")
    day = table["Creation_Date"].to_numpy().astype("datetime64[D]").astype(np.int64) - FIRST_DAY
    lon, lat, area = (np.asarray(table[name].to_numpy(), float) for name in COLUMNS[1:])
    is_inside = (day >= 0) & (day < (END - FIRST).days)
    if not is_inside.any():
        raise UserError(f"{path} holds no report of the years {FIRST.year} to {END.year - 1}.")
    area = np.where(np.isnan(area), -1, area).astype(np.int64)
    return ChicagoColumns(day[is_inside], lon[is_inside], lat[is_inside], area[is_inside])


FIRST_DAY = int(np.datetime64(FIRST, "D").astype(np.int64))


def hotspots(reports: ChicagoColumns) -> dict[str, Any]:
    """PAI of the top 5 %: of the score that earlier windows chose, of the plain decay, and of each."""
    result = backtest_scores(events_of(reports.lon, reports.lat, reports.day), WINDOWS, reports.days)
    return {
        "hotspot_pai5": round(result.chosen_pai(), 3),
        "hotspot_pai5_expdecay": round(result.mean("exp_decay"), 3),
        "hotspot_by_score": {name: round(result.mean(name), 3) for name in result.pai},
        "hotspot_chosen": result.last,
        "hotspot_windows": len(result.chosen) - result.burn_in,
    }


def forecasts(reports: ChicagoColumns) -> dict[str, Any]:
    """MASE and the coverage of the 80 % intervals, by the method that earlier windows chose."""
    daily, weekly = city_days(reports), area_weeks(reports)
    city, areas = backtest_methods(daily, CITY), backtest_methods(weekly, AREAS)
    city_year, areas_year = (backtest_methods(series, plan, YEAR) for series, plan in ((daily, CITY), (weekly, AREAS)))
    return {
        "mase_daily_city": round(city.mase, 3),
        "mase_daily_city_year": round(city_year.mase, 3),
        "mase_weekly_area": round(areas.mase, 3),
        "mase_weekly_area_year": round(areas_year.mase, 3),
        "coverage80": round(city.covered, 3),
        "coverage80_weekly_area": round(areas.covered, 3),
        "forecast_chosen": {"daily_city": city.chosen, "weekly_area": areas.chosen},
        "forecast_windows": city.windows,
    }


def city_days(reports: ChicagoColumns) -> Floats:
    """One series: reports a day."""
    return np.bincount(reports.day, minlength=reports.days).astype(np.float64)[None]


def area_weeks(reports: ChicagoColumns) -> Floats:
    """Reports a week, one row for each community area; whole weeks that end with the history."""
    has_area = reports.area >= 0
    names, row = np.unique(reports.area[has_area], return_inverse=True)
    spare = reports.days % 7  # the first days, which make no whole week
    week = (reports.day[has_area] - spare) // 7
    counts = np.zeros((len(names), reports.days // 7))
    np.add.at(counts, (row[week >= 0], week[week >= 0]), 1)
    return counts


def effects(reports: ChicagoColumns) -> dict[str, Any]:
    """Planted effects: how often the 90 % interval holds them, and how often the best option comes first."""
    weekly = area_weeks(reports)
    share, bias = coverage(weekly)
    return {
        "planted_coverage": round(share, 3),
        "planted_bias": round(bias, 4),
        "planted_best": round(best_first(weekly), 3),
    }


def duplicates(path: Path) -> dict[str, Any]:
    """Average precision of the suggested duplicates."""
    from bench.insight_duplicates import duplicate_figures

    return {name: round(value, 3) for name, value in duplicate_figures(path).items()}
