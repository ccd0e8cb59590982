"""What all pages of insight share."""

from django.http import HttpRequest

from qlue.cities.facts import CityFacts
from qlue.people.models import Membership
from qlue.people.reading import city_of, member_of


def here_and_who(request: HttpRequest) -> tuple[CityFacts, Membership]:
    """The city and the member; only behind `member_required`."""
    city, member = city_of(request), member_of(request)
    assert city is not None
    assert member is not None
    return city, member
