"""What the city knows about itself: indicators and population per area, facilities on the map."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import msgspec

from qlue.atlas.models import Dataset, Place, Topic, Version
from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all, fetch_value

Values = dict[int, float]

FIGURES = """
SELECT d.slug, d.sums, f.area_id, f.value, f.parts::text FROM atlas_dataset d
JOIN atlas_figure f ON f.city_id = d.city_id AND f.version_id = d.current_id
WHERE d.city_id = %(city)s AND d.shape = 'figures' AND (d.public OR NOT %(public)s)
    AND (%(slug)s = '' OR d.slug = %(slug)s)
"""
COUNTS = """
SELECT d.slug, p.area_id, count(*) FROM atlas_dataset d
JOIN atlas_place p ON p.city_id = d.city_id AND p.version_id = d.current_id
WHERE d.city_id = %(city)s AND d.shape = 'places' AND (d.public OR NOT %(public)s)
    AND (%(slug)s = '' OR d.slug = %(slug)s)
GROUP BY 1, 2
"""
POPULATION = """
SELECT f.area_id, f.value FROM atlas_dataset d
JOIN atlas_figure f ON f.city_id = d.city_id AND f.version_id = d.current_id
WHERE d.city_id = %(city)s AND d.shape = 'figures' AND d.id = (
    SELECT id FROM atlas_dataset WHERE city_id = %(city)s AND topic = 'population' AND shape = 'figures'
        AND current_id IS NOT NULL AND sums ORDER BY example, created_at, id LIMIT 1)
"""
FACILITIES = """
SELECT p.name, p.lon, p.lat, p.area_id FROM atlas_dataset d
JOIN atlas_place p ON p.city_id = d.city_id AND p.version_id = d.current_id
WHERE d.city_id = %s AND d.shape = 'places' AND d.topic = %s ORDER BY p.name, p.id
"""


def datasets(city: CityFacts, *, public_only: bool = False) -> list[Dataset]:
    """All with a version that holds, by topic and name; one statement."""
    found = Dataset.objects.filter(city_id=city.id, current__isnull=False).select_related("current")
    kept = [dataset for dataset in found if dataset.public or not public_only]
    order = list(Topic)
    return sorted(kept, key=lambda dataset: (order.index(Topic(dataset.topic)), dataset.name))


def drafts(city: CityFacts) -> list[Version]:
    """Uploads that wait for somebody's yes, the newest first."""
    found = Version.objects.filter(city_id=city.id, number__isnull=True).select_related("dataset", "made_by")
    return list(found.order_by("-made_at"))


def versions(city: CityFacts, dataset: Dataset) -> list[Version]:
    """The kept versions of a dataset, the newest first."""
    found = Version.objects.filter(city_id=city.id, dataset=dataset, number__isnull=False).select_related("made_by")
    return list(found.order_by("-number"))


def indicators(city: CityFacts, *, public_only: bool = False, slug: str = "") -> dict[str, Values]:
    """Dataset's slug -> {area id: value}, kelurahan and kecamatan alike; facilities are counted per area.

    Further columns of a dataset are `slug.1` and so on (`measures`).
    What is known by kelurahan is added up (or averaged by population) for kecamatan that have no figure themselves.
    """
    given = {"city": city.id, "public": public_only, "slug": slug}
    found: defaultdict[str, Values] = defaultdict(dict)
    sums: dict[str, bool] = {}
    for name, adds, area, value, parts in fetch_all(FIGURES, given):
        for n, figure in enumerate((value, *msgspec.json.decode(parts))):
            if figure is not None:
                key = f"{name}.{n}" if n else name
                sums[key] = adds
                found[key][area] = figure
    people = population(city) if not all(sums.values()) else {}
    whole = {name: lifted(city, values, None if sums[name] else people) for name, values in found.items()}
    return whole | _counts(city, given)


def measures(dataset: Dataset) -> list[tuple[str, str]]:
    """(key of `indicators`, name) of a dataset: the first column, then the others that its version has."""
    parts = dataset.current.parts if dataset.current else []
    return [
        (dataset.slug, dataset.name),
        *((f"{dataset.slug}.{n}", f"{dataset.name}: {name}") for n, name in enumerate(parts, 1)),
    ]


def _counts(city: CityFacts, given: dict[str, Any]) -> dict[str, Values]:
    """An area without a facility has none: that is a number too."""
    found: dict[str, Values] = {}
    for name, area, n in fetch_all(COUNTS, given):
        values = found.setdefault(name, {kelurahan.id: 0.0 for kelurahan in city.kelurahan})
        if area in values:
            values[area] += n
    return {name: lifted(city, values) for name, values in found.items()}


def population(city: CityFacts) -> dict[int, int]:
    """Area id -> people, of the city's first dataset about population (a real one before an example).

    Kecamatan are sums of their kelurahan where they have no figure; empty when nothing is known.
    """
    found: Values = dict(fetch_all(POPULATION, {"city": city.id}))
    return {area: round(value) for area, value in lifted(city, found).items()}


def facilities(city: CityFacts, kind: str) -> list[tuple[str, float, float, int | None]]:
    """(name, lon, lat, area id) of every facility of a topic (`Topic`: health, schools, worship, offices, public)."""
    return [(name, lon, lat, area) for name, lon, lat, area in fetch_all(FACILITIES, [city.id, kind])]


def lifted(city: CityFacts, values: Values, people: Mapping[int, int] | None = None) -> Values:
    """With values for kecamatan made from their kelurahan; `people` are the weights of a mean, None adds up.

    A kecamatan whose kelurahan are not all known has no sum: it would look like a small one.
    """
    children: defaultdict[int, list[int]] = defaultdict(list)
    for area in city.kelurahan:
        if area.parent_id:
            children[area.parent_id].append(area.id)
    whole = dict(values)
    for parent, below in children.items():
        if parent not in values and all(key in values for key in below):
            whole[parent] = sum(values[key] for key in below) if people is None else _mean(values, below, people)
    return whole


def _mean(values: Values, below: list[int], people: Mapping[int, int]) -> float:
    weights = [people.get(key, 0) for key in below]
    if not all(weights):
        weights = [1] * len(below)
    return sum(values[key] * weight for key, weight in zip(below, weights, strict=True)) / sum(weights)


def per_thousand(values: Mapping[int, float], people: Mapping[int, int]) -> Values:
    """Values for each 1,000 people; areas whose people are not known are left out."""
    return {area: value * 1000 / people[area] for area, value in values.items() if people.get(area)}


PLACES_JSON = """
SELECT coalesce(json_agg(json_build_object('type', 'Feature', 'properties',
    json_build_object('name', p.name, 'note', p.kind), 'geometry',
    json_build_object('type', 'Point', 'coordinates', json_build_array(p.lon, p.lat))) ORDER BY p.id), '[]')::text
FROM (SELECT * FROM atlas_place WHERE city_id = %s AND version_id = %s ORDER BY id LIMIT %s) p
"""
MOST_POINTS = 5_000  # of one layer on a map


def places_json(dataset: Dataset) -> bytes:
    """A GeoJSON FeatureCollection of the places that hold, made by PostgreSQL."""
    found: str = fetch_value(PLACES_JSON, [dataset.city_id, dataset.current_id, MOST_POINTS])
    return b'{"type":"FeatureCollection","features":' + found.encode() + b"}"


def place_rows(dataset: Dataset, most: int) -> list[Place]:
    """The first places by name."""
    found = Place.objects.filter(city_id=dataset.city_id, version_id=dataset.current_id or 0).select_related("area")
    return list(found.order_by("name", "id")[:most])
