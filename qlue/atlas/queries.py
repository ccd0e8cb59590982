"""Reads the city's data: indicators and population by area, facilities, datasets and their versions."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import msgspec

from qlue.atlas.models import Dataset, Place, Topic, Version
from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all, fetch_value

Values = dict[int, float]

SELECT_FIGURES = """
SELECT d.slug, d.sums, f.area_id, f.value, f.parts::text FROM atlas_dataset d
JOIN atlas_figure f ON f.city_id = d.city_id AND f.version_id = d.current_id
WHERE d.city_id = %(city)s AND d.shape = 'figures' AND (d.public OR NOT %(public)s)
    AND (%(slug)s = '' OR d.slug = %(slug)s)
"""
COUNT_PLACES = """
SELECT d.slug, p.area_id, count(*) FROM atlas_dataset d
JOIN atlas_place p ON p.city_id = d.city_id AND p.version_id = d.current_id
WHERE d.city_id = %(city)s AND d.shape = 'places' AND (d.public OR NOT %(public)s)
    AND (%(slug)s = '' OR d.slug = %(slug)s)
GROUP BY 1, 2
"""
# One dataset decides, or people would be counted twice: a real one before an example, the oldest before later ones.
SELECT_POPULATION = """
SELECT f.area_id, f.value FROM atlas_dataset d
JOIN atlas_figure f ON f.city_id = d.city_id AND f.version_id = d.current_id
WHERE d.city_id = %(city)s AND d.shape = 'figures' AND d.id = (
    SELECT id FROM atlas_dataset WHERE city_id = %(city)s AND topic = 'population' AND shape = 'figures'
        AND current_id IS NOT NULL AND sums ORDER BY example, created_at, id LIMIT 1)
"""
# Private datasets too: this is for computations, which show no places.
SELECT_FACILITIES = """
SELECT p.name, p.lon, p.lat, p.area_id FROM atlas_dataset d
JOIN atlas_place p ON p.city_id = d.city_id AND p.version_id = d.current_id
WHERE d.city_id = %s AND d.shape = 'places' AND d.topic = %s ORDER BY p.name, p.id
"""


def datasets(city: CityFacts, *, public_only: bool = False) -> list[Dataset]:
    """All datasets with a current version, by topic and name, in one statement."""
    candidates = Dataset.objects.filter(city_id=city.id, current__isnull=False).select_related("current")
    visible = [dataset for dataset in candidates if dataset.public or not public_only]
    order = list(Topic)  # facilities first, as they are defined
    return sorted(visible, key=lambda dataset: (order.index(Topic(dataset.topic)), dataset.name))


def drafts(city: CityFacts) -> list[Version]:
    """The uploads that are not published yet, the newest first."""
    rows = Version.objects.filter(city_id=city.id, number__isnull=True).select_related("dataset", "made_by")
    return list(rows.order_by("-made_at"))


def versions(city: CityFacts, dataset: Dataset) -> list[Version]:
    """The published versions of a dataset, the newest first."""
    rows = Version.objects.filter(city_id=city.id, dataset=dataset, number__isnull=False).select_related("made_by")
    return list(rows.order_by("-number"))


def indicators(city: CityFacts, *, public_only: bool = False, slug: str = "") -> dict[str, Values]:
    """Slug -> {area id: value}, for kelurahan and kecamatan; places are counted by area.

    Further columns of a dataset have the keys `slug.1` and so on (`measures`). Figures of kelurahan are added up, or
    averaged by population, for kecamatan that have none themselves.
    """
    parameters = {"city": city.id, "public": public_only, "slug": slug}
    by_key: defaultdict[str, Values] = defaultdict(dict)
    sums: dict[str, bool] = {}
    for dataset_slug, adds, area, value, parts in fetch_all(SELECT_FIGURES, parameters):
        for n, figure in enumerate((value, *msgspec.json.decode(parts))):
            if figure is not None:
                key = f"{dataset_slug}.{n}" if n else dataset_slug
                sums[key] = adds
                by_key[key][area] = figure
    # The population is read only when some figure is a share or a mean.
    people = population(city) if not all(sums.values()) else {}
    figures = {
        dataset_slug: fill_kecamatan(city, values, None if sums[dataset_slug] else people)
        for dataset_slug, values in by_key.items()
    }
    return figures | _place_counts(city, parameters)


def measures(dataset: Dataset) -> list[tuple[str, str]]:
    """(key of `indicators`, name) of a dataset's columns: the first, then the further ones of its version."""
    parts = dataset.current.parts if dataset.current else []
    return [
        (dataset.slug, dataset.name),
        *((f"{dataset.slug}.{n}", f"{dataset.name}: {name}") for n, name in enumerate(parts, 1)),
    ]


