"""What everybody may know of every city, without entering one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from qlue.cities.facts import CityFacts
from qlue.dashboard.queries.spans import span_of
from qlue.kit.db import fetch_records
from qlue.reports.states import Colour

# Each city's 30 days begin in its own time zone. A city without a public report has no row in `dashboard_national`.
CITY_TALLIES = f"""
SELECT w.city_id, {", ".join(f"coalesce(n.{colour}, 0) AS {colour}" for colour in Colour)}, n.changed_at, d.received,
    d.resolved
FROM unnest(%(cities)s::bigint[], %(firsts)s::date[]) AS w(city_id, first)
LEFT JOIN dashboard_national n USING (city_id)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(received), 0) AS received, coalesce(sum(resolved), 0) AS resolved
    FROM dashboard_nationalday d WHERE d.city_id = w.city_id AND d.day >= w.first) d
"""  # noqa: S608


@dataclass(frozen=True)
class CityTally:
    """A city's public reports by colour; `received` and `resolved` in the last 30 days."""

    city_id: int
    red: int
    yellow: int
    green: int
    grey: int
    changed_at: datetime | None
    received: int
    resolved: int

    @property
    def open(self) -> int:
        """Waiting and in progress."""
        return self.red + self.yellow


def city_tallies(cities: Sequence[CityFacts]) -> dict[int, CityTally]:
    """City -> tally; needs no scope. One statement."""
    params = {"cities": [city.id for city in cities], "firsts": [span_of(city).first for city in cities]}
    return {tally.city_id: tally for tally in fetch_records(CityTally, CITY_TALLIES, params)}
