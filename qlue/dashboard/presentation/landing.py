"""What the two landing pages show: the nation's cities, and one city."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.urls import reverse

from qlue.cities.facts import CategoryFacts, CityFacts
from qlue.dashboard.presentation.bounds import core_bounds_text
from qlue.dashboard.presentation.links import list_url, resolved_in
from qlue.dashboard.queries.national import CityTally, city_tallies
from qlue.dashboard.queries.spans import span_of
from qlue.reports.presentation.cards import ReportCard, report_card
from qlue.reports.queries.reports import ReportFilter, list_reports, unserved_counts
from qlue.reports.states import COLOUR_LABELS, GREEN, RED, YELLOW

LATEST = 5


@dataclass(frozen=True)
class CityCard:
    """A city among the others, with the way to its reports."""

    city: CityFacts
    tally: CityTally
    url: str
    report_url: str
    waiting_url: str
    working_url: str
    done_url: str


@dataclass(frozen=True)
class NationalLanding:
    """The cards of the cities that were searched for; everything else is of all cities.

    `share`: done in the last 30 days for each 100 that came in, more than 100 when old ones are worked off.
    """

    search: str
    cards: list[CityCard]
    waiting: object
    working: object
    done: object
    cities: int
    open: int
    received: int
    resolved: int
    share: int


def national_landing(cities: Sequence[CityFacts], search: str) -> NationalLanding:
    """All cities by name, or those whose name or province holds the words; totals of all. One statement."""
    tallies = city_tallies(cities)
    received_total = sum(tally.received for tally in tallies.values())
    resolved_total = sum(tally.resolved for tally in tallies.values())
    return NationalLanding(
        search=search,
        cards=[_city_card(city, tallies[city.id]) for city in cities if _matches(city, search)],
        waiting=COLOUR_LABELS[RED],
        working=COLOUR_LABELS[YELLOW],
        done=COLOUR_LABELS[GREEN],
        cities=len(cities),
        open=sum(tally.open for tally in tallies.values()),
        received=received_total,
        resolved=resolved_total,
        share=round(100 * resolved_total / received_total) if received_total else 0,
    )


def _matches(city: CityFacts, search: str) -> bool:
    return search.casefold() in f"{city.name} {city.province}".casefold()


def _city_card(city: CityFacts, tally: CityTally) -> CityCard:
    return CityCard(
        city=city,
        tally=tally,
        url=reverse("city", args=[city.slug]),
        report_url=reverse("report-new", args=[city.slug]),
        waiting_url=list_url(city, ReportFilter(status=RED)),
        working_url=list_url(city, ReportFilter(status=YELLOW)),
        done_url=list_url(city, resolved_in(span_of(city))),
    )


@dataclass(frozen=True)
class UnservedCategory:
    """Reports of a category that wait for the city to join; `share` in percent of the most frequent one."""

    category: CategoryFacts
    n: int
    share: int


@dataclass(frozen=True)
class UnservedReports:
    """What waits for a city that has not joined: how many reports, and about what most of them are."""

    n: int
    categories: list[UnservedCategory]


@dataclass(frozen=True)
class CityLanding:
    """A city's latest public reports and the way to everything else; `bounds` as maps take them."""

    cases: list[ReportCard]
    bounds: str
    points: str
    map_url: str
    unserved: UnservedReports | None


def city_landing(city: CityFacts) -> CityLanding:
    """One statement, one more before the city joins."""
    reports = list_reports(city, ReportFilter(), limit=LATEST)
    return CityLanding(
        cases=[report_card(city, report, thumbnail=True) for report in reports],
        bounds=core_bounds_text(city),
        points=f"{reverse('report-map', args=[city.slug])}?status=terbuka",
        map_url=list_url(city, ReportFilter(status="open")),
        # A city that takes part has no report in that state: asking would cost every visitor a statement.
        unserved=None if city.joined else _unserved_reports(city, unserved_counts(city)),
    )


def _unserved_reports(city: CityFacts, counts: Collection[tuple[int, int]]) -> UnservedReports:
    largest = max((n for _category, n in counts), default=1)
    categories = [UnservedCategory(city.categories[key], n, round(100 * n / largest)) for key, n in counts]
    return UnservedReports(sum(n for _category, n in counts), categories[:LATEST])
