"""`qlue insight backtest`: what hot spots, forecasts, duplicates and measured effects are worth, on Chicago's reports.

Every figure is of windows that lie after everything the method saw. `mase_*` are one week ahead over the last 26
weeks; `*_year` the same over the last 52, with the hard winter of 2014 in it.
"""

from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from django.conf import settings

from qlue.insight.forecasts import methods
from qlue.insight.forecasts import trial as forecasting
from qlue.insight.hotspots import trial as gathering
from qlue.insight.hotspots.grid import Floats, Ints, events_of
from qlue.insight.mistakes import Mistake
from qlue.insight.policy import planted
from qlue.kit.parts import install_command, installed

HELP = "hot spots, forecasts, duplicates and effects on Chicago's sanitation reports"
USUAL = settings.ROOT.parent / "shared" / "data" / "chicago_sanitation_311.parquet"
FIRST, END = date(2011, 1, 1), date(2015, 1, 1)  # before and after there are single reports only
COLUMNS = ("Creation_Date", "Longitude", "Latitude", "Community_Area")
WINDOWS = 13
YEAR = 52
CITY = forecasting.Plan(methods.DAILY, horizon=7, season=7, least=365)
AREAS = forecasting.Plan(methods.WEEKLY, horizon=1, season=1, least=52)


@dataclass(frozen=True)
class Columns:
    """One row per report; `area` is a whole number from 0, -1 where it is not known."""

    day: Ints
    lon: Floats
    lat: Floats
    area: Ints

    @property
    def days(self) -> int:
        """How long the history is."""
        return (END - FIRST).days


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--file", type=Path, default=USUAL, help="the parquet file of Chicago's sanitation complaints")


def run(options: dict[str, Any]) -> dict[str, Any]:
    started = perf_counter()
    path = Path(options["file"])
    reports = read(path)
    found = hotspots(reports) | forecasts(reports) | effects(reports) | duplicates(path)
    return found | {"seconds": round(perf_counter() - started, 1)}


def read(path: Path) -> Columns:
    """The file's columns. Raises Mistake with what is wrong with it."""
    if not installed("parquet"):
        raise Mistake(f"Parquet cannot be read, the part is not installed: {install_command('parquet')}")
    import pyarrow.parquet as parquet
    from pyarrow import ArrowException

    if not path.is_file():
        raise Mistake(f"There is no file {path}; name it with --file.")
    try:
        table = parquet.read_table(path, columns=list(COLUMNS))
    except (ArrowException, OSError, ValueError) as error:
        raise Mistake(f"{path} is no parquet file of this kind: {error}") from None
    if missing := set(COLUMNS) - set(table.column_names):
        raise Mistake(f"{path} lacks the columns {', '.join(sorted(missing))}.")
    day = table["Creation_Date"].to_numpy().astype("datetime64[D]").astype(np.int64) - FIRST_DAY
    lon, lat, area = (np.asarray(table[name].to_numpy(), float) for name in COLUMNS[1:])
    kept = (day >= 0) & (day < (END - FIRST).days)
    if not kept.any():
        raise Mistake(f"{path} holds no report of the years {FIRST.year} to {END.year - 1}.")
    return Columns(day[kept], lon[kept], lat[kept], np.where(np.isnan(area), -1, area)[kept].astype(np.int64))


FIRST_DAY = int(np.datetime64(FIRST, "D").astype(np.int64))


def hotspots(reports: Columns) -> dict[str, Any]:
    """PAI of the top 5 %: of the score that earlier windows chose, of the plain decay, and of each."""
    found = gathering.rolling(events_of(reports.lon, reports.lat, reports.day), WINDOWS, reports.days)
    return {
        "hotspot_pai5": round(found.chosen_pai(), 3),
        "hotspot_pai5_expdecay": round(found.mean("exp_decay"), 3),
        "hotspot_by_score": {name: round(found.mean(name), 3) for name in found.pai},
        "hotspot_chosen": found.last,
        "hotspot_windows": len(found.chosen) - found.burn_in,
    }


def forecasts(reports: Columns) -> dict[str, Any]:
    """MASE and the coverage of the 80 % intervals, by the method that earlier windows chose."""
    daily, weekly = city_days(reports), area_weeks(reports)
    city, areas = forecasting.rolling(daily, CITY), forecasting.rolling(weekly, AREAS)
    city_year, areas_year = (
        forecasting.rolling(series, plan, YEAR) for series, plan in ((daily, CITY), (weekly, AREAS))
    )
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


def city_days(reports: Columns) -> Floats:
    """One series: reports a day."""
    return np.bincount(reports.day, minlength=reports.days).astype(np.float64)[None]


def area_weeks(reports: Columns) -> Floats:
    """Reports a week, one row for each community area; whole weeks that end with the history."""
    known = reports.area >= 0
    names, row = np.unique(reports.area[known], return_inverse=True)
    spare = reports.days % 7
    week = (reports.day[known] - spare) // 7
    found = np.zeros((len(names), reports.days // 7))
    np.add.at(found, (row[week >= 0], week[week >= 0]), 1)
    return found


def effects(reports: Columns) -> dict[str, Any]:
    """Planted effects: how often the 90 % interval holds them, and how often the best option comes first."""
    weekly = area_weeks(reports)
    held, bias = planted.coverage(weekly)
    return {
        "planted_coverage": round(held, 3),
        "planted_bias": round(bias, 4),
        "planted_best": round(planted.best_first(weekly), 3),
    }


def duplicates(path: Path) -> dict[str, Any]:
    """Average precision of the suggestions."""
    from qlue.insight.duplicates.backtest import measured

    return {name: round(value, 3) for name, value in measured(path).items()}
