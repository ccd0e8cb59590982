"""Each night: a challenger is trained on corrected history, and serves if it does better than the champion."""

from bisect import bisect_right
from collections.abc import Sequence
from math import isnan

from qlue.cities.facts import CityFacts
from qlue.insight.models import TrainedModel
from qlue.insight.records.errors import UserError
from qlue.insight.registry.lookup import SEEDS, ServedModel, served_model
from qlue.insight.registry.results import save_training_result
from qlue.insight.sorting.classifier import TextWithFacts
from qlue.insight.sorting.fit import fit_and_predict
from qlue.insight.sorting.metrics import auto_figures, label_thresholds, predict_labelled, prediction_figures
from qlue.insight.sorting.training_set import TrainingSet, count_corrected, training_set

# Reports since the champion was trained, or older ones corrected since: with fewer there is little to learn.
NEW_REPORTS = 200
TESTED = 0.25  # of the new ones, the newest, decide between the two
LEAST_TESTED = 50  # with fewer that are newer than both, nothing can be decided


def retrain_sorting(city: CityFacts, kind: str) -> TrainedModel | None:
    """The result for `category` or `agency`; None where there is too little new history, or nothing to tell apart.

    The test is newer than anything that either model was trained on.
    """
    champion, training = served_model(city, kind), training_set(city, kind)
    new = len(training.times) - _seen_reports(champion, training)
    if new < LEAST_TESTED or new + _corrected_reports(city, kind, champion) < NEW_REPORTS:
        return None
    cut = len(training.times) - max(int(new * TESTED), LEAST_TESTED)
    try:
        challenger, held_out = fit_and_predict(training.texts[:cut], training.labels[:cut], SEEDS[kind](city))
    except UserError:  # one label only
        return None
    texts, labels, thresholds = training.texts[cut:], training.labels[cut:], label_thresholds(held_out)
    predictions = predict_labelled(challenger, texts, labels)
    challenger_figures = prediction_figures(predictions)
    champion_figures = _champion_figures(champion, texts, labels)
    return save_training_result(
        city,
        kind,
        challenger.arrays(),
        is_better=champion_figures is None or champion.broken or is_better(challenger_figures, champion_figures),
        scores=rounded_scores(challenger_figures | auto_figures(held_out, predictions)),
        champion=rounded_scores(champion_figures or {}),
        until=training.times[cut - 1],
        sizes=(cut, len(texts)),
        thresholds=thresholds,
    )


def _champion_figures(
    champion: ServedModel, texts: Sequence[TextWithFacts], labels: Sequence[str]
) -> dict[str, float] | None:
    if champion.classifier is None:
        return None
    return prediction_figures(predict_labelled(champion.classifier, texts, labels))


def _seen_reports(champion: ServedModel, training: TrainingSet) -> int:
    """How many of the oldest reports the champion was trained on; none for one that was not trained here."""
    if champion.row is None or champion.broken:
        return 0
    return bisect_right(training.times, champion.row.trained_until)


def _corrected_reports(city: CityFacts, kind: str, champion: ServedModel) -> int:
    if champion.row is None or champion.broken:
        return 0
    return count_corrected(city, kind, champion.row.made_at, champion.row.trained_until)


def is_better(challenger: dict[str, float], champion: dict[str, float]) -> bool:
    """More often right; or as often, with more confidence in the truth."""
    return (challenger["accuracy"], -challenger["surprise"]) > (champion["accuracy"], -champion["surprise"])


def rounded_scores(figures: dict[str, float]) -> dict[str, float]:
    """For the table of models; without what has no value, such as the precision of no guess."""
    return {name: round(value, 4) for name, value in figures.items() if not isnan(value)}
