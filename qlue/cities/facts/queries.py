"""The SQL behind the facts: eight small queries for any number of cities."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

import shapely

from qlue.cities.calendar.week import parse_week
from qlue.cities.facts.records import (
    AgencyFacts,
    AreaFacts,
    AuthorityFacts,
    CategoryFacts,
    CityFacts,
    DeadlineFacts,
    InterventionFacts,
)
from qlue.cities.models import Agency, Area, Category, City, Deadline, Outside, Route
from qlue.cities.records import stored_auto
from qlue.kit.db import every_city, fetch_all, in_city

# The digest alone would miss a pack that was replaced and put back between two looks.
VERSIONS = "SELECT id, concat(pack_digest, '@', extract(epoch FROM loaded_at)) FROM cities_city"
# By code, as `build_kelurahan_index` demands.
POLYGONS = (
    "SELECT id, geometry::text FROM cities_area WHERE city_id = %s AND level = 'kelurahan' AND active ORDER BY code"
)


def pack_versions() -> dict[int, str]:
    """What each city's pack looked like when it was last loaded."""
    return dict(fetch_all(VERSIONS))


def kelurahan_polygons(city_id: int) -> tuple[list[int], list[shapely.Geometry]]:
    """Ids and polygons of a city's kelurahan, by code."""
    with in_city(city_id):
        rows = fetch_all(POLYGONS, [city_id])
    return [row[0] for row in rows], list(shapely.from_geojson([row[1] for row in rows]))


def load_cities(versions: Mapping[int, str]) -> dict[int, CityFacts]:
    """Everything but the polygons about these cities; `versions` by city id stand in the result.

    The versions must have been read before: then content that is newer than its version is read once more, and a
    change between the two statements is never missed.
    """
    tables = _read_tables(versions)
    return {city.id: _city_facts(city, versions[city.id], tables) for city in tables.cities}


@dataclass(frozen=True)
class _CityTables:
    """The rows of some cities, by city id."""

    cities: list[City]
    agencies: Mapping[int, list[Agency]]
    categories: Mapping[int, list[Category]]
    areas: Mapping[int, list[Area]]
    routes: Mapping[int, list[Route]]
    deadlines: Mapping[int, list[Deadline]]
    authorities: Mapping[int, list[Outside]]


def _read_tables(city_ids: Iterable[int]) -> _CityTables:
    ids = list(city_ids)
    # Active rows first: pages list facts in this order, inactive ones are only there to name old reports' categories.
    in_order = ("-active", "position", "id")
    with every_city():
        return _CityTables(
            cities=list(City.objects.filter(id__in=ids)),
            agencies=_rows_by_city(Agency.objects.filter(city__in=ids).order_by(*in_order)),
            categories=_rows_by_city(Category.objects.filter(city__in=ids).order_by(*in_order)),
            areas=_rows_by_city(
                Area.objects.filter(city__in=ids).defer("geometry").order_by("-active", "level", "code")
            ),
            routes=_rows_by_city(Route.objects.filter(city__in=ids)),
            deadlines=_rows_by_city(Deadline.objects.filter(city__in=ids)),
            authorities=_rows_by_city(Outside.objects.filter(city__in=ids).order_by(*in_order)),
        )


def _city_facts(city: City, version: str, tables: _CityTables) -> CityFacts:
    return CityFacts(
        id=city.id,
        slug=city.slug,
        name=city.name,
        province=city.province,
        country=city.country,
        tz=ZoneInfo(city.timezone),
        code_prefix=city.code_prefix,
        lon=city.lon,
        lat=city.lat,
        zoom=city.zoom,
        bounds=(city.west, city.south, city.east, city.north),
        areas_approximate=city.areas_approximate,
        joined=city.joined,
        theme=city.theme,
        languages=tuple(city.languages),
        open311=city.open311,
        auto=stored_auto(city.auto),
        interventions=tuple(_intervention_facts(row) for row in city.interventions),
        version=version,
        week=parse_week(city.hours),
        closed_dates=frozenset(date.fromisoformat(day) for day in city.hours.get("closed", ())),
        agencies={row.id: _agency_facts(row) for row in tables.agencies[city.id]},
        categories={row.id: _category_facts(row) for row in tables.categories[city.id]},
        areas={row.id: _area_facts(row) for row in tables.areas[city.id]},
        routes={(row.category_id, row.area_id): row.agency_id for row in tables.routes[city.id]},
        deadlines={row.category_id: _deadline_facts(row) for row in tables.deadlines[city.id]},
        authorities={row.id: _authority_facts(row) for row in tables.authorities[city.id]},
    )


class _OfCity(Protocol):
    """A row of a city's table."""

    city_id: int


RowOfCity = TypeVar("RowOfCity", bound=_OfCity)


def _rows_by_city(rows: Iterable[RowOfCity]) -> defaultdict[int, list[RowOfCity]]:
    groups: defaultdict[int, list[RowOfCity]] = defaultdict(list)
    for row in rows:
        groups[row.city_id].append(row)
    return groups


def _intervention_facts(row: dict[str, Any]) -> InterventionFacts:
    return InterventionFacts(**(row | {"categories": tuple(row["categories"])}))


def _agency_facts(row: Agency) -> AgencyFacts:
    return AgencyFacts(row.id, row.slug, row.name, row.short_name, row.phone, row.email, row.active)


def _authority_facts(row: Outside) -> AuthorityFacts:
    return AuthorityFacts(row.id, row.slug, row.name, row.email, row.phone, row.matters, row.active)


def _category_facts(row: Category) -> CategoryFacts:
    # Old packs have words without a blank behind the comma, or with a comma at the end.
    words = tuple(word for part in row.words.split(",") if (word := part.strip()))
    return CategoryFacts(
        row.id, row.slug, row.name, row.name_en, row.icon, row.agency_id, row.private, words, row.active, row.form
    )


def _area_facts(row: Area) -> AreaFacts:
    return AreaFacts(row.id, row.code, row.name, row.level, row.parent_id, row.lon, row.lat, row.active)


def _deadline_facts(row: Deadline) -> DeadlineFacts:
    return DeadlineFacts(row.respond_hours, row.resolve_hours, row.clock == Deadline.Clock.ALWAYS)
