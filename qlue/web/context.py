"""What every page of the shell needs besides its own content."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import pgettext_lazy

# (url name, icon, word, only for members of the city)
CITY_PAGES = (
    ("report-new", "pencil-plus", pgettext_lazy("menu", "Report"), False),
    ("report-list", "list-details", pgettext_lazy("menu", "Reports"), False),
    ("dashboard", "chart-bar", pgettext_lazy("menu", "Dashboard"), False),
    ("queue", "briefcase", pgettext_lazy("menu", "Work"), True),
)


@dataclass(frozen=True)
class NavItem:
    name: str
    url: str
    icon: str
    word: str
    current: bool


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context: `city`, `member`, `nav`, `live_url`, `here` (path with query, for coming back)."""
    city = getattr(request, "city", None)
    return {
        "city": city,
        "member": getattr(request, "member", None),
        "nav": SimpleLazyObject(lambda: city_nav(request)),
        "live_url": live_url(request),
        "here": request.get_full_path(),
    }


def city_nav(request: HttpRequest) -> list[NavItem]:
    """The pages of the city in the address, for this person; empty outside a city."""
    city = getattr(request, "city", None)
    if city is None:
        return []
    member = getattr(request, "member", None)
    found = (_nav_item(request, city.slug, *page[:3]) for page in CITY_PAGES if member or not page[3])
    return [item for item in found if item]


def _nav_item(request: HttpRequest, slug: str, name: str, icon: str, word: Any) -> NavItem | None:
    try:
        url = reverse(name, kwargs={"city": slug})
    except NoReverseMatch:  # a room that this installation leaves out
        return None
    return NavItem(name, url, icon, str(word), current=request.path.startswith(url))


def live_url(request: HttpRequest) -> str:
    """Address of the live stream for the city in the address, '' when there is no stream."""
    base = live_base(request)
    city = getattr(request, "city", None)
    return f"{base}?city={city.slug}" if base and city else base


def live_base(request: HttpRequest) -> str:
    """`settings.LIVE_URL` as this browser reaches it: `{host}` is the name it used, without the port."""
    pattern = str(getattr(settings, "LIVE_URL", "") or "")
    return pattern.replace("{host}", _host_name(request)) if pattern else ""


def _host_name(request: HttpRequest) -> str:
    host = request.get_host()
    if host.startswith("["):  # [::1]:8000
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
