"""The read side of a city: everything about it in memory, so that a request asks no SQL for it.

One snapshot per process, compared with the database at most every five seconds by one small query; only cities whose
pack was loaded since are read again. While the database does not answer, the last snapshot keeps serving.
"""

from datetime import UTC, datetime, timedelta
from typing import Literal

from qlue.cities.calendar.working_time import add_working_hours, subtract_working_hours, working_hours_between
from qlue.cities.facts.cache import clear_facts, kelurahan_index, snapshot
from qlue.cities.facts.records import (
    NATIONAL_DEADLINE,
    AgencyFacts,
    AreaFacts,
    AuthorityFacts,
    CategoryFacts,
    CityFacts,
    DeadlineFacts,
    InterventionFacts,
)
from qlue.cities.facts.requests import CityRequest, SiteRequest

__all__ = [
    "AgencyFacts",
    "AreaFacts",
    "AuthorityFacts",
    "CategoryFacts",
    "CityFacts",
    "CityRequest",
    "DeadlineFacts",
    "InterventionFacts",
    "SiteRequest",
    "add_office_hours",
    "agency_for",
    "all_cities",
    "area_at",
    "city_at",
    "city_facts",
    "clear_facts",
    "counts_every_hour",
    "deadline",
    "facts_by_id",
    "office_hours_between",
    "subtract_office_hours",
]


def all_cities() -> list[CityFacts]:
    """Every city, by name."""
    return list(snapshot().by_slug.values())


def city_facts(slug: str) -> CityFacts | None:
    """The city with this slug."""
    return snapshot().by_slug.get(slug)


def facts_by_id(city_id: int) -> CityFacts | None:
    """The city with this id."""
    return snapshot().by_id.get(city_id)


def area_at(city: CityFacts, lon: float, lat: float) -> AreaFacts | None:
    """The kelurahan at a point; always the same one on a shared border. Up to 100 m outside counts as the nearest."""
    index = kelurahan_index(city)
    area_id = index.covering(lon, lat) or index.nearest(lon, lat)
    return city.areas.get(area_id) if area_id else None


def city_at(lon: float, lat: float) -> CityFacts | None:
    """The city at a point: the one whose kelurahan covers it, else one that is at most 100 m away."""
    # Cities may overlap by their boxes only; the smaller one first finds an enclave without asking its large neighbour.
    candidates = [city for city in snapshot().by_extent if city.is_near(lon, lat)]
    exact_matches = (city for city in candidates if kelurahan_index(city).covering(lon, lat))
    return next(exact_matches, None) or next((city for city in candidates if area_at(city, lon, lat)), None)


def agency_for(city: CityFacts, category_id: int, area_id: int | None) -> int | None:
    """The agency that a new report goes to: the kelurahan's route, else its kecamatan's, else the category's own.

    None while the city has no agencies.
    """
    # The narrower rule wins: a kelurahan may be the exception of its kecamatan.
    parent_id = city.areas[area_id].parent_id if area_id else None
    for place in (area_id, parent_id):
        if place and (category_id, place) in city.routes:
            return city.routes[category_id, place]
    return city.categories[category_id].agency_id


def deadline(
    city: CityFacts, category_id: int, start: datetime, hours: Literal["respond", "resolve"] = "resolve"
) -> datetime:
    """When the first answer (`respond`) or the end (`resolve`) of a report that came at `start` is due; UTC."""
    terms = _terms(city, category_id)
    amount = terms.respond_hours if hours == "respond" else terms.resolve_hours
    # Fire and flood do not wait for Monday.
    if terms.always:
        return start.astimezone(UTC) + timedelta(hours=amount)
    return add_office_hours(city, start, amount)


def _terms(city: CityFacts, category_id: int) -> DeadlineFacts:
    return city.deadlines.get(category_id) or city.deadlines.get(None) or NATIONAL_DEADLINE


def counts_every_hour(city: CityFacts, category_id: int) -> bool:
    """Whether the pack counts every hour for this category, not office hours only."""
    return _terms(city, category_id).always


def add_office_hours(city: CityFacts, start: datetime, hours: float) -> datetime:
    """The moment at which so many hours of the city's office time have passed; UTC."""
    return add_working_hours(start, hours, city.week, city.is_closed, city.tz)


def subtract_office_hours(city: CityFacts, end: datetime, hours: float) -> datetime:
    """The latest moment from which so many hours of the city's office time have passed until `end`; UTC."""
    return subtract_working_hours(end, hours, city.week, city.is_closed, city.tz)


def office_hours_between(city: CityFacts, start: datetime, end: datetime) -> float:
    """Hours of the city's office time between two moments."""
    return working_hours_between(start, end, city.week, city.is_closed, city.tz)
