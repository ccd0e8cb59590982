"""Datasets and indicators as rows of a table, for files."""

from collections.abc import Iterator, Mapping

import shapely

from qlue.atlas.models import Dataset, Place, Shape
from qlue.atlas.queries import Values, datasets, indicators, measures, population
from qlue.cities.facts import AreaFacts, CityFacts
from qlue.cities.facts.queries import kelurahan_polygons
from qlue.kit.tables import Column, TableRow

AREA_COLUMNS: list[Column] = [("kode", "text"), ("nama", "text"), ("tingkat", "text"), ("kecamatan", "text")]
PLACE_COLUMNS: list[Column] = [
    *(("nama", "text"), ("jenis", "text"), ("lon", "number"), ("lat", "number")),
    *(("kode_kelurahan", "text"), ("kelurahan", "text")),
]
DECIMALS = 5  # about a metre; more would only make the file large


def indicator_rows(city: CityFacts, *, member: bool) -> tuple[list[Column], Iterator[TableRow]]:
    """A row for each area: its population, and a column for each measure; members see private datasets too."""
    visible = datasets(city, public_only=not member)
    values, people = indicators(city, public_only=not member), population(city)
    keys = [key for dataset in visible for key, _name in measures(dataset)]
    columns: list[Column] = [*AREA_COLUMNS, ("penduduk", "number"), *((key, "number") for key in keys)]
    rows = (
        [*_export_area(city, area), people.get(area.id), *(values.get(key, {}).get(area.id) for key in keys)]
        for area in (*city.kecamatan, *city.kelurahan)
    )
    return columns, rows


def dataset_rows(city: CityFacts, dataset: Dataset) -> tuple[list[Column], Iterator[TableRow]]:
    """The current version of a dataset: its places, or the figures of each area that has one."""
    if dataset.shape == Shape.PLACES:
        return PLACE_COLUMNS, _export_places(city, dataset)
    by_key: dict[str, Values] = indicators(city, slug=dataset.slug)
    parts = dataset.current.parts if dataset.current else []
    values = [by_key.get(key, {}) for key, _name in measures(dataset)]
    areas = [area for area in (*city.kecamatan, *city.kelurahan) if any(area.id in column for column in values)]
    columns: list[Column] = [*AREA_COLUMNS, ("nilai", "number"), *((name, "number") for name in parts)]
    return columns, ([*_export_area(city, area), *(column.get(area.id) for column in values)] for area in areas)


def _export_places(city: CityFacts, dataset: Dataset) -> Iterator[TableRow]:
    places = Place.objects.filter(city_id=city.id, version_id=dataset.current_id or 0).order_by("id")
    # A server-side cursor: 50,000 places never stand in memory at once.
    for place in places.iterator(2000):
        area = city.areas.get(place.area_id or 0)
        yield [place.name, place.kind, place.lon, place.lat, area.code if area else None, area.name if area else None]


def _export_area(city: CityFacts, area: AreaFacts) -> list[str | None]:
    parent = city.areas.get(area.parent_id or 0)
    return [area.code, area.name, area.level, parent.name if parent else None]


def area_outlines(city: CityFacts) -> Mapping[str, bytes]:
    """Area code -> its polygon as GeoJSON. Packs have polygons of kelurahan only; kecamatan are their unions."""
    ids, polygons = kelurahan_polygons(city.id)
    shapes: dict[int, shapely.Geometry] = {}
    children: dict[int, list[shapely.Geometry]] = {}
    for key, shape in zip(ids, polygons, strict=True):
        shapes[key] = shape
        children.setdefault(city.areas[key].parent_id or 0, []).append(shape)
    unions = {area.id: shapely.union_all(children[area.id]) for area in city.kecamatan if area.id in children}
    # Rounding on the grid keeps polygons valid and neighbours' borders equal, unlike rounding each number.
    outlines = {key: shapely.set_precision(shape, 10**-DECIMALS) for key, shape in (unions | shapes).items()}
    return {city.areas[key].code: shapely.to_geojson(shape).encode() for key, shape in outlines.items()}
