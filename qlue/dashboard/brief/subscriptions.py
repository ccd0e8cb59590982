"""Who gets the weekly brief by mail: people at work who asked for it on its page."""

from collections.abc import Iterator

from django.conf import settings

from qlue.cities.facts import CityFacts
from qlue.dashboard.models import BriefReader
from qlue.kit.clock import now
from qlue.kit.ids import same_token, secret_token
from qlue.people.models import Membership
from qlue.people.rights import may

READING_RIGHT = "see_scorecards"  # who may have it sent: heads, operators, leadership


def subscribe_to_brief(city: CityFacts, member: Membership) -> bool:
    """From the next Monday on; False where the account has no address."""
    if not mail_address(member):
        return False
    BriefReader.objects.get_or_create(city_id=city.id, user_id=member.user_id, defaults={"since": now()})
    return True


def unsubscribe_from_brief(city: CityFacts, user: int) -> None:
    """Does nothing where nobody had asked."""
    BriefReader.objects.filter(city_id=city.id, user_id=user).delete()


def is_subscribed(city: CityFacts, user: int) -> bool:
    """True for who asked for it and has not ended it."""
    return BriefReader.objects.filter(city_id=city.id, user_id=user).exists()


def subscribers(city: CityFacts) -> Iterator[Membership]:
    """Those who asked for it, still may read it and have an address."""
    readers = BriefReader.objects.filter(city_id=city.id).values("user_id")
    members = Membership.objects.filter(city_id=city.id, user__in=readers, active=True, user__is_active=True)
    # A right can be lost after the subscription, and comes back with the role: so it is asked each time.
    for member in members.select_related("user").order_by("id"):
        if may(member, READING_RIGHT) and mail_address(member):
            yield member


def mail_address(member: Membership) -> str:
    """The account's own address; empty without one."""
    return str(member.user.email).strip()


def stop_token(city: CityFacts, user: int) -> str:
    """The secret of the link that ends the subscription; computed, never stored."""
    return secret_token(settings.SECRET_KEY, "brief-stop", f"{city.id}:{user}")


def is_stop_token(city: CityFacts, user: int, token: str) -> bool:
    """True for who holds the link that ends it."""
    return same_token(token, stop_token(city, user))
