"""`qlue insight compute`: hot spots, forecasts and recommendations now, instead of tonight."""

from argparse import ArgumentParser
from time import perf_counter
from typing import Any

from qlue.cities.facts import all_cities, city_facts
from qlue.insight.actions.runs import compute_city
from qlue.insight.mistakes import Mistake

HELP = "hot spots, forecasts and recommendations of a city, or of all that have joined"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--city", default="", help="the city's slug; without it every joined city")


def run(options: dict[str, Any]) -> dict[str, Any]:
    cities = [one for one in all_cities() if one.joined]
    if options["city"]:
        found = city_facts(options["city"])
        if found is None:
            raise Mistake(f"There is no city {options['city']}.")
        cities = [found]
    said: dict[str, Any] = {}
    for city in cities:
        began = perf_counter()
        said[city.slug] = compute_city(city) | {"seconds": round(perf_counter() - began, 1)}
    return said
