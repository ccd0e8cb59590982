"""What the page of the queue shows: tabs, cards and the choices of its filter."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.reports.presentation.cards import card
from qlue.reports.states import verbs_from
from qlue.work.queries.queue import Desk, Row, Tab

UNROUTED = "belum"  # ?agency=belum: what no agency has yet


def tab_link(address: str, tab: Tab, values: dict[str, str], n: int, current: bool) -> dict[str, Any]:
    """A tab with its number; the filter's values go along."""
    url = f"{address}?{urlencode(values | {'tab': tab.slug})}"
    return {"url": url, "word": tab.label, "icon": tab.icon, "n": n, "current": current}


def queue_card(city: CityFacts, row: Row) -> dict[str, Any]:
    """The report's card with the link of its case, and whether it waits to be accepted."""
    url = reverse("case", kwargs={"city_slug": city.slug, "code": row["code"]})
    return card(city, row) | {"case_url": url, "waits": "accept" in verbs_from(row["status"])}


def filter_choices(city: CityFacts, desk: Desk) -> dict[str, Any]:
    """What there is to choose: categories and agencies as (value, label), areas as (code, name, their kelurahan)."""
    areas = [
        (
            kecamatan.code,
            kecamatan.name,
            [(area.code, area.name) for area in city.kelurahan if area.parent_id == kecamatan.id],
        )
        for kecamatan in city.kecamatan
    ]
    agencies = [(agency.slug, agency.name) for agency in city.open_agencies]
    return {
        "categories": [(category.slug, category.label) for category in city.open_categories],
        "areas": areas,
        # Who has an agency sees its queue alone, so there is nothing to choose.
        "agencies": [] if desk.agency else [(UNROUTED, _("No agency yet")), *agencies],
    }
