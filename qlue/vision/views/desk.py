"""All cameras of a city, on a page and as a layer of the map."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityRequest
from qlue.kit.http import json_bytes, to_json
from qlue.people.queries import city_and_member
from qlue.people.rights import may, member_required
from qlue.reports.presentation.cards import view_box
from qlue.vision import queries
from qlue.vision.presentation.cards import LEVEL_LABELS, STATE_LABELS, CameraCard, camera_card, traffic_geojson

TRAFFIC_MAX_AGE_S = 15


@never_cache
@require_safe
@member_required("see_cameras")
def camera_desk(request: CityRequest, city_slug: str) -> HttpResponse:
    """The list of cameras, the worst first, and a map of them."""
    city, member = city_and_member(request)
    flows = queries.traffic_flows(city)
    cards = [camera_card(city, camera, flows.get(camera.id)) for camera in queries.list_cameras(city)]
    order = {"red": 0, "yellow": 1, "green": 2, "grey": 3}
    cards.sort(key=lambda card: (order[card.colour], card.camera.name))
    context = {
        "cards": cards,
        "tiles": _camera_tiles(city.slug, cards),
        "may_manage": may(member, "manage_cameras"),
        "bounds": view_box(city),
        "levels": LEVEL_LABELS.values(),
    }
    template = "vision/_cameras.html" if "HX-Request" in request.headers else "vision/desk.html"
    return render(request, template, context)


def _camera_tiles(slug: str, cards: list[CameraCard]) -> list[dict[str, object]]:
    live = sum(card.camera.state == "live" for card in cards)
    dark = sum(card.colour == "red" for card in cards)
    waiting_count = sum(card.camera.waiting_count for card in cards)
    of_all = ngettext("of %(n)d camera", "of %(n)d cameras", len(cards)) % {"n": len(cards)}
    events = reverse("camera-events", args=[slug])
    return [
        _camera_tile(str(STATE_LABELS["live"][2]), live, "green", "device-cctv", note=of_all),
        _camera_tile(_("Without a picture"), dark, "red" if dark else "", "plug-x"),
        _camera_tile(_("Events that wait"), waiting_count, "red" if waiting_count else "", "clock", url=events),
    ]


def _camera_tile(label: str, count: int, colour: str, icon: str, *, note: str = "", url: str = "") -> dict[str, object]:
    return {"label": label, "n": count, "colour": colour, "sign": icon, "note": note, "url": url}


@require_safe
def traffic_layer(request: CityRequest, city_slug: str) -> HttpResponse:
    """The traffic layer, for everybody: a level per camera, no pictures and nobody's data."""
    return json_bytes(request, to_json(traffic_geojson(request.city)), max_age=TRAFFIC_MAX_AGE_S)
