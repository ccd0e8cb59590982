"""Models that the demo city has learnt from its ninety days, and neighbours who report the same thing again."""

from random import Random
from uuid import UUID

from qlue.cities.facts import CityFacts
from qlue.demo.words import complaint, landmark
from qlue.insight.actions.learning import retrain_city
from qlue.insight.models import TrainedModel
from qlue.kit.db import fetch_all
from qlue.people.models import Membership, Role
from qlue.reports.actions import Mover, Refused, Submission, move, submit

AGAIN_EVERY, MERGE_EVERY = 25, 60  # turns

OPEN_ONE = """
SELECT id, category_id, lon, lat FROM reports_report
WHERE city_id = %s AND status IN ('routed', 'accepted') AND NOT private AND created_at > now() - interval '3 days'
ORDER BY random() LIMIT 1
"""
REPEATS = """
SELECT r.id, h.twin_id, r.agency_id FROM insight_hint h
JOIN reports_report r ON r.city_id = h.city_id AND r.id = h.report_id
WHERE h.city_id = %s AND h.twin_sure > 0.5 AND r.status IN ('routed', 'accepted') ORDER BY h.twin_sure DESC LIMIT 1
"""


def seed(city: CityFacts) -> None:
    """One night's learning, once."""
    if not TrainedModel.objects.filter(city_id=city.id).exists():
        retrain_city(city)


def turn(city: CityFacts, tick: int) -> None:
    """Now and then somebody reports what is reported already; now and then a head merges such a pair."""
    if tick % AGAIN_EVERY == 0:
        _again(city, Random(tick))
    if tick % MERGE_EVERY == 0:
        _merge(city)


def _again(city: CityFacts, dice: Random) -> None:
    for _number, category, lon, lat in fetch_all(OPEN_ONE, [city.id]):
        given = Submission(
            uuid=UUID(int=dice.getrandbits(128), version=4),
            category_id=category,
            words=complaint(city.categories[category].slug, dice),
            lon=lon + dice.gauss(0, 0.00015),
            lat=lat + dice.gauss(0, 0.00015),
            landmark=landmark(dice),
        )
        submit(city=city, submission=given)


def _merge(city: CityFacts) -> None:
    for number, twin, agency in fetch_all(REPEATS, [city.id]):
        heads = Membership.objects.filter(city_id=city.id, agency_id=agency, role=Role.HEAD, active=True)
        head = heads.select_related("user").first()
        if head:
            try:
                move(city=city, report_id=number, verb="merge", by=Mover(head), into=twin)
            except Refused:
                return
