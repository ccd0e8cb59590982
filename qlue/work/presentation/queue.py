"""What the page of the queue shows: tabs, cards and the choices of its filter."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.reports.presentation.cards import ReportCard, report_card
from qlue.reports.states import verbs_from
from qlue.work.presentation.tabs import PileLink
from qlue.work.queries.queue import Desk, Tab
from qlue.work.records import QueueRecord

UNROUTED = "belum"  # ?agency=belum: what no agency has yet


def tab_link(address: str, tab: Tab, values: dict[str, str], n: int, current: bool) -> PileLink:
    """A tab with its number; the filter's values go along."""
    url = f"{address}?{urlencode(values | {'tab': tab.slug})}"
    return PileLink(url, tab.label, tab.icon, n, current)


@dataclass(frozen=True)
class QueueCard:
    """A case of the queue; `waits` is True while it can be accepted."""

    case: ReportCard
    url: str
    waits: bool
    assignee_name: str


def queue_card(city: CityFacts, record: QueueRecord) -> QueueCard:
    """The report's card with the link of its case, and whether it waits to be accepted."""
    return QueueCard(
        # Photos of a private report open in the case only, where the access is logged.
        case=report_card(city, record, thumbnail=not record.private),
        url=reverse("case", kwargs={"city_slug": city.slug, "code": record.code}),
        waits="accept" in verbs_from(record.status),
        assignee_name=record.assignee_name or "",
    )


Choice = tuple[str, str]  # value and label


@dataclass(frozen=True)
class QueueFilterChoices:
    """What there is to choose in the filter; areas are kecamatan as (code, name, their kelurahan)."""

    categories: list[Choice]
    areas: list[tuple[str, str, list[Choice]]]
    agencies: list[Choice]


def filter_choices(city: CityFacts, desk: Desk) -> QueueFilterChoices:
    """The open categories and agencies, and all areas of the city."""
    areas = [
        (
            kecamatan.code,
            kecamatan.name,
            [(area.code, area.name) for area in city.kelurahan if area.parent_id == kecamatan.id],
        )
        for kecamatan in city.kecamatan
    ]
    agencies = [(agency.slug, agency.name) for agency in city.open_agencies]
    return QueueFilterChoices(
        categories=[(category.slug, category.label) for category in city.open_categories],
        areas=areas,
        # Who has an agency sees its queue alone, so there is nothing to choose.
        agencies=[] if desk.agency else [(UNROUTED, _("No agency yet")), *agencies],
    )
