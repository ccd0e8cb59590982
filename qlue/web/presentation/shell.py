"""What every page needs besides its own content: the menus, the live stream, who looks."""

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
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
Desk = tuple[str, str, Any, str]
# What people at work open, by what they are doing: (word, desks of (url name, icon, word, right that opens it)).
STAFF_PAGES: tuple[tuple[Any, tuple[Desk, ...]], ...] = (
    (
        pgettext_lazy("menu", "Cases and work"),
        (
            ("queue", "briefcase", pgettext_lazy("menu", "Cases"), "see_queue"),
            ("field", "walk", pgettext_lazy("menu", "My tasks"), "work_in_field"),
            ("orders", "clipboard-list", pgettext_lazy("menu", "Work orders"), "see_queue"),
            ("crews", "users-group", pgettext_lazy("menu", "Crews"), "lead_crews"),
            ("handovers", "arrows-exchange", pgettext_lazy("menu", "Hand-overs"), "see_queue"),
            ("proofs", "photo-check", pgettext_lazy("menu", "Proof review"), "review_proof"),
        ),
    ),
    (
        pgettext_lazy("menu", "Messages and calls"),
        (
            ("alerts", "bell-ringing", pgettext_lazy("menu", "Emergencies"), "dispatch"),
            ("calls", "headset", pgettext_lazy("menu", "Call desk 112"), "answer_calls"),
            ("messages", "messages", pgettext_lazy("menu", "Messages"), "see_messages"),
        ),
    ),
    (
        pgettext_lazy("menu", "Sensors and cameras"),
        (
            ("alarms", "alert-triangle", pgettext_lazy("menu", "Alarms"), "see_things"),
            ("devices", "access-point", pgettext_lazy("menu", "Sensors"), "see_things"),
            ("cameras", "device-cctv", pgettext_lazy("menu", "Cameras"), "see_cameras"),
            ("camera-events", "eye-check", pgettext_lazy("menu", "Camera events"), "see_cameras"),
        ),
    ),
    (
        pgettext_lazy("menu", "Data and insight"),
        (
            ("insight", "bulb", pgettext_lazy("menu", "Insight"), "see_insight"),
            ("scorecards", "gauge", pgettext_lazy("menu", "Scorecards"), "see_scorecards"),
            ("datasets", "database", pgettext_lazy("menu", "City data"), "see_data"),
            ("brief", "file-text", pgettext_lazy("menu", "Weekly brief"), "see_queue"),
        ),
    ),
    (
        pgettext_lazy("menu", "Administration"),
        (
            ("members", "users", pgettext_lazy("menu", "People and roles"), "manage_users"),
            ("data-requests", "user-shield", pgettext_lazy("menu", "Personal data"), "handle_personal_data"),
        ),
    ),
)


@dataclass(frozen=True)
class NavItem:
    name: str
    url: str
    icon: str
    word: str
    current: bool


@dataclass(frozen=True)
class NavGroup:
    word: str
    items: list[NavItem]


def shell(request: HttpRequest) -> dict[str, object]:
    """Template context: `city`, `member`, `nav`, `desks`, `live_url`, `here` (path with query, for coming back)."""
    city = getattr(request, "city", None)
    return {
        "city": city,
        "member": getattr(request, "member", None),
        # Lazy: fragments and error pages have no menu, and must not ask who the member is.
        "nav": SimpleLazyObject(lambda: city_nav(request)),
        "desks": SimpleLazyObject(lambda: staff_desks(request)),
        "live_url": live_url(request),
        "here": request.get_full_path(),
    }


def city_nav(request: HttpRequest) -> list[NavItem]:
    """The pages of the city in the address, for this person; empty outside a city."""
    city = getattr(request, "city", None)
    if city is None:
        return []
    member = getattr(request, "member", None)
    items = (_nav_item(request, city.slug, *page[:3]) for page in CITY_PAGES if member or not page[3])
    return [item for item in items if item]


def staff_desks(request: HttpRequest) -> list[NavGroup]:
    """The desks of the city in the address that this person may open, in groups; empty for residents."""
    city = getattr(request, "city", None)
    if city is None or not getattr(request, "member", None):
        return []
    rights: frozenset[str] = getattr(request, "rights", frozenset())
    groups = [NavGroup(str(word), _open_desks(request, city.slug, pages, rights)) for word, pages in STAFF_PAGES]
    return _nearest_current([group for group in groups if group.items])


def _open_desks(request: HttpRequest, slug: str, pages: tuple[Desk, ...], rights: frozenset[str]) -> list[NavItem]:
    items = (_nav_item(request, slug, *page[:3]) for page in pages if page[3] in rights)
    return [item for item in items if item]


def _nearest_current(groups: list[NavGroup]) -> list[NavGroup]:
    """Of desks that lie below each other only the nearest one is where the person is."""
    # /kerja/ is a prefix of /kerja/regu/: both seem current, the longer address is where the person is.
    nearest = max((len(item.url) for group in groups for item in group.items if item.current), default=0)

    def mark(item: NavItem) -> NavItem:
        return replace(item, current=item.current and len(item.url) == nearest)

    return [replace(group, items=list(map(mark, group.items))) for group in groups]


def _nav_item(request: HttpRequest, slug: str, name: str, icon: str, word: Any) -> NavItem | None:
    try:
        url = reverse(name, kwargs={"city_slug": slug})
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
    try:
        return pattern.replace("{host}", _host_name(request)) if pattern else ""
    except DisallowedHost:  # the page that refuses a stranger's Host header needs no stream
        return ""


def _host_name(request: HttpRequest) -> str:
    host = request.get_host()
    if host.startswith("["):  # [::1]:8000
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
