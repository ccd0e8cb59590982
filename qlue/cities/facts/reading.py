"""The SQL behind the facts: eight small queries for any number of cities."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import shapely

from qlue.cities.facts.records import (
    AgencyFacts,
    AreaFacts,
    CategoryFacts,
    CityFacts,
    DeadlineFacts,
    InterventionFacts,
    OutsideFacts,
)
from qlue.cities.models import Agency, Area, Category, City, Deadline, Outside, Route
from qlue.cities.working_time import parse_week
from qlue.kit.db import every_city, fetch_all, in_city

VERSIONS = "SELECT id, concat(pack_digest, '@', extract(epoch FROM loaded_at)) FROM cities_city"
POLYGONS = (
    "SELECT id, geometry::text FROM cities_area WHERE city_id = %s AND level = 'kelurahan' AND active ORDER BY code"
)


def versions() -> dict[int, str]:
    """What each city's pack looked like when it was last loaded."""
    return dict(fetch_all(VERSIONS))


def polygons_of(city_id: int) -> tuple[list[int], list[shapely.Geometry]]:
    """Ids and polygons of a city's kelurahan, by code."""
    with in_city(city_id):
        found = fetch_all(POLYGONS, [city_id])
    return [row[0] for row in found], list(shapely.from_geojson([row[1] for row in found]))


def cities_by_id(wanted: Mapping[int, str]) -> dict[int, CityFacts]:
    """Everything but the polygons about these cities, given with the versions that the answer will carry.

    The versions must have been read before: content newer than its version is read once more, never missed.
    """
    with every_city():
        agencies = _grouped(Agency.objects.filter(city__in=wanted).order_by("-active", "position", "id"))
        categories = _grouped(Category.objects.filter(city__in=wanted).order_by("-active", "position", "id"))
        areas = _grouped(Area.objects.filter(city__in=wanted).defer("geometry").order_by("-active", "level", "code"))
        routes = _grouped(Route.objects.filter(city__in=wanted))
        deadlines = _grouped(Deadline.objects.filter(city__in=wanted))
        outside = _grouped(Outside.objects.filter(city__in=wanted).order_by("-active", "position", "id"))
        cities = list(City.objects.filter(id__in=wanted))
    return {
        city.id: CityFacts(
            **_own_fields(city),
            version=wanted[city.id],
            agencies={row.id: _agency(row) for row in agencies[city.id]},
            categories={row.id: _category(row) for row in categories[city.id]},
            areas={row.id: _area(row) for row in areas[city.id]},
            routes={(row.category_id, row.area_id): row.agency_id for row in routes[city.id]},
            deadlines={row.category_id: _deadline(row) for row in deadlines[city.id]},
            outside={row.id: _outside(row) for row in outside[city.id]},
        )
        for city in cities
    }


def _grouped(found: Iterable[Any]) -> defaultdict[int, list[Any]]:
    groups: defaultdict[int, list[Any]] = defaultdict(list)
    for row in found:
        groups[row.city_id].append(row)
    return groups


def _own_fields(city: City) -> dict[str, Any]:
    same = "id slug name province country code_prefix lon lat zoom areas_approximate joined look open311 auto"
    return {name: getattr(city, name) for name in same.split()} | {
        "tz": ZoneInfo(city.timezone),
        "bounds": (city.west, city.south, city.east, city.north),
        "languages": tuple(city.languages),
        "interventions": tuple(_intervention(row) for row in city.interventions),
        "week": parse_week(city.hours),
        "extra_closed": frozenset(date.fromisoformat(day) for day in city.hours.get("closed", ())),
    }


def _intervention(row: dict[str, Any]) -> InterventionFacts:
    return InterventionFacts(**(row | {"categories": tuple(row["categories"])}))


def _agency(row: Agency) -> AgencyFacts:
    return AgencyFacts(row.id, row.slug, row.name, row.short_name, row.phone, row.email, row.active)


def _outside(row: Outside) -> OutsideFacts:
    return OutsideFacts(row.id, row.slug, row.name, row.email, row.phone, row.matters, row.active)


def _category(row: Category) -> CategoryFacts:
    words = tuple(word for part in row.words.split(",") if (word := part.strip()))
    return CategoryFacts(
        row.id, row.slug, row.name, row.name_en, row.icon, row.agency_id, row.private, words, row.active, row.form
    )


def _area(row: Area) -> AreaFacts:
    return AreaFacts(row.id, row.code, row.name, row.level, row.parent_id, row.lon, row.lat, row.active)


def _deadline(row: Deadline) -> DeadlineFacts:
    return DeadlineFacts(row.respond_hours, row.resolve_hours, row.clock == Deadline.Clock.ALWAYS)
