"""Requests with what the middleware has added to them: views name these types, and need no casts."""

from qlue.cities.facts.records import CityFacts
from qlue.kit.http import AddressedRequest


class SiteRequest(AddressedRequest):
    """Any request behind `CityMiddleware`; `city` is None outside of cities."""

    city: CityFacts | None


class CityRequest(SiteRequest):
    """A request for an address of a city: the middleware has found the city, or answered 404 itself."""

    city: CityFacts
