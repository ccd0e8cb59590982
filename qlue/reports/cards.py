"""A report as pages show it: names instead of ids, a word, an icon and a colour for its state, addresses of photos."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from qlue.cities.facts import CityFacts
from qlue.kit.ids import same_token, secret_token
from qlue.reports.states import COLOURS, GREEN, GREY, RED, STATUS_WORDS, YELLOW

COLOUR_ICONS = {RED: "clock", YELLOW: "progress", GREEN: "circle-check", GREY: "circle-minus"}
STATUS_ICONS = {
    "on_hold": "player-pause", "reopened": "refresh-alert", "confirmed": "checks", "rejected": "circle-x",
    "merged": "git-merge", "handed_over": "arrow-forward-up", "unserved": "map-off",
}  # fmt: skip


def card(city: CityFacts, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `reading.list_rows` or `reading.report_row` with everything that templates ask for."""
    category = city.categories[row["category"]]
    area = city.areas.get(row["area"] or 0)
    agency = city.agencies.get(row["agency"] or 0)
    colour = COLOURS[row["status"]]
    return dict(row) | {
        "url": report_url(city, row["code"]),
        "title": category.label,
        "category_icon": category.icon,
        "colour": colour,
        "status_word": STATUS_WORDS[row["status"]],
        "sign": STATUS_ICONS.get(row["status"], COLOUR_ICONS[colour]),
        "area_name": area.name if area else "",
        "kecamatan_name": city.areas[area.parent_id].name if area and area.parent_id else "",
        "agency_name": agency.name if agency else "",
        "agency_short": agency.short_name if agency else "",
        "open": colour in (RED, YELLOW),
        "promise": row["due_at"] if colour in (RED, YELLOW) or row["resolved_at"] else None,
    }


def view_box(city: CityFacts) -> str:
    """`west,south,east,north` of where most people live, for a map's first view: the pack's centre at its zoom.

    The whole city may reach far over the sea.
    """
    half = 0.5 * 640 * 360 / (512 * 2**city.zoom)  # degrees of half a map of 640 pixels
    west, south = max(city.bounds[0], city.lon - half), max(city.bounds[1], city.lat - half)
    east, north = min(city.bounds[2], city.lon + half), min(city.bounds[3], city.lat + half)
    return f"{west:.5f},{south:.5f},{east:.5f},{north:.5f}"


def report_url(city: CityFacts, code: str) -> str:
    return _shape("report", city.slug, "CODE").replace("CODE", code)


def follow_url(city: CityFacts, code: str, token: str) -> str:
    """The secret address of the reporter's own page."""
    return _shape("report-follow", city.slug, "CODE", "TOKEN").replace("CODE", code).replace("TOKEN", token)


@cache
def _shape(name: str, *args: str) -> str:
    """An address with places to fill: codes and tokens hold nothing that needs quoting, and lists have many."""
    return reverse(name, args=args)


def photo_url(city: CityFacts, photo: UUID | str, size: str = "medium", *, secret: bool = False) -> str:
    """Where a photo is served; `secret` for one that not everybody may see, on pages of those who may."""
    address = reverse("photo", args=[city.slug, photo, size])
    return f"{address}?kunci={photo_key(city.id, photo)}" if secret else address


def photo_key(city_id: int, photo: UUID | str) -> str:
    """Opens one photo in all sizes, nothing else; computed, never stored."""
    return secret_token(settings.SECRET_KEY, "photo", f"{city_id}:{photo}")


def opens(city_id: int, photo: UUID, key: str) -> bool:
    """True when `key` is the photo's own."""
    return same_token(key, photo_key(city_id, photo))
