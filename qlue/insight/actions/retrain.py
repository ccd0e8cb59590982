"""Each night: a challenger is trained for every model of a city, and serves if it is better."""

import logging

from qlue.cities.facts import CityFacts
from qlue.insight.duplicates.retrain import retrain_duplicates
from qlue.insight.models import TrainedModel
from qlue.insight.sorting.retrain import retrain_sorting
from qlue.kit.parts import install_command, installed

log = logging.getLogger(__name__)


def retrain_city(city: CityFacts) -> list[TrainedModel]:
    """The results for all kinds that have enough new history; the connection is in the city's scope."""
    if not installed("insight"):
        log.info("%s: nothing is learnt, the part is not installed: %s", city.slug, install_command("insight"))
        return []
    results = [
        retrain_sorting(city, "category"),
        retrain_sorting(city, "agency"),
        retrain_duplicates(city),
    ]
    for model in filter(None, results):
        log.info("%s: %s %s %s, champion %s", city.slug, model.kind, model.serves, model.scores, model.champion)
    return [model for model in results if model]
