"""The dashboard under a filter, as a page and as numbers for its map."""

from django.http import HttpResponse
from django.shortcuts import render

from qlue.cities.facts import CityRequest
from qlue.dashboard.explore.areas import area_values, areas_inside
from qlue.dashboard.explore.frame import explore_frame
from qlue.dashboard.explore.state import MEASURES, read_explore_state
from qlue.dashboard.explore.tabs import TAB_CONTENT
from qlue.dashboard.queries.filtered import FilteredSums, filtered_sums
from qlue.dashboard.views.common import caller_rights
from qlue.kit.http import json_bytes, to_json
from qlue.reports.forms.filter import FilterForm
from qlue.web.presentation.colour_ramps import class_limits


def explore(request: CityRequest) -> HttpResponse:
    """One page for every filter."""
    state, rights = read_explore_state(request.city, request.GET), caller_rights(request)
    sums = filtered_sums(state.city, state.filter)
    frame, content = explore_frame(state, sums, rights), TAB_CONTENT[state.tab](state, sums, rights)
    context = vars(frame) | vars(content) | {"form": FilterForm(state.city, state.values)}
    return render(request, "dashboard/explore.html", context)


def areas_json(request: CityRequest) -> HttpResponse:
    """The same numbers for the map's colours."""
    state, rights = read_explore_state(request.city, request.GET), caller_rights(request)
    # A dataset's numbers need no report to be counted.
    sums = filtered_sums(state.city, state.filter) if state.measure in MEASURES else FilteredSums()
    areas = area_values(state, sums, rights)
    values = {area.id: areas.values[area.id] for area in areas_inside(state) if area.id in areas.values}
    body = {
        "areas": values,
        "max": max(values.values(), default=0),
        "unit": areas.unit,
        "partial": areas.partial,
        "steps": class_limits(values.values()),
    }
    return json_bytes(request, to_json(body), public=not rights)
