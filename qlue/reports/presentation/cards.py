"""A report as pages show it: names instead of ids, a word, an icon and a colour for its state, addresses of photos."""

from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from qlue.cities.facts import CityFacts
from qlue.kit.ids import same_token, secret_token
from qlue.reports.records import ReportRecord
from qlue.reports.states import COLOURS, GREEN, GREY, RED, STATUS_LABELS, YELLOW, ReportStatus

# Never colour alone: some people cannot tell red from green, and some screens in the sun show neither.
COLOUR_ICONS = {RED: "clock", YELLOW: "progress", GREEN: "circle-check", GREY: "circle-minus"}
STATUS_ICONS: dict[str, str] = {
    ReportStatus.ON_HOLD: "player-pause",
    ReportStatus.REOPENED: "refresh-alert",
    ReportStatus.CONFIRMED: "checks",
    ReportStatus.REJECTED: "circle-x",
    ReportStatus.MERGED: "git-merge",
    ReportStatus.REFERRED: "arrow-forward-up",
    ReportStatus.UNSERVED: "map-off",
}


@dataclass(frozen=True, kw_only=True)
class ReportCard(ReportRecord):
    """A report with everything that templates ask for.

    `promise` is the deadline as far as it still means something: not for ends without work.
    """

    url: str
    title: str
    category_icon: str
    colour: str
    status_word: object
    sign: str
    area_name: str
    kecamatan_name: str
    agency_name: str
    agency_short: str
    open: bool
    promise: datetime | None
    photo_url: str


def report_card(city: CityFacts, report: ReportRecord, *, thumbnail: bool = False) -> ReportCard:
    """The card of a report; `thumbnail` for lists of public reports that show the first photo."""
    category = city.categories[report.category_id]
    area = city.areas.get(report.area_id or 0)
    agency = city.agencies.get(report.agency_id or 0)
    colour = COLOURS[report.status]
    is_open = colour in (RED, YELLOW)
    return ReportCard(
        **{field.name: getattr(report, field.name) for field in fields(ReportRecord)},
        url=report_url(city, report.code),
        title=category.label,
        category_icon=category.icon,
        colour=colour,
        status_word=STATUS_LABELS[report.status],
        sign=STATUS_ICONS.get(report.status, COLOUR_ICONS[colour]),
        area_name=area.name if area else "",
        kecamatan_name=city.areas[area.parent_id].name if area and area.parent_id else "",
        agency_name=agency.name if agency else "",
        agency_short=agency.short_name if agency else "",
        open=is_open,
        promise=report.due_at if is_open or report.resolved_at else None,
        photo_url=photo_url(city, report.photo, "thumb") if thumbnail and report.photo else "",
    )


def view_box(city: CityFacts) -> str:
    """`west,south,east,north` of where most people live, for a map's first view: the pack's centre at its zoom.

    The whole city may reach far over the sea.
    """
    half = 0.5 * 640 * 360 / (512 * 2**city.zoom)  # degrees of half a map of 640 pixels
    west, south = max(city.bounds[0], city.lon - half), max(city.bounds[1], city.lat - half)
    east, north = min(city.bounds[2], city.lon + half), min(city.bounds[3], city.lat + half)
    return f"{west:.5f},{south:.5f},{east:.5f},{north:.5f}"


def report_url(city: CityFacts, code: str) -> str:
    return url_pattern("report", city.slug, "CODE").replace("CODE", code)


def follow_url(city: CityFacts, code: str, token: str) -> str:
    """The secret address of the reporter's own page."""
    return url_pattern("report-follow", city.slug, "CODE", "TOKEN").replace("CODE", code).replace("TOKEN", token)


@cache
def url_pattern(name: str, *args: str) -> str:
    """An address with places to fill: codes and tokens hold nothing that needs quoting, and lists have many."""
    return reverse(name, args=args)


def photo_url(city: CityFacts, photo: UUID | str, size: str = "medium", *, secret: bool = False) -> str:
    """Where a photo is served; `secret` for one that not everybody may see, on pages of those who may."""
    address = reverse("photo", args=[city.slug, photo, size])
    return f"{address}?kunci={photo_key(city.id, photo)}" if secret else address


def photo_key(city_id: int, photo: UUID | str) -> str:
    """Opens one photo in all sizes, nothing else; computed, never stored."""
    return secret_token(settings.SECRET_KEY, "photo", f"{city_id}:{photo}")


def is_photo_key(city_id: int, photo: UUID, key: str) -> bool:
    """True when `key` is the photo's own."""
    return same_token(key, photo_key(city_id, photo))
