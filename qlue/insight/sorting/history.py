"""What a city's own history teaches: reports that an agency took on, as they stand after every correction."""

from dataclasses import dataclass
from datetime import datetime

from qlue.cities.facts import CityFacts
from qlue.insight.sorting.cold import beside_of
from qlue.insight.sorting.sorter import Text
from qlue.kit.db import rows

MOST = 20_000  # reports, the newest
MACHINES = ("camera", "sensor")  # channels whose words are our own
TAKEN_ON = ("accepted", "in_progress", "on_hold", "reopened", "resolved", "confirmed")

# Private words are never learnt: a model remembers them.
TAUGHT = """
SELECT words, category_id, agency_id, area_id, created_at FROM reports_report
WHERE city_id = %(city)s AND NOT private AND NOT staff_made AND status = ANY(%(states)s) AND agency_id IS NOT NULL
    AND channel <> ALL(%(machines)s)
ORDER BY created_at DESC, id DESC LIMIT %(most)s
"""


@dataclass(frozen=True)
class History:
    """Reports in the order of time, with their final label."""

    texts: list[Text]
    labels: list[str]
    times: list[datetime]


def history(city: CityFacts, kind: str) -> History:
    """`kind` is `category` or `agency`; the connection is in the city's scope."""
    given = {"city": city.id, "states": list(TAKEN_ON), "machines": list(MACHINES), "most": MOST}
    found = History([], [], [])
    for words, category, agency, area, at in reversed(rows(TAUGHT, given)):
        found.texts.append((words, beside_of(city, category, area) if kind == "agency" else ()))
        found.labels.append(city.agencies[agency].slug if kind == "agency" else city.categories[category].slug)
        found.times.append(at)
    return found
