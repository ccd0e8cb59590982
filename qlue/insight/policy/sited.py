"""Acts that need a place: the sites that newly cover most of what is reported."""

import numpy as np

from qlue.atlas.reading import facilities
from qlue.cities.facts import CityFacts, area_at
from qlue.insight.history import History
from qlue.insight.hotspots.grid import Events, TooFewReports, events_of
from qlue.insight.hotspots.trial import SCORES
from qlue.insight.policy.ground import Ground
from qlue.insight.policy.options import LEAST_NEED, Draft
from qlue.insight.policy.siting import Siting, best_sites
from qlue.insight.reading.library import Act

SITES = 3
LEAST_REPORTS = 60
SCORE = "decayed_kde"


def drafts(city: CityFacts, past: History, ground: Ground, acts: list[Act]) -> list[Draft]:
    """One draft for each act at sites and each of its categories with enough reports."""
    slugs = {one.slug: one.id for one in city.categories.values() if one.active and not one.private}
    pairs = [(act, slugs[slug]) for act in acts if act.scale == "site" for slug in act.categories if slug in slugs]
    return [found for act, category in pairs if (found := _draft(city, past, ground, act, category))]


def _draft(city: CityFacts, past: History, ground: Ground, act: Act, category: int) -> Draft | None:
    own = past.of(category)
    own = own.where(own.pinned)
    need = sum(value for (kind, _area), value in ground.need.items() if kind == category)
    if len(own) < LEAST_REPORTS or need < LEAST_NEED:
        return None
    try:
        events = events_of(own.lon, own.lat, own.day)
    except TooFewReports:
        return None
    found, places = _solved(city, events, past.end, act)
    if not found.chosen:
        return None
    extra = {
        "sites": [_site(city, *places[at]) for at in found.chosen],
        "covered": [found.before, found.after],
        "proven": found.proven,
    }
    return Draft(act, category, None, need * (found.after - found.before), len(found.chosen), extra)


def _solved(city: CityFacts, events: Events, t: int, act: Act) -> tuple[Siting, list[tuple[float, float]]]:
    """Every cell with reports is demand, and the busiest may become a site."""
    score = SCORES[SCORE](events, t)
    cells = np.flatnonzero(score > 0)
    cells = cells[np.argsort(-score[cells], kind="stable")]
    boxes = np.array([events.grid.box(int(cell)) for cell in cells])
    middle = np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2])
    there = np.array([(lon, lat) for _name, lon, lat, _area in facilities(city, act.facility)]).reshape(-1, 2)
    found = best_sites(middle, score[cells], middle, there, float(act.reach_m or 500), SITES)
    return found, [(float(lon), float(lat)) for lon, lat in middle]


def _site(city: CityFacts, lon: float, lat: float) -> dict[str, object]:
    area = area_at(city, lon, lat)
    return {"lon": lon, "lat": lat, "area": area.name if area else ""}
