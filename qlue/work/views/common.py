"""What all pages of people at work share."""

from typing import Any

from django.http import HttpRequest

from qlue.cities.facts import CityFacts
from qlue.people.models import Membership
from qlue.people.reading import city_of, member_of
from qlue.work.reading import unseen


def here_and_who(request: HttpRequest) -> tuple[CityFacts, Membership]:
    """The city and the member; only behind `member_required`."""
    city, member = city_of(request), member_of(request)
    assert city is not None
    assert member is not None
    return city, member


def is_fragment(request: HttpRequest) -> bool:
    """True when a script asks for a part of a page that is already open."""
    return "HX-Request" in request.headers


def bell(member: Membership) -> dict[str, Any]:
    """Context of `work/_bell.html`."""
    return {"unseen": unseen(member)}
