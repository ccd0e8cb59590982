"""How allauth behaves here: no open sign-up, limits counted across processes, everybody lands at their own work."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import facts_by_id
from qlue.kit.http import client_address
from qlue.kit.rate import Limit, spend
from qlue.people.models import Membership, Role, User
from qlue.people.queries import memberships_of

# On top of allauth's own limit of failures, which each process counts alone. An office shares one address. Few tries
# must not lock a person out from everywhere, for anybody can make them.
TRIES_PER_NAME = Limit(times=20, seconds=300)  # from one address
TRIES_PER_ADDRESS = Limit(times=100, seconds=300)
TRIES_FROM_ANYWHERE = Limit(times=300, seconds=300)


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are given by an administrator; nobody signs up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("The username or the password is wrong. Please check both and try again."),
        "too_many_login_attempts": _("Too many attempts. Please wait five minutes, then try again."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("The password is wrong."),
        "rate_limited": _("Too many attempts. Please wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: a city gives accounts to its own people, residents need none."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The same address that all other limits count by."""
        return client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuses to guess passwords fast, by name and by address."""
        super().pre_authenticate(request, **credentials)
        # Tests and benches sign in hundreds of times from one address.
        if not settings.RATE_LIMITS:
            return
        name, address = credentials.get("username", "").lower(), client_address(request)
        tries = {
            f"signin:address:{address}": TRIES_PER_ADDRESS,
            f"signin:name:{address}:{name}": TRIES_PER_NAME,
            f"signin:anywhere:{name}": TRIES_FROM_ANYWHERE,
        }
        if any(spend(key, limit) for key, limit in tries.items()):  # what one limit refuses counts for no later one
            raise self.validation_error("too_many_login_attempts")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """allauth counts failures by name alone: five from anywhere would lock a person out."""
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}@{client_address(request)}"

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The first city's queue; leadership and administrators see the dashboard first."""
        memberships = memberships_of(request.user) if isinstance(request.user, User) else []
        return member_home(memberships[0]) if memberships else reverse("national")


def member_home(member: Membership) -> str:
    """Where this member's day begins."""
    city = facts_by_id(member.city_id)
    if city is None:
        return reverse("national")
    # Who decides looks at the whole first, who works at the next case.
    page = "dashboard" if member.role in (Role.MAYOR, Role.ADMIN) else "queue"
    return reverse(page, kwargs={"city_slug": city.slug})
