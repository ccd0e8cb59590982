"""What can be laid over the dashboard's map: the table of all rooms' layers, and the city's own facilities.

A layer's address returns GeoJSON; what a feature may say stands in `islands/map/overlays.ts`. A layer whose URL name
does not exist is left out, and so is one whose right the person lacks.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qlue.atlas.models import Shape
from qlue.atlas.queries import datasets
from qlue.cities.facts import CityFacts


@dataclass(frozen=True)
class RoomLayer:
    """A room's layer: its URL name takes the city's slug; `right` opens it, "" for everybody."""

    slug: str
    label: str | Promise
    icon: str
    url_name: str
    right: str = ""


LAYERS: tuple[RoomLayer, ...] = (
    RoomLayer("kamera", _("Traffic by cameras"), "device-cctv", "camera-traffic"),
    RoomLayer("sensor", _("Sensors"), "access-point", "device-layer", "see_things"),
    RoomLayer("titik-panas", _("Hot spots"), "flame", "hotspot-layer", "see_insight"),
)
SWATCHES = 6  # colours of overlays (`islands/map/colours.ts`)


@dataclass(frozen=True)
class MapLayer:
    """One that this person may lay over the map; `swatch` is its colour when it is shown, -1 otherwise."""

    slug: str
    label: str
    icon: str
    url: str
    shown: bool = False
    swatch: int = -1


def map_layers(city: CityFacts, rights: Collection[str], slugs: Collection[str]) -> list[MapLayer]:
    """All that there are for this person, those in `slugs` shown; one statement."""
    layers: list[MapLayer] = []
    shown_count = 0
    for layer in [*_room_layers(city, rights), *_dataset_layers(city, "see_data" in rights)]:
        is_shown = layer.slug in slugs
        # The map's script counts the shown ones too, and so gives each the colour that its name has here.
        layers.append(replace(layer, shown=is_shown, swatch=shown_count % SWATCHES if is_shown else -1))
        shown_count += is_shown
    return layers


def _room_layers(city: CityFacts, rights: Collection[str]) -> Iterator[MapLayer]:
    for layer in LAYERS:
        if layer.right and layer.right not in rights:
            continue
        try:
            url = reverse(layer.url_name, kwargs={"city_slug": city.slug})
        except NoReverseMatch:  # a room that this installation leaves out
            continue
        yield MapLayer(layer.slug, str(layer.label), layer.icon, url)


def _dataset_layers(city: CityFacts, sees_data: bool) -> Iterator[MapLayer]:
    for dataset in datasets(city, public_only=not sees_data):
        if dataset.shape == Shape.PLACES:
            url = reverse("dataset-layer", args=[city.slug, dataset.slug])
            yield MapLayer(dataset.slug, dataset.name, dataset.icon, url)
