"""The hot spots of a city tonight."""

import numpy as np

from qlue.cities.facts import CityFacts, area_at
from qlue.insight.hotspots.backtest import FIRST_CHOICE, SCORES, backtest_scores
from qlue.insight.hotspots.boosting import HORIZON, known_cells
from qlue.insight.hotspots.getis import discoveries, p_values
from qlue.insight.hotspots.grid import DEGREE_M, Floats, PointEvents, TooFewReports, events_of
from qlue.insight.records.history import History
from qlue.insight.records.runs import NewHotspot, RunOutput

MOST_SPOTS = 60  # of all reports together
MOST_OF_CATEGORY = 25
MOST_CATEGORIES = 8
LEAST_REPORTS = 60  # of the city, and of a category that gets spots of its own
CLUSTER_DAYS = 182  # in which more reports than by chance are looked for
SHORT_WINDOW = 14  # days of a window where the history is shorter than a year
YEAR = 365


def compute_hotspots(city: CityFacts, history: History) -> RunOutput:
    """Rows for the table HotSpot: of all reports, and of the categories that have enough.

    Reports without a pin of their own are left out: they would all lie at the middle of their kelurahan.
    """
    reports_with_pin = _reports_with_pin(history)
    if len(reports_with_pin) < LEAST_REPORTS:
        return RunOutput(problem="few_reports", figures={"reports": len(reports_with_pin)})
    try:
        events = events_of(reports_with_pin.lon, reports_with_pin.lat, reports_with_pin.day)
        name, figures = _choose_score(events, reports_with_pin)
    except TooFewReports:
        return RunOutput(problem="few_reports", figures={"reports": len(reports_with_pin)})
    rows = _hotspot_rows(city, events, name, reports_with_pin.end, MOST_SPOTS, None)
    categories, counts = np.unique(reports_with_pin.category, return_counts=True)
    order = np.argsort(-counts)[:MOST_CATEGORIES]
    for category in categories[order][counts[order] >= LEAST_REPORTS].tolist():
        # The same grid for all, so that a square means the same place on every layer of the map.
        reports = reports_with_pin.of(category)
        category_events = events_of(reports.lon, reports.lat, reports.day, events.grid)
        rows += _hotspot_rows(city, category_events, FIRST_CHOICE, reports_with_pin.end, MOST_OF_CATEGORY, category)
    return RunOutput(
        rows, figures | {"reports": len(reports_with_pin), "days": history.days, "cell_m": _cell_side_m(events)}
    )


def _reports_with_pin(history: History) -> History:
    return history.where(history.pinned & np.isfinite(history.lon) & np.isfinite(history.lat))


def _cell_side_m(events: PointEvents) -> int:
    return round(events.grid.lat_step * DEGREE_M)


def _choose_score(events: PointEvents, history: History) -> tuple[str, dict[str, object]]:
    """The score that predicted this city's past best; the usual one where there is too little past."""
    ahead = HORIZON if history.days >= YEAR else SHORT_WINDOW
    try:
        judgement = backtest_scores(events, end=history.end, ahead=ahead)
    except TooFewReports:
        return FIRST_CHOICE, {"judged": False}
    figures = {name: round(judgement.mean(name), 2) for name in judgement.pai}
    windows = len(judgement.chosen) - judgement.burn_in
    return judgement.last, {
        "judged": True,
        "pai": figures,
        "chosen": judgement.last,
        "windows": windows,
        "ahead": ahead,
    }


def _hotspot_rows(
    city: CityFacts, events: PointEvents, name: str, t: int, most: int, category: int | None
) -> list[NewHotspot]:
    cells = known_cells(events, t)
    score = SCORES[name](events, t)
    recent = events.counts(t - CLUSTER_DAYS, t)
    p = p_values(events, recent, cells)
    significant = discoveries(p)
    month, forecast = events.counts(t - HORIZON, t), _expected_reports(events, score, t)
    order = np.argsort(-score[cells], kind="stable")[:most]
    ranked = [(rank, position) for rank, position in enumerate(order, 1) if score[cells[position]] > 0]
    rows = []
    for rank, position in ranked:
        cell = int(cells[position])
        west, south, east, north = events.grid.box(cell)
        area = area_at(city, (west + east) / 2, (south + north) / 2)
        rows.append(
            NewHotspot(
                rank=rank,
                category_id=category,
                area_id=area.id if area else None,
                west=west,
                south=south,
                east=east,
                north=north,
                expected=float(forecast[cell]),
                recent=int(month[cell]),
                p=float(p[position]),
                sure=bool(significant[position]),
            )
        )
    return rows


def _expected_reports(events: PointEvents, score: Floats, t: int) -> Floats:
    """Reports per cell in the next 28 days: the score says how they share out what the last eight weeks brought."""
    level = len(events.between(t - 2 * HORIZON, t)) / 2
    return score * (level / max(float(score.sum()), 1e-9))
