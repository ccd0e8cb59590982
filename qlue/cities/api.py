"""What a city consists of, for programs."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from qlue.cities.facts import AgencyFacts, AreaFacts, CategoryFacts, CityFacts, CityRequest, all_cities

router = Router(tags=["cities"])


class CityOut(Schema):
    """`joined` is false while a city only collects what its residents report."""

    slug: str
    name: str
    province: str
    timezone: str
    joined: bool
    lon: float
    lat: float


class AgencyOut(Schema):
    """`slug` is what filters and reports name."""

    slug: str
    name: str


class CategoryOut(Schema):
    """`agency` is the default one; reports of `private` categories are never shown in public."""

    slug: str
    name: str
    name_en: str
    icon: str
    agency: str | None
    private: bool

    @staticmethod
    def resolve_agency(category: CategoryFacts, context: dict[str, Any]) -> str | None:
        agency_id = category.agency_id
        return context["request"].city.agencies[agency_id].slug if agency_id else None


class AreaOut(Schema):
    """`code` is Kemendagri's, `parent` a kelurahan's kecamatan; lon and lat lie inside."""

    code: str
    name: str
    level: str
    parent: str | None
    lon: float
    lat: float

    @staticmethod
    def resolve_parent(area: AreaFacts, context: dict[str, Any]) -> str | None:
        return context["request"].city.areas[area.parent_id].code if area.parent_id else None


@router.get("/cities", response=list[CityOut], operation_id="listCities")
def cities(request: HttpRequest) -> list[CityFacts]:
    """Every city."""
    return all_cities()


@router.get("/{city}/categories", response=list[CategoryOut], operation_id="listCategories")
def categories(request: CityRequest, city: str) -> Iterable[CategoryFacts]:
    """What can be reported in a city."""
    return request.city.open_categories


@router.get("/{city}/agencies", response=list[AgencyOut], operation_id="listAgencies")
def agencies(request: CityRequest, city: str) -> Iterable[AgencyFacts]:
    """Who works on reports in a city."""
    return request.city.open_agencies


@router.get("/{city}/areas", response=list[AreaOut], operation_id="listAreas")
def areas(request: CityRequest, city: str) -> Iterable[AreaFacts]:
    """The kecamatan and kelurahan of a city."""
    return (*request.city.kecamatan, *request.city.kelurahan)
