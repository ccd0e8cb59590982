"""Models trained on the demo's ninety days, and neighbours who report the same problem again."""

from random import Random
from uuid import UUID

from qlue.cities.facts import CityFacts
from qlue.demo.phrases import random_complaint, random_landmark
from qlue.insight.actions.retrain import retrain_city
from qlue.insight.models import TrainedModel
from qlue.insight.records.hints import HINTS
from qlue.kit.db import fetch_all
from qlue.people.models import Membership, Role
from qlue.reports.actions import ActionRefused, Actor, Submission, submit, transition
from qlue.reports.records import REPORTS
from qlue.reports.states import ReportStatus

REPEAT_EVERY, MERGE_EVERY = 25, 60  # ticks

OPEN_REPORT = f"""
SELECT id, category_id, lon, lat FROM {REPORTS} AS report
WHERE city_id = %s AND status IN ('{ReportStatus.ROUTED}', '{ReportStatus.ACCEPTED}') AND NOT private
    AND created_at > now() - interval '3 days'
ORDER BY random() LIMIT 1
"""
REPEATS = f"""
SELECT r.id, h.twin_id, r.agency_id FROM {HINTS} AS h
JOIN {REPORTS} AS r ON r.city_id = h.city_id AND r.id = h.report_id
WHERE h.city_id = %s AND h.twin_sure > 0.5 AND r.status IN ('{ReportStatus.ROUTED}', '{ReportStatus.ACCEPTED}')
ORDER BY h.twin_sure DESC LIMIT 1
"""


def seed_sorting(city: CityFacts) -> None:
    """One night's training, once."""
    if not TrainedModel.objects.filter(city_id=city.id).exists():
        retrain_city(city)


def tick_sorting(city: CityFacts, tick: int) -> None:
    """Now and then somebody repeats a report; now and then a head merges such a pair."""
    if tick % REPEAT_EVERY == 0:
        _repeat_report(city, Random(tick))
    if tick % MERGE_EVERY == 0:
        _merge_repeat(city)


def _repeat_report(city: CityFacts, dice: Random) -> None:
    for _number, category, lon, lat in fetch_all(OPEN_REPORT, [city.id]):
        submission = Submission(
            uuid=UUID(int=dice.getrandbits(128), version=4),
            category_id=category,
            words=random_complaint(city.categories[category].slug, dice),
            lon=lon + dice.gauss(0, 0.00015),  # some 15 metres: the pins of neighbours
            lat=lat + dice.gauss(0, 0.00015),
            landmark=random_landmark(dice),
        )
        submit(city=city, submission=submission)


def _merge_repeat(city: CityFacts) -> None:
    for number, duplicate, agency in fetch_all(REPEATS, [city.id]):
        heads = Membership.objects.filter(city_id=city.id, agency_id=agency, role=Role.HEAD, active=True)
        head = heads.select_related("user").first()
        if head:
            try:
                transition(city=city, report_id=number, verb="merge", actor=Actor(head), into=duplicate)
            except ActionRefused:
                return
