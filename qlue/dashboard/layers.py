"""What can be laid over the dashboard's map: the table of all rooms' layers, and the city's own facilities.

A layer's address returns GeoJSON; what a feature may say stands in `islands/map/overlays.ts`. A layer whose URL name
does not exist is left out, and so is one whose right the person lacks.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from qlue.atlas.models import Shape
from qlue.atlas.reading import datasets
from qlue.cities.facts import CityFacts

# (slug, word, icon, url name with the kwarg city, right that opens it or "" for everybody)
LAYERS: tuple[tuple[str, Any, str, str, str], ...] = (
    ("kamera", _("Traffic by cameras"), "device-cctv", "camera-traffic", ""),
    ("sensor", _("Sensors"), "access-point", "device-layer", "see_things"),
    ("titik-panas", _("Hot spots"), "flame", "hotspot-layer", "see_insight"),
)
SWATCHES = 6  # colours of overlays (`islands/map/colours.ts`)


@dataclass(frozen=True)
class Layer:
    """One that this person may lay over the map; `swatch` is its colour when it is shown, -1 otherwise."""

    slug: str
    word: str
    icon: str
    url: str
    shown: bool = False
    swatch: int = -1


def layers(city: CityFacts, rights: Collection[str], chosen: Collection[str]) -> list[Layer]:
    """All that there are for this person; one statement. The shown ones have colours in their order."""
    found: list[Layer] = []
    for slug, word, icon, url in [*_of_rooms(city, rights), *_of_the_city(city, "see_data" in rights)]:
        shown = slug in chosen
        swatch = sum(one.shown for one in found) % SWATCHES if shown else -1
        found.append(Layer(slug, word, icon, url, shown, swatch))
    return found


def _of_rooms(city: CityFacts, rights: Collection[str]) -> list[tuple[str, str, str, str]]:
    found = []
    for slug, word, icon, name, right in LAYERS:
        if right and right not in rights:
            continue
        try:
            found.append((slug, str(word), icon, reverse(name, kwargs={"city_slug": city.slug})))
        except NoReverseMatch:  # a room that this installation leaves out
            continue
    return found


def _of_the_city(city: CityFacts, member: bool) -> list[tuple[str, str, str, str]]:
    places = [one for one in datasets(city, public_only=not member) if one.shape == Shape.PLACES]
    return [(one.slug, one.name, one.icon, reverse("dataset-layer", args=[city.slug, one.slug])) for one in places]
