"""The first row of the dashboard: the city at a glance, one card for each number."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.dashboard.presentation.durations import duration_text
from qlue.dashboard.presentation.links import list_url, received_yesterday, resolved_in
from qlue.dashboard.queries.overview import CityNumbers, WorkCounts, city_numbers
from qlue.dashboard.queries.spans import Span, span_of
from qlue.dashboard.tiles.viewer import Viewer
from qlue.reports.queries.reports import ReportFilter
from qlue.reports.states import COLOUR_LABELS, GREEN, RED, YELLOW
from qlue.web import formats


@dataclass(frozen=True, kw_only=True)
class NumberCard:
    """One number with the list behind it; `private`: how many private reports come on top, for staff."""

    label: str
    value: str
    unit: str = ""
    url: str = ""
    icon: str
    colour: str = ""
    note: str = ""
    note_url: str = ""
    private: int = 0


@dataclass(frozen=True)
class NumbersTile:
    """What the template `angka` shows."""

    numbers: list[NumberCard]


def numbers_tile(viewer: Viewer) -> NumbersTile:
    city, span, numbers = viewer.city, span_of(viewer.city), city_numbers(viewer.city)
    # Only staff hear how much is hidden: where few people live, a count alone can say who reported what.
    private = numbers.private if viewer.staff else WorkCounts(0, 0, 0, 0, 0, 0)
    cards = [
        _received_card(city, span, numbers.public, private),
        *_work_cards(city, span, numbers.public, private),
        _median_card(city, span, numbers),
    ]
    return NumbersTile(cards)


def _received_card(city: CityFacts, span: Span, public: WorkCounts, private: WorkCounts) -> NumberCard:
    return NumberCard(
        label=_("New today"),
        value=formats.number_text(public.today),
        url=list_url(city, ReportFilter(since=span.midnight)),
        icon="inbox",
        colour="blue",
        note=_("Yesterday: %(n)s") % {"n": formats.number_text(public.yesterday)},
        note_url=list_url(city, received_yesterday(span)),
        private=private.today,
    )


def _work_cards(city: CityFacts, span: Span, public: WorkCounts, private: WorkCounts) -> list[NumberCard]:
    share = formats.percent_text(public.overdue, public.open)
    return [
        NumberCard(
            label=str(COLOUR_LABELS[RED]),
            value=formats.number_text(public.red),
            url=list_url(city, ReportFilter(status=RED)),
            icon="clock",
            colour="red",
            private=private.red,
        ),
        NumberCard(
            label=str(COLOUR_LABELS[YELLOW]),
            value=formats.number_text(public.yellow),
            url=list_url(city, ReportFilter(status=YELLOW)),
            icon="progress",
            colour="yellow",
            private=private.yellow,
        ),
        NumberCard(
            label=_("Overdue"),
            value=formats.number_text(public.overdue),
            url=list_url(city, ReportFilter(overdue=True)),
            icon="alarm",
            colour="red",
            note=_("%(share)s of what is open") % {"share": share} if public.overdue else "",
            private=private.overdue,
        ),
        NumberCard(
            label=str(COLOUR_LABELS[GREEN]),
            value=formats.number_text(public.done),
            url=list_url(city, resolved_in(span)),
            icon="circle-check",
            colour="green",
            note=_("in the last 30 days"),
            private=private.done,
        ),
    ]


def _median_card(city: CityFacts, span: Span, numbers: CityNumbers) -> NumberCard:
    median = duration_text(numbers.p50)
    # A median alone hides the long tail, so the slowest tenth stands beside it.
    note = _("9 of 10 within %(span)s") % {"span": duration_text(numbers.p90)} if numbers.p90 else ""
    return NumberCard(
        label=_("Median time"),
        value=median.number,
        unit=median.unit,
        url=list_url(city, resolved_in(span)),
        icon="hourglass",
        note=note,
    )
