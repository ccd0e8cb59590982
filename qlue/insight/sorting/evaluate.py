"""A time split: train on the older part, predict the newer."""

from collections.abc import Sequence
from math import isnan

from qlue.insight.records.errors import UserError
from qlue.insight.sorting.classifier import TextWithFacts
from qlue.insight.sorting.fit import fit_and_predict
from qlue.insight.sorting.metrics import auto_figures, predict_labelled, prediction_figures

TESTED = 0.2  # of the rows, the newest
LEAST_ROWS = 50


def evaluate_time_split(texts: Sequence[TextWithFacts], labels: Sequence[str]) -> dict[str, float | None]:
    """`accuracy macro_f1 top3 ece auto_share_at_95 auto_precision n_train n_test` for rows in the order of time."""
    if len(texts) < LEAST_ROWS:
        raise UserError(f"{len(texts)} usable rows are too few; {LEAST_ROWS} at least")
    cut = int(len(texts) * (1 - TESTED))
    if len(set(labels[:cut])) < 2:
        raise UserError("the older rows all have the same label; there is nothing to tell apart")
    classifier, held_out = fit_and_predict(texts[:cut], labels[:cut])
    later = predict_labelled(classifier, texts[cut:], labels[cut:])
    return rounded_figures(prediction_figures(later) | auto_figures(held_out, later)) | {
        "n_train": cut,
        "n_test": len(texts) - cut,
    }


def rounded_figures(figures: dict[str, float]) -> dict[str, float | None]:
    """Rounded for people, what has no value as None; without `surprise`, which only compares two models."""
    return {name: None if isnan(value) else round(value, 4) for name, value in figures.items() if name != "surprise"}
