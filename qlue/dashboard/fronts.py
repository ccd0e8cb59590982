"""What the two front pages show: the nation's cities, and one city."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse

from qlue.cities.facts import CityFacts
from qlue.dashboard import reading
from qlue.dashboard.links import done_since_first, list_url
from qlue.reports.cards import card, photo_url
from qlue.reports.reading import Filter, list_rows, unserved_counts
from qlue.reports.states import COLOUR_WORDS, GREEN, RED, YELLOW

LATEST = 5
FAR, MARGIN = 0.03, 0.08  # shares of a side: kelurahan left outside of a first view, and room around the others
FEW_AREAS = 20  # with fewer, all are shown


def country_front(cities: Sequence[CityFacts], asked: str) -> dict[str, Any]:
    """All cities by name, or those whose name or province holds the words; totals of all. One statement."""
    tallies = reading.tallies(cities)
    wanted = asked.casefold()
    found = [city for city in cities if wanted in f"{city.name} {city.province}".casefold()]
    return {
        "asked": asked,
        "waiting": COLOUR_WORDS[RED],
        "going": COLOUR_WORDS[YELLOW],
        "done": COLOUR_WORDS[GREEN],
        "cards": [_city_card(city, tallies[city.id]) for city in found],
        "cities": len(cities),
        "open": sum(tally.red + tally.yellow for tally in tallies.values()),
        "received": sum(tally.received for tally in tallies.values()),
        "resolved": sum(tally.resolved for tally in tallies.values()),
        "share": _share(tallies.values()),
        "total": sum(tally.total for tally in tallies.values()),
    }


def _share(tallies: Iterable[reading.Tally]) -> int:
    """Done in the last 30 days for each 100 that came in; more than 100 when old ones are worked off."""
    found = list(tallies)
    received = sum(tally.received for tally in found)
    return round(100 * sum(tally.resolved for tally in found) / received) if received else 0


def _city_card(city: CityFacts, tally: reading.Tally) -> dict[str, Any]:
    done = done_since_first(reading.span_of(city))
    return {
        "city": city,
        "tally": tally,
        "url": reverse("city", args=[city.slug]),
        "report_url": reverse("report-new", args=[city.slug]),
        "waiting_url": list_url(city, status="red"),
        "going_url": list_url(city, status="yellow"),
        "done_url": list_url(city, **done),
    }


def city_front(city: CityFacts) -> dict[str, Any]:
    """The latest public reports and the way to everything else. One statement, one more before the city joins."""
    cases = [_case(city, row) for row in list_rows(city, Filter(), limit=LATEST)]
    return {
        "cases": cases,
        "bounds": core_bounds(city),
        "points": f"{reverse('report-map', args=[city.slug])}?status=terbuka",
        "map_url": list_url(city, status="open"),
        "unserved": None if city.joined else _unserved(city),
    }


def _unserved(city: CityFacts) -> dict[str, Any]:
    """What waits for a city that has not joined: how many reports, and about what most of them are."""
    counts = unserved_counts(city)
    most = counts[0][1] if counts else 1
    kinds = [(city.categories[category], n, round(100 * n / most)) for category, n in counts[:LATEST]]
    return {"n": sum(n for _category, n in counts), "kinds": kinds}


def _case(city: CityFacts, row: dict[str, Any]) -> dict[str, Any]:
    return card(city, row) | {"photo_url": photo_url(city, row["photo"], "thumb") if row["photo"] else ""}


def core_bounds(city: CityFacts) -> str:
    """`west,south,east,north` around most kelurahan: far islands would make everything else tiny on a map."""
    sides: list[list[float]] = []
    for axis, (low, high) in (("lon", city.bounds[0::2]), ("lat", city.bounds[1::2])):
        at = sorted(getattr(area, axis) for area in city.kelurahan)
        if len(at) < FEW_AREAS:
            sides.append([low, high])
            continue
        cut = round(len(at) * FAR)
        first, last = at[cut], at[-1 - cut]
        margin = (last - first) * MARGIN
        sides.append([max(low, first - margin), min(high, last + margin)])
    (west, east), (south, north) = sides
    return f"{west:.5f},{south:.5f},{east:.5f},{north:.5f}"
