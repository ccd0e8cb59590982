"""The night's verb: every model of a city is contested."""

import logging

from qlue.cities.facts import CityFacts
from qlue.insight.duplicates import nightly as duplicates
from qlue.insight.models import TrainedModel
from qlue.insight.sorting import nightly as sorting
from qlue.kit.parts import install_command, installed

log = logging.getLogger(__name__)


def retrain_city(city: CityFacts) -> list[TrainedModel]:
    """All contests of a city that have enough new history; the connection is in its scope."""
    if not installed("insight"):
        log.info("%s: nothing is learnt, the part is not installed: %s", city.slug, install_command("insight"))
        return []
    made = [sorting.retrain(city, "category"), sorting.retrain(city, "agency"), duplicates.retrain(city)]
    for model in filter(None, made):
        log.info("%s: %s %s %s, champion %s", city.slug, model.kind, model.serves, model.scores, model.champion)
    return [model for model in made if model]