def _place_counts(city: CityFacts, parameters: dict[str, Any]) -> dict[str, Values]:
    """Places by area. A kelurahan without one has 0, which is a number too, and not unknown."""
    by_slug: dict[str, Values] = {}
    for name, area, count in fetch_all(COUNT_PLACES, parameters):
        values = by_slug.setdefault(name, {kelurahan.id: 0.0 for kelurahan in city.kelurahan})
        # Places outside of all kelurahan are on the map, but in no area's count.
        if area in values:
            values[area] += count
    return {name: fill_kecamatan(city, values) for name, values in by_slug.items()}


def population(city: CityFacts) -> dict[int, int]:
    """Area id -> people, by one dataset about population; empty when there is none.

    Kecamatan without a figure are the sums of their kelurahan.
    """
    values: Values = dict(fetch_all(SELECT_POPULATION, {"city": city.id}))
    return {area: round(value) for area, value in fill_kecamatan(city, values).items()}


def facilities(city: CityFacts, kind: str) -> list[tuple[str, float, float, int | None]]:
    """(name, lon, lat, area id) of all facilities of a topic (`Topic`: health, schools, worship, offices, public)."""
    return [(name, lon, lat, area) for name, lon, lat, area in fetch_all(SELECT_FACILITIES, [city.id, kind])]


def fill_kecamatan(city: CityFacts, values: Values, people: Mapping[int, int] | None = None) -> Values:
    """The values, with those of kecamatan computed from their kelurahan: means weighted with `people`, sums without.

    A kecamatan some of whose kelurahan are unknown gets none: its sum would look small.
    """
    children: defaultdict[int, list[int]] = defaultdict(list)
    for area in city.kelurahan:
        if area.parent_id:
            children[area.parent_id].append(area.id)
    filled_values = dict(values)
    for parent, child_ids in children.items():
        if parent not in values and all(key in values for key in child_ids):
            total = sum(values[key] for key in child_ids)
            filled_values[parent] = total if people is None else _weighted_mean(values, child_ids, people)
    return filled_values


def _weighted_mean(values: Values, child_ids: list[int], people: Mapping[int, int]) -> float:
    weights = [people.get(key, 0) for key in child_ids]
    # With one population unknown a weighted mean would leave that kelurahan out: better all alike.
    if not all(weights):
        weights = [1] * len(child_ids)
    return sum(values[key] * weight for key, weight in zip(child_ids, weights, strict=True)) / sum(weights)


def per_thousand(values: Mapping[int, float], people: Mapping[int, int]) -> Values:
    """Values for each 1,000 people, without the areas whose population is unknown."""
    return {area: value * 1000 / people[area] for area, value in values.items() if people.get(area)}


PLACES_JSON = """
SELECT coalesce(json_agg(json_build_object('type', 'Feature', 'properties',
    json_build_object('name', p.name, 'note', p.kind), 'geometry',
    json_build_object('type', 'Point', 'coordinates', json_build_array(p.lon, p.lat))) ORDER BY p.id), '[]')::text
FROM (SELECT * FROM atlas_place WHERE city_id = %s AND version_id = %s ORDER BY id LIMIT %s) p
"""
MAX_POINTS = 5_000  # of one layer on a map


def places_json(dataset: Dataset) -> bytes:
    """A GeoJSON FeatureCollection of the current version's places, built by PostgreSQL to be quick."""
    features: str = fetch_value(PLACES_JSON, [dataset.city_id, dataset.current_id, MAX_POINTS])
    return b'{"type":"FeatureCollection","features":' + features.encode() + b"}"


def place_rows(dataset: Dataset, limit: int) -> list[Place]:
    """The first places by name."""
    places = Place.objects.filter(city_id=dataset.city_id, version_id=dataset.current_id or 0).select_related("area")
    return list(places.order_by("name", "id")[:limit])
