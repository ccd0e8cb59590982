"""What the classifier is trained on: reports that an agency took on, as they stand after every correction."""

from dataclasses import dataclass
from datetime import datetime

from qlue.cities.facts import CityFacts
from qlue.insight.sorting.classifier import TextWithFacts
from qlue.insight.sorting.cold_start import known_facts
from qlue.kit.db import fetch_all, fetch_value
from qlue.reports.records import REPORTS
from qlue.reports.states import ReportStatus
from qlue.timeline.records import EVENTS

MOST = 20_000  # reports, the newest
MACHINES = ("camera", "sensor")  # channels whose words are our own
TAKEN_ON = (
    ReportStatus.ACCEPTED,
    ReportStatus.IN_PROGRESS,
    ReportStatus.ON_HOLD,
    ReportStatus.REOPENED,
    ReportStatus.RESOLVED,
    ReportStatus.CONFIRMED,
)

# Private reports are left out: a model remembers words, and its suggestions are public.
LABELLED = f"""
SELECT words, category_id, agency_id, area_id, created_at FROM {REPORTS} AS report
WHERE city_id = %(city)s AND NOT private AND NOT staff_made AND status = ANY(%(states)s) AND agency_id IS NOT NULL
    AND channel <> ALL(%(machines)s)
ORDER BY created_at DESC, id DESC LIMIT %(most)s
"""
# Reports that people have rerouted or recategorised since a model was made, of those that it was trained on.
CORRECTED = f"""
SELECT count(DISTINCT r.id) FROM {EVENTS} AS h
JOIN {REPORTS} AS r ON r.city_id = h.city_id AND r.id = h.report_id AND NOT r.private
WHERE h.city_id = %(city)s AND h.kind = ANY(%(kinds)s) AND h.actor_id IS NOT NULL AND h.at > %(since)s
    AND r.created_at <= %(until)s AND h.data->'was'->>%(fact)s IS DISTINCT FROM h.data->'now'->>%(fact)s
"""
CORRECTIONS = ("report.rerouted", "report.recategorised")


@dataclass(frozen=True)
class TrainingSet:
    """Reports in the order of time, with their final label."""

    texts: list[TextWithFacts]
    labels: list[str]
    times: list[datetime]


def training_set(city: CityFacts, kind: str) -> TrainingSet:
    """`kind` is `category` or `agency`; the connection is in the city's scope."""
    parameters = {"city": city.id, "states": list(TAKEN_ON), "machines": list(MACHINES), "most": MOST}
    training = TrainingSet([], [], [])
    for description, category, agency, area, at in reversed(fetch_all(LABELLED, parameters)):
        training.texts.append((description, known_facts(city, category, area) if kind == "agency" else ()))
        training.labels.append(city.agencies[agency].slug if kind == "agency" else city.categories[category].slug)
        training.times.append(at)
    return training


def count_corrected(city: CityFacts, kind: str, since: datetime, until: datetime) -> int:
    """Reports from before `until` whose category or agency people have corrected after `since`."""
    parameters = {"city": city.id, "kinds": list(CORRECTIONS), "fact": kind, "since": since, "until": until}
    return int(fetch_value(CORRECTED, parameters))
