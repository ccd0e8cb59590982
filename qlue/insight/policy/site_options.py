"""Interventions that need a place: the sites that newly cover most of what is reported."""

import numpy as np

from qlue.atlas.queries import facilities
from qlue.cities.facts import CityFacts, area_at
from qlue.insight.hotspots.backtest import SCORES
from qlue.insight.hotspots.grid import PointEvents, TooFewReports, events_of
from qlue.insight.policy.coverage import SitePlan, best_sites
from qlue.insight.policy.features import AreaFeatures
from qlue.insight.policy.options import LEAST_NEED, OptionDraft
from qlue.insight.records.history import History
from qlue.insight.records.interventions import CityIntervention
from qlue.insight.states import InterventionScale

SITES = 3  # that one option proposes
LEAST_REPORTS = 60  # with a pin
SCORE = "decayed_kde"  # smooth, so that a site is not drawn to a single report
USUAL_REACH_M = 500  # where the library says nothing


def draft_site_options(
    city: CityFacts, history: History, features: AreaFeatures, interventions: list[CityIntervention]
) -> list[OptionDraft]:
    """One draft for each intervention at sites and each of its categories with enough reports."""
    public = [category for category in city.categories.values() if category.active and not category.private]
    ids = {category.slug: category.id for category in public}
    at_sites = [intervention for intervention in interventions if intervention.scale == InterventionScale.SITE]
    drafts = (
        _draft_site_option(city, history, features, intervention, ids[slug])
        for intervention in at_sites
        for slug in intervention.categories
        if slug in ids
    )
    return [draft for draft in drafts if draft]


def _draft_site_option(
    city: CityFacts, history: History, features: AreaFeatures, intervention: CityIntervention, category: int
) -> OptionDraft | None:
    reports = history.of(category)
    reports = reports.where(reports.pinned)
    need = sum(value for (of_category, _area), value in features.need.items() if of_category == category)
    if len(reports) < LEAST_REPORTS or need < LEAST_NEED:
        return None
    try:
        events = events_of(reports.lon, reports.lat, reports.day)
    except TooFewReports:
        return None
    plan, places = _best_sites(city, events, history.end, intervention)
    if not plan.chosen:
        return None
    extra = {
        "sites": [_site_json(city, *places[position]) for position in plan.chosen],
        "covered": [plan.before, plan.after],
        "proven": plan.proven,
    }
    # Only the demand that becomes newly covered can fall.
    return OptionDraft(intervention, category, None, need * (plan.after - plan.before), len(plan.chosen), extra)


def _best_sites(
    city: CityFacts, events: PointEvents, t: int, intervention: CityIntervention
) -> tuple[SitePlan, list[tuple[float, float]]]:
    """Every cell with reports is demand, and the busiest may become a site."""
    score = SCORES[SCORE](events, t)
    cells = np.flatnonzero(score > 0)
    cells = cells[np.argsort(-score[cells], kind="stable")]
    boxes = np.array([events.grid.box(int(cell)) for cell in cells])
    centres = np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2])
    places = [(lon, lat) for _name, lon, lat, _area in facilities(city, intervention.facility)]
    facility_places = np.array(places).reshape(-1, 2)
    plan = best_sites(
        centres, score[cells], centres, facility_places, float(intervention.reach_m or USUAL_REACH_M), SITES
    )
    return plan, [(float(lon), float(lat)) for lon, lat in centres]


def _site_json(city: CityFacts, lon: float, lat: float) -> dict[str, object]:
    area = area_at(city, lon, lat)
    return {"lon": lon, "lat": lat, "area": area.name if area else ""}
