"""What other rooms read of people: the member behind a request, the members of a city or an agency, who looked."""

from typing import Any

from django.http import HttpRequest

from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.db import every_city
from qlue.people.models import AccessLog, Membership, Role, User


class MemberRequest(CityRequest):
    """A request behind `MemberMiddleware`; `rights` are the verbs of the member.

    Both are lazy: test `member` for truth, never with `is None`; `member_of(request)` gives the membership itself.
    """

    member: Membership | None
    rights: frozenset[str]


def member_of(request: HttpRequest) -> Membership | None:
    """The signed-in person's active membership of the URL's city; one query per request at most."""
    # Not an attribute of its type: the lazy `request.member` and every gate share this one answer.
    attributes: dict[str, Any] = request.__dict__
    if "_member" not in attributes:
        attributes["_member"] = _find_member(request)
    member: Membership | None = attributes["_member"]
    return member


def _find_member(request: HttpRequest) -> Membership | None:
    city, user = city_of(request), request.user
    if city is None or not user.is_authenticated:
        return None
    member = Membership.objects.filter(city_id=city.id, user_id=user.pk, active=True).first()
    if member and isinstance(user, User):
        member.user = user  # spares the query when a page shows the name
    return member


def city_of(request: HttpRequest) -> CityFacts | None:
    """The URL's city, None outside of cities."""
    city: CityFacts | None = getattr(request, "city", None)
    return city


def city_and_member(request: HttpRequest) -> tuple[CityFacts, Membership]:
    """The city and the member; only behind `member_required`."""
    city, member = city_of(request), member_of(request)
    assert city is not None
    assert member is not None
    return city, member


def memberships_of(user: User) -> list[Membership]:
    """Everywhere that this person is an active member, oldest first. Needs no scope."""
    # The policy of the table shows only the city in scope; where a person works is asked before there is one.
    with every_city():
        return list(Membership.objects.filter(user=user, active=True).order_by("id"))


def belongs_elsewhere(user: User, city_id: int) -> bool:
    """Whether this person has a place in another city, in use or not. Needs no scope."""
    with every_city():
        return Membership.objects.filter(user=user).exclude(city_id=city_id).exists()


def city_members(city_id: int) -> list[Membership]:
    """All members of a city with their accounts, the active ones first."""
    memberships = Membership.objects.filter(city_id=city_id).select_related("user", "agency")
    return list(memberships.order_by("-active", "user__first_name", "user__username"))


def agency_members(city_id: int, agency_id: int) -> list[Membership]:
    """Those to whom a case of this agency can be given, by name."""
    memberships = Membership.objects.filter(city_id=city_id, agency_id=agency_id, active=True, user__is_active=True)
    return list(memberships.select_related("user").order_by("user__first_name", "user__username"))


def administrator_names(request: HttpRequest) -> list[str]:
    """The names of the city's administrators: they can give rights."""
    city = city_of(request)
    if city is None:
        return []
    memberships = Membership.objects.filter(city_id=city.id, role=Role.ADMIN, active=True, user__is_active=True)
    return [str(membership.user) for membership in memberships.select_related("user").order_by("id")]


def access_log(city_id: int, report_id: int) -> list[AccessLog]:
    """Who opened what of a report, the last first."""
    entries = AccessLog.objects.filter(city_id=city_id, report_id=report_id).select_related("user")
    return list(entries.order_by("-at", "-id"))
