"""All cameras of a city, on a page and as a layer of the map."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.kit.http import json_bytes, to_json
from qlue.people.reading import city_and_member
from qlue.people.rights import may, member_required
from qlue.reports.cards import view_box
from qlue.vision import reading
from qlue.vision.cards import LEVELS, STATES, camera_card

TRAFFIC_AGE = 15


@never_cache
@require_safe
@member_required("see_cameras")
def desk(request: HttpRequest, city_slug: str) -> HttpResponse:
    """The list, worst first, and where they stand."""
    here, member = city_and_member(request)
    flows = reading.flows(here)
    cards = [camera_card(here, row, flows.get(row["id"])) for row in reading.cameras(here)]
    order = {"red": 0, "yellow": 1, "green": 2, "grey": 3}
    cards.sort(key=lambda card: (order[card["colour"]], card["name"]))
    context = {
        "cards": cards,
        "tiles": _tiles(here.slug, cards),
        "may_manage": may(member, "manage_cameras"),
        "bounds": view_box(here),
        "levels": LEVELS.values(),
    }
    template = "vision/_cameras.html" if "HX-Request" in request.headers else "vision/desk.html"
    return render(request, template, context)


def _tiles(slug: str, cards: list[dict[str, object]]) -> list[dict[str, object]]:
    live = sum(card["state"] == "live" for card in cards)
    dark = sum(card["colour"] == "red" for card in cards)
    waiting = sum(int(str(card["waiting"])) for card in cards)
    of_all = ngettext("of %(n)d camera", "of %(n)d cameras", len(cards)) % {"n": len(cards)}
    events = reverse("camera-events", args=[slug])
    return [
        {"label": STATES["live"][2], "n": live, "colour": "green", "sign": "device-cctv", "note": of_all, "url": ""},
        {
            "label": _("Without a picture"),
            "n": dark,
            "colour": "red" if dark else "",
            "sign": "plug-x",
            "note": "",
            "url": "",
        },
        {
            "label": _("Events that wait"),
            "n": waiting,
            "colour": "red" if waiting else "",
            "sign": "clock",
            "note": "",
            "url": events,
        },
    ]


@require_safe
def traffic(request: HttpRequest, city_slug: str) -> HttpResponse:
    """The traffic layer, for everybody: a level per camera, no pictures and nobody's data."""
    here = request.city  # type: ignore[attr-defined]
    layer = reading.traffic(here)
    for feature in layer["features"]:
        said = feature["properties"]
        said["colour"], said["note"] = LEVELS[said["level"]][0], str(LEVELS[said["level"]][1])
        said["url"] = reverse("camera", args=[here.slug, feature["id"]])
    return json_bytes(request, to_json(layer), max_age=TRAFFIC_AGE)
