"""The city as a grid of squares: places become cells, days become whole numbers."""

from dataclasses import dataclass
from math import cos, radians
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SIDE_M = 250.0  # a few blocks: small enough to walk, large enough to hold more than one report
DEGREE_M = 111_195.0  # one degree of latitude
MOST_CELLS = 1_000_000  # bounds the memory of the layers; a larger grid has larger squares
OUTLIERS = 0.001  # at each edge: a few wrong pins must not stretch the city to a continent


class TooFewReports(ValueError):
    """The history is too short, or has too few reports, for anything to be said."""


@dataclass(frozen=True)
class CityGrid:
    """Squares of `side` metres; a cell is `row * wide + column`, the first row in the south."""

    west: float
    south: float
    lon_step: float
    lat_step: float
    wide: int
    high: int

    @property
    def size(self) -> int:
        """How many cells there are."""
        return self.wide * self.high

    def cells(self, lon: Floats, lat: Floats) -> Ints:
        """The cell of each place; -1 outside, and for places that are no numbers."""
        with np.errstate(invalid="ignore"):
            column = np.floor((lon - self.west) / self.lon_step)
            row = np.floor((lat - self.south) / self.lat_step)
            inside = (column >= 0) & (column < self.wide) & (row >= 0) & (row < self.high)
        return np.where(inside, np.nan_to_num(row) * self.wide + np.nan_to_num(column), -1).astype(np.int64)

    def box(self, cell: int) -> tuple[float, float, float, float]:
        """West, south, east, north of a cell in degrees."""
        row, column = divmod(int(cell), self.wide)
        west, south = self.west + column * self.lon_step, self.south + row * self.lat_step
        return west, south, west + self.lon_step, south + self.lat_step


def grid_over(lon: Floats, lat: Floats, side: float = SIDE_M) -> CityGrid:
    """The smallest grid over nearly all places. Raises TooFewReports when there is none."""
    is_place = np.isfinite(lon) & np.isfinite(lat)
    if not is_place.any():
        raise TooFewReports
    west, east = np.quantile(lon[is_place], [OUTLIERS, 1 - OUTLIERS])
    south, north = np.quantile(lat[is_place], [OUTLIERS, 1 - OUTLIERS])
    lat_step = side / DEGREE_M
    # Degrees of longitude shrink with the latitude; 0.05 keeps the division sane near the poles.
    lon_step = side / (DEGREE_M * max(0.05, cos(radians((south + north) / 2))))
    wide, high = int((east - west) / lon_step) + 3, int((north - south) / lat_step) + 3
    if wide * high > MOST_CELLS:
        return grid_over(lon, lat, side * 2)
    return CityGrid(float(west - lon_step), float(south - lat_step), lon_step, lat_step, wide, high)


@dataclass(frozen=True)
class PointEvents:
    """Reports as points: `day` counts from any fixed day, ascending; `cell` belongs to `grid`."""

    grid: CityGrid
    day: Ints
    cell: Ints

    def between(self, first: int, end: int) -> Ints:
        """The cells of events on days first <= day < end, one for each event."""
        start, stop = np.searchsorted(self.day, [first, end])
        return self.cell[start:stop]

    def counts(self, first: int, end: int) -> Floats:
        """Events per cell of the grid, days first <= day < end."""
        return np.bincount(self.between(first, end), minlength=self.grid.size).astype(np.float64)

    def last_day(self) -> int:
        """The latest day that has an event."""
        return int(self.day[-1])


def events_of(lon: Any, lat: Any, day: Any, grid: CityGrid | None = None) -> PointEvents:
    """Events from columns in any order, without those outside the grid. Raises TooFewReports when none is left."""
    lon, lat, day = np.asarray(lon, float), np.asarray(lat, float), np.asarray(day, np.int64)
    grid = grid or grid_over(lon, lat)
    cell = grid.cells(lon, lat)
    order = np.argsort(day, kind="stable")
    order = order[cell[order] >= 0]
    if not len(order):
        raise TooFewReports
    return PointEvents(grid, day[order], cell[order])
