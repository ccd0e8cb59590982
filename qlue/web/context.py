"""What every page of the shell needs besides its own content."""

from dataclasses import dataclass, replace
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
# (url name, icon, word, right that opens it): the row of desks that people at work see below the menu
STAFF_PAGES: tuple[tuple[str, str, Any, str], ...] = (
    ("queue", "briefcase", pgettext_lazy("menu", "Cases"), "see_queue"),
    ("orders", "clipboard-list", pgettext_lazy("menu", "Work orders"), "see_queue"),
    ("field", "walk", pgettext_lazy("menu", "My tasks"), "work_in_field"),
    ("crews", "users-group", pgettext_lazy("menu", "Crews"), "lead_crews"),
    ("handovers", "arrows-exchange", pgettext_lazy("menu", "Hand-overs"), "see_queue"),
    ("proofs", "photo-check", pgettext_lazy("menu", "Proof review"), "review_proof"),
    ("scorecards", "gauge", pgettext_lazy("menu", "Scorecards"), "see_scorecards"),
    ("cameras", "device-cctv", pgettext_lazy("menu", "Cameras"), "see_cameras"),
    ("devices", "access-point", pgettext_lazy("menu", "Sensors"), "see_things"),
    ("alarms", "alert-triangle", pgettext_lazy("menu", "Alarms"), "see_things"),
    ("calls", "headset", pgettext_lazy("menu", "Call desk 112"), "answer_calls"),
    ("messages", "messages", pgettext_lazy("menu", "Messages"), "see_messages"),
    ("insight", "bulb", pgettext_lazy("menu", "Insight"), "see_insight"),
    ("datasets", "database", pgettext_lazy("menu", "City data"), "see_data"),
    ("data-requests", "user-shield", pgettext_lazy("menu", "Personal data"), "handle_personal_data"),
)


@dataclass(frozen=True)
class NavItem:
    name: str
    url: str
    icon: str
    word: str
    current: bool


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context: `city`, `member`, `nav`, `desks`, `live_url`, `here` (path with query, for coming back)."""
    city = getattr(request, "city", None)
    return {
        "city": city,
        "member": getattr(request, "member", None),
        "nav": SimpleLazyObject(lambda: city_nav(request)),
        "desks": SimpleLazyObject(lambda: desks(request)),
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


def desks(request: HttpRequest) -> list[NavItem]:
    """The desks of the city in the address that this person may open; empty for residents."""
    city = getattr(request, "city", None)
    rights: frozenset[str] = getattr(request, "rights", frozenset())
    if city is None or not getattr(request, "member", None):
        return []
    found = (_nav_item(request, city.slug, *page[:3]) for page in STAFF_PAGES if page[3] in rights)
    return _nearest_current([item for item in found if item])


def _nearest_current(items: list[NavItem]) -> list[NavItem]:
    """Of desks that lie below each other only the nearest one is where the person is."""
    nearest = max((len(item.url) for item in items if item.current), default=0)
    return [replace(item, current=item.current and len(item.url) == nearest) for item in items]


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
