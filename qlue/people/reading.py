"""Questions about people that other rooms ask."""

from typing import Any

from django.http import HttpRequest

from qlue.cities.facts import CityFacts
from qlue.kit.db import every_city
from qlue.people.models import Look, Membership, Role, User


def member_of(request: HttpRequest) -> Membership | None:
    """The signed-in person's active membership of the URL's city; asked once per request (one query)."""
    kept: dict[str, Any] = request.__dict__
    if "_member" not in kept:
        kept["_member"] = _find_member(request)
    found: Membership | None = kept["_member"]
    return found


def _find_member(request: HttpRequest) -> Membership | None:
    city, user = city_of(request), request.user
    if city is None or not user.is_authenticated:
        return None
    found = Membership.objects.filter(city_id=city.id, user_id=user.pk, active=True).first()
    if found and isinstance(user, User):
        found.user = user
    return found


def city_of(request: HttpRequest) -> CityFacts | None:
    """The URL's city, None outside of cities."""
    found: CityFacts | None = getattr(request, "city", None)
    return found


def city_and_member(request: HttpRequest) -> tuple[CityFacts, Membership]:
    """The city and the member; only behind `member_required`."""
    city, member = city_of(request), member_of(request)
    assert city is not None
    assert member is not None
    return city, member


def memberships_of(user: User) -> list[Membership]:
    """Everywhere that this person is an active member, oldest first. Needs no scope."""
    with every_city():
        return list(Membership.objects.filter(user=user, active=True).order_by("id"))


def belongs_elsewhere(user: User, city_id: int) -> bool:
    """Whether this person has a place in another city, in use or not. Needs no scope."""
    with every_city():
        return Membership.objects.filter(user=user).exclude(city_id=city_id).exists()


def members(city_id: int) -> list[Membership]:
    """All members of a city with their accounts, the active ones first."""
    found = Membership.objects.filter(city_id=city_id).select_related("user", "agency")
    return list(found.order_by("-active", "user__first_name", "user__username"))


def crew_of(city_id: int, agency_id: int) -> list[Membership]:
    """Those to whom a case of this agency can be given, by name."""
    found = Membership.objects.filter(city_id=city_id, agency_id=agency_id, active=True, user__is_active=True)
    return list(found.select_related("user").order_by("user__first_name", "user__username"))


def helpers_of(request: HttpRequest) -> list[str]:
    """The names of the city's administrators: they can give rights."""
    city = city_of(request)
    if city is None:
        return []
    found = Membership.objects.filter(city_id=city.id, role=Role.ADMIN, active=True, user__is_active=True)
    return [str(one.user) for one in found.select_related("user").order_by("id")]


def looks_at(city_id: int, report_id: int) -> list[Look]:
    """Who opened what of a report, the last first."""
    found = Look.objects.filter(city_id=city_id, report_id=report_id).select_related("user")
    return list(found.order_by("-at", "-id"))
