"""`qlue insight compute`: hot spots, forecasts and recommendations now, instead of tonight."""

from argparse import ArgumentParser
from time import perf_counter
from typing import Any

from qlue.cities.facts import all_cities, city_facts
from qlue.insight.actions.runs import compute_city
from qlue.insight.records.errors import UserError

HELP = "hot spots, forecasts and recommendations of a city, or of all that have joined"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--city", default="", help="the city's slug; without it every joined city")


def run(options: dict[str, Any]) -> dict[str, object]:
    """For each city by its slug: counts or problems of the three parts, and seconds."""
    cities = [city for city in all_cities() if city.joined]
    if options["city"]:
        chosen_city = city_facts(options["city"])
        if chosen_city is None:
            raise UserError(f"There is no city {options['city']}.")
        cities = [chosen_city]
    output: dict[str, object] = {}
    for city in cities:
        start = perf_counter()
        output[city.slug] = compute_city(city) | {"seconds": round(perf_counter() - start, 1)}
    return output
