"""The tiles of the dashboard, by name. Each is rendered in one place, for the page and for live updates alike."""

from collections.abc import Callable, Mapping

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from qlue.dashboard.tiles.events import emergencies_tile, freshness_tile, latest_tile, series_tile
from qlue.dashboard.tiles.numbers import numbers_tile
from qlue.dashboard.tiles.rankings import agencies_tile, areas_tile, categories_tile
from qlue.dashboard.tiles.viewer import Viewer

# In the order of the page. A name is the template's and stands in the tile's address.
TILES: Mapping[str, Callable[[Viewer], object]] = {
    "darurat": emergencies_tile,
    "angka": numbers_tile,
    "opd": agencies_tile,
    "kategori": categories_tile,
    "kelurahan": areas_tile,
    "seri": series_tile,
    "terbaru": latest_tile,
    "segar": freshness_tile,
}


def render_tile(request: HttpRequest, name: str, viewer: Viewer) -> str:
    """A tile's HTML."""
    context = {"name": name, "address": _tile_url(name, viewer)} | vars(TILES[name](viewer))
    return render_to_string(f"dashboard/tiles/{name}.html", context, request)


def render_tiles(request: HttpRequest, viewer: Viewer) -> dict[str, str]:
    """Every tile's HTML by name."""
    return {name: render_tile(request, name, viewer) for name in TILES}


def _tile_url(name: str, viewer: Viewer) -> str:
    """Where the tile asks for itself again when something changes; the measure goes along, or it would be lost."""
    address = reverse("dashboard-tile", args=[viewer.city.slug, name])
    return f"{address}?ukuran={viewer.measure}" if name == "kelurahan" else address
