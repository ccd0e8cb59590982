"""Datasets and indicators as rows of a table."""

from collections.abc import Iterator, Mapping

import shapely

from qlue.atlas.models import Dataset, Place, Shape
from qlue.atlas.reading import Values, datasets, indicators, measures, population
from qlue.cities.facts import AreaFacts, CityFacts
from qlue.cities.facts.reading import polygons_of
from qlue.kit.tables import Column, Row

AREA: list[Column] = [("kode", "text"), ("nama", "text"), ("tingkat", "text"), ("kecamatan", "text")]
PLACE: list[Column] = [
    ("nama", "text"), ("jenis", "text"), ("lon", "number"), ("lat", "number"), ("kode_kelurahan", "text"),
    ("kelurahan", "text"),
]  # fmt: skip
DECIMALS = 5  # about a metre


def indicator_rows(city: CityFacts, *, member: bool) -> tuple[list[Column], Iterator[Row]]:
    """One row an area: who lives there, and every dataset that this person may see."""
    shown = datasets(city, public_only=not member)
    values, people = indicators(city, public_only=not member), population(city)
    keys = [key for one in shown for key, _name in measures(one)]
    columns: list[Column] = [*AREA, ("penduduk", "number"), *((key, "number") for key in keys)]
    rows = (
        [*_named(city, area), people.get(area.id), *(values.get(key, {}).get(area.id) for key in keys)]
        for area in (*city.kecamatan, *city.kelurahan)
    )
    return columns, rows


def dataset_rows(city: CityFacts, one: Dataset) -> tuple[list[Column], Iterator[Row]]:
    """What holds of a dataset: its places, or a figure for each area."""
    if one.shape == Shape.PLACES:
        return PLACE, _places(city, one)
    found: dict[str, Values] = indicators(city, slug=one.slug)
    parts = one.current.parts if one.current else []
    values = [found.get(key, {}) for key, _name in measures(one)]
    areas = (area for area in (*city.kecamatan, *city.kelurahan) if any(area.id in each for each in values))
    columns: list[Column] = [*AREA, ("nilai", "number"), *((name, "number") for name in parts)]
    return columns, ([*_named(city, area), *(each.get(area.id) for each in values)] for area in areas)


def _places(city: CityFacts, one: Dataset) -> Iterator[Row]:
    found = Place.objects.filter(city_id=city.id, version_id=one.current_id or 0).order_by("id")
    for place in found.iterator(2000):
        area = city.areas.get(place.area_id or 0)
        yield [place.name, place.kind, place.lon, place.lat, area.code if area else None, area.name if area else None]


def _named(city: CityFacts, area: AreaFacts) -> list[str | None]:
    parent = city.areas.get(area.parent_id or 0)
    return [area.code, area.name, area.level, parent.name if parent else None]


def outlines(city: CityFacts) -> Mapping[str, bytes]:
    """Code of an area -> its polygon as GeoJSON; kecamatan are unions of their kelurahan."""
    ids, polygons = polygons_of(city.id)
    shapes = dict(zip(ids, polygons, strict=True))
    below: dict[int, list[shapely.Geometry]] = {}
    for key, shape in shapes.items():
        below.setdefault(city.areas[key].parent_id or 0, []).append(shape)
    whole = {area.id: shapely.union_all(below[area.id]) for area in city.kecamatan if area.id in below}
    light = {key: shapely.set_precision(shape, 10**-DECIMALS) for key, shape in (whole | shapes).items()}
    return {city.areas[key].code: shapely.to_geojson(shape).encode() for key, shape in light.items()}
