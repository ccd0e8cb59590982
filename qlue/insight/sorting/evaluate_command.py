"""`qlue insight evaluate`: how well sorting works on a CSV, always by a time split, or how well a kept model does."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from qlue.insight.artefact import unpacked
from qlue.insight.mistakes import Mistake
from qlue.insight.sorting.evaluate import LEAST, evaluate, told
from qlue.insight.sorting.measures import asked, figures
from qlue.insight.sorting.sorter import Sorter, from_arrays
from qlue.insight.sorting.table import Table, read

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


def table_of(options: dict[str, Any]) -> Table:
    """The rows that the options name."""
    return read(options["csv"], options["text"], options["label"], options["time"])


def run(options: dict[str, Any]) -> dict[str, Any]:
    """`accuracy macro_f1 top3 ece auto_share_at_95 auto_precision n_train n_test n_skipped`."""
    table = table_of(options)
    texts = [(text, ()) for text in table.texts]
    if options["model"] is None:
        return evaluate(texts, table.labels) | {"n_skipped": table.skipped}
    if len(texts) < LEAST:
        raise Mistake(f"{len(texts)} usable rows are too few; {LEAST} at least")
    answers = asked(kept_sorter(options["model"]), texts, table.labels)
    return told(figures(answers)) | {"n_train": 0, "n_test": len(texts), "n_skipped": table.skipped}


def kept_sorter(path: Path) -> Sorter:
    """The model in a file; it is read as numbers only, so that a foreign one can do no harm."""
    try:
        return from_arrays(unpacked(path.read_bytes()))
    except OSError as error:
        raise Mistake(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError) as error:
        raise Mistake(f"{path.name} is no model that we can read: {error}") from None
