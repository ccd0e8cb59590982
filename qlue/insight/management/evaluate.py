"""`qlue insight evaluate`: how well sorting works on a CSV, by a time split, or how well a stored model does."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from qlue.insight.records.errors import UserError
from qlue.insight.registry.artefacts import unpack_arrays
from qlue.insight.sorting.classifier import Classifier, classifier_from_arrays
from qlue.insight.sorting.csv_table import LabelledTexts, read_labelled_texts
from qlue.insight.sorting.evaluate import LEAST_ROWS, evaluate_time_split, rounded_figures
from qlue.insight.sorting.metrics import predict_labelled, prediction_figures

HELP = "measure sorting on a CSV of complaints: learn from the older rows, ask about the newest fifth"


def add_arguments(parser: ArgumentParser) -> None:
    """The table's columns, and a model to ask instead of learning one."""
    add_table_arguments(parser)
    parser.add_argument("--model", type=Path, metavar="FILE", help="ask this model (of train --out) about every row")


def add_table_arguments(parser: ArgumentParser) -> None:
    """Where the complaints are."""
    parser.add_argument("--csv", type=Path, required=True, metavar="FILE", help="UTF-8, with a header")
    parser.add_argument("--text", required=True, metavar="C", help="the column of words")
    parser.add_argument("--label", required=True, metavar="C", help="the column of the category or agency")
    parser.add_argument("--time", required=True, metavar="C", help="the column of time: ISO 8601 or day/month/year")


def read_table(options: dict[str, Any]) -> LabelledTexts:
    """The rows that the options name."""
    return read_labelled_texts(options["csv"], options["text"], options["label"], options["time"])


def run(options: dict[str, Any]) -> dict[str, float | None]:
    """`accuracy macro_f1 top3 ece auto_share_at_95 auto_precision n_train n_test n_skipped`."""
    table = read_table(options)
    texts = [(text, ()) for text in table.texts]
    if options["model"] is None:
        return evaluate_time_split(texts, table.labels) | {"n_skipped": table.skipped}
    if len(texts) < LEAST_ROWS:
        raise UserError(f"{len(texts)} usable rows are too few; {LEAST_ROWS} at least")
    predictions = predict_labelled(classifier_from_file(options["model"]), texts, table.labels)
    counts = {"n_train": 0, "n_test": len(texts), "n_skipped": table.skipped}
    return rounded_figures(prediction_figures(predictions)) | counts


def classifier_from_file(path: Path) -> Classifier:
    """The model in a file; it is read as numbers only, so that a file from elsewhere can do no harm."""
    try:
        return classifier_from_arrays(unpack_arrays(path.read_bytes()))
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError) as error:
        raise UserError(f"{path.name} is no model that we can read: {error}") from None
