"""The dashboard and its tiles."""

from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityRequest
from qlue.dashboard.explore.state import TABS, is_explored
from qlue.dashboard.presentation.bounds import core_bounds_text
from qlue.dashboard.presentation.links import PageLink
from qlue.dashboard.queries.overview import area_counts
from qlue.dashboard.queries.spans import span_of
from qlue.dashboard.tiles.rankings import area_link
from qlue.dashboard.tiles.tiles import TILES, render_tile, render_tiles
from qlue.dashboard.tiles.viewer import MEASURES, Viewer, viewer_of
from qlue.dashboard.views.caching import with_etag
from qlue.dashboard.views.explore import areas_json, explore
from qlue.kit.http import json_bytes, to_json


@require_safe
def dashboard(request: CityRequest, city_slug: str) -> HttpResponse:
    """The city's dashboard; every tile is made as it is for a live update. Under a filter it is `explore`."""
    if is_explored(request.GET):
        return with_etag(request, explore(request))
    return _overview(request, "dashboard/dashboard.html")


@require_safe
def screen(request: CityRequest, city_slug: str) -> HttpResponse:
    """The overview for a screen on a wall: no bars or filters, all in sight, new by itself."""
    return _overview(request, "dashboard/screen.html")


def _overview(request: CityRequest, template: str) -> HttpResponse:
    viewer = viewer_of(request)
    context = vars(_overview_page(viewer)) | {"tiles": render_tiles(request, viewer)}
    return with_etag(request, render(request, template, context))


@dataclass(frozen=True)
class OverviewPage:
    """The page around the tiles: the map, what it can show, and the ways to the filtered dashboard."""

    today: date
    measures: list[PageLink]
    bounds: str
    choropleth: str
    area_link: str
    tabs: list[PageLink]


def _overview_page(viewer: Viewer) -> OverviewPage:
    city = viewer.city
    url = reverse("dashboard", args=[city.slug])
    return OverviewPage(
        today=span_of(city).today,
        measures=[
            PageLink(measure.label, f"{url}?ukuran={slug}", slug == viewer.measure)
            for slug, measure in MEASURES.items()
        ],
        bounds=core_bounds_text(city),
        choropleth=f"{reverse('dashboard-areas', args=[city.slug])}?ukuran={viewer.measure}",
        area_link=area_link(city, MEASURES[viewer.measure]),
        tabs=[PageLink(label, f"{url}?tab={slug}", icon=icon) for slug, label, icon in TABS],
    )


@require_safe
def tile_fragment(request: CityRequest, city_slug: str, name: str) -> HttpResponse:
    """One tile, the same HTML as on the page."""
    if name not in TILES:
        raise Http404
    return with_etag(request, HttpResponse(render_tile(request, name, viewer_of(request))))


@require_safe
def area_numbers(request: CityRequest, city_slug: str) -> HttpResponse:
    """`{"areas": {id: n}, "max": n, "unit": words}` for the map; `?ukuran=` says what is counted."""
    if is_explored(request.GET):
        return areas_json(request)
    # The map's script asks for these by themselves, so that a change need not send the whole page again.
    viewer = viewer_of(request)
    measure = MEASURES[viewer.measure]
    areas = area_counts(viewer.city, measure.name)
    return json_bytes(
        request, to_json({"areas": areas, "max": max(areas.values(), default=0), "unit": str(measure.unit)})
    )
