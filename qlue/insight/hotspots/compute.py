"""The hot spots of a city tonight: of everything, and of the categories that have enough reports."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qlue.cities.facts import CityFacts, area_at
from qlue.insight.history import History
from qlue.insight.hotspots import getis, trial
from qlue.insight.hotspots.grid import Events, Floats, TooFewReports, events_of
from qlue.insight.hotspots.learned import HORIZON, known_cells

KEPT = 60  # of everything
KEPT_OF_CATEGORY = 25
CATEGORIES = 8
LEAST = 60  # reports that a category needs
RECENT = 182  # days in which a gathering is looked for
SHORT = 14  # days of a window where the history is shorter than a year
YEAR = 365


@dataclass(frozen=True)
class Found:
    """Rows for the table HotSpot without city and run, and what is known of how good they are."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


def find(city: CityFacts, past: History) -> Found:
    """Reports without a pin of their own are left out: they would all gather at the middle of their kelurahan."""
    pinned = _pinned(past)
    if len(pinned) < LEAST:
        return Found(problem="few_reports", figures={"reports": len(pinned)})
    try:
        events = events_of(pinned.lon, pinned.lat, pinned.day)
        name, figures = _chosen(events, pinned)
    except TooFewReports:
        return Found(problem="few_reports", figures={"reports": len(pinned)})
    rows = _spots(city, events, name, pinned.end, KEPT, None)
    kinds, counts = np.unique(pinned.category, return_counts=True)
    order = np.argsort(-counts)[:CATEGORIES]
    for kind in kinds[order][counts[order] >= LEAST].tolist():
        own = pinned.of(kind)
        mine = events_of(own.lon, own.lat, own.day, events.grid)
        rows += _spots(city, mine, trial.FIRST_CHOICE, pinned.end, KEPT_OF_CATEGORY, kind)
    return Found(rows, figures | {"reports": len(pinned), "days": past.days, "cell_m": _side(events)})


def _pinned(past: History) -> History:
    return past.where(past.pinned & np.isfinite(past.lon) & np.isfinite(past.lat))


def _side(events: Events) -> int:
    return round(events.grid.lat_step * 111_195)


def _chosen(events: Events, past: History) -> tuple[str, dict[str, Any]]:
    """The score that would have foretold this city's past best; the usual one where there is too little past."""
    ahead = HORIZON if past.days >= YEAR else SHORT
    try:
        found = trial.rolling(events, end=past.end, ahead=ahead)
    except TooFewReports:
        return trial.FIRST_CHOICE, {"judged": False}
    figures = {name: round(found.mean(name), 2) for name in found.pai}
    windows = len(found.chosen) - found.burn_in
    return found.last, {"judged": True, "pai": figures, "chosen": found.last, "windows": windows, "ahead": ahead}


def _spots(city: CityFacts, events: Events, name: str, t: int, most: int, category: int | None) -> list[dict[str, Any]]:
    known = known_cells(events, t)
    score = trial.SCORES[name](events, t)
    recent = events.counts(t - RECENT, t)
    p = getis.p_values(events, recent, known)
    sure = dict(zip(known.tolist(), zip(p.tolist(), getis.discoveries(p).tolist(), strict=True), strict=True))
    month, expected = events.counts(t - HORIZON, t), _expected(events, score, t)
    order = known[np.argsort(-score[known], kind="stable")[:most]]
    return [
        _row(city, events, int(cell), rank, category)
        | {"expected": float(expected[cell]), "recent": int(month[cell])}
        | {"p": sure[int(cell)][0], "sure": sure[int(cell)][1]}
        for rank, cell in enumerate(order, 1)
        if score[cell] > 0
    ]


def _expected(events: Events, score: Floats, t: int) -> Floats:
    """Reports per cell in the next 28 days: the score says how they share out what the last eight weeks brought."""
    level = len(events.between(t - 2 * HORIZON, t)) / 2
    return score * (level / max(float(score.sum()), 1e-9))


def _row(city: CityFacts, events: Events, cell: int, rank: int, category: int | None) -> dict[str, Any]:
    west, south, east, north = events.grid.box(cell)
    area = area_at(city, (west + east) / 2, (south + north) / 2)
    box = {"west": west, "south": south, "east": east, "north": north}
    return box | {"rank": rank, "category_id": category, "area_id": area.id if area else None}
