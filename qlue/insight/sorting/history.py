"""What a city's own history teaches: reports that an agency took on, as they stand after every correction."""

from dataclasses import dataclass
from datetime import datetime

from qlue.cities.facts import CityFacts
from qlue.insight.sorting.cold import beside_of
from qlue.insight.sorting.sorter import Text
from qlue.kit.db import fetch_all, fetch_value

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


# What people have corrected since a model was made, of what it could have learnt: by hand-over or by category.
CORRECTED = """
SELECT count(DISTINCT r.id) FROM timeline_happening h
JOIN reports_report r ON r.city_id = h.city_id AND r.id = h.report_id AND NOT r.private
WHERE h.city_id = %(city)s AND h.kind = ANY(%(kinds)s) AND h.actor_id IS NOT NULL AND h.at > %(since)s
    AND r.created_at <= %(until)s AND h.data->'was'->>%(fact)s IS DISTINCT FROM h.data->'now'->>%(fact)s
"""
CORRECTING = ("report.rerouted", "report.recategorised")


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
    for words, category, agency, area, at in reversed(fetch_all(TAUGHT, given)):
        found.texts.append((words, beside_of(city, category, area) if kind == "agency" else ()))
        found.labels.append(city.agencies[agency].slug if kind == "agency" else city.categories[category].slug)
        found.times.append(at)
    return found


def corrected(city: CityFacts, kind: str, since: datetime, until: datetime) -> int:
    """Reports from before `until` whose category or agency people have corrected after `since`."""
    given = {"city": city.id, "kinds": list(CORRECTING), "fact": kind, "since": since, "until": until}
    return int(fetch_value(CORRECTED, given))
