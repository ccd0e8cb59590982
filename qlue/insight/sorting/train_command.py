"""`qlue insight train`: a sorter from a CSV, measured on its newest fifth, then learnt from all of it and kept."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from qlue.insight.artefact import packed
from qlue.insight.mistakes import Mistake
from qlue.insight.sorting import evaluate_command
from qlue.insight.sorting.evaluate import evaluate
from qlue.insight.sorting.learn import fit

HELP = "learn to sort from a CSV of complaints; --out keeps the model"


def add_arguments(parser: ArgumentParser) -> None:
    """The table's columns, and where the model goes."""
    evaluate_command.add_table_arguments(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the model is kept (.npz, plain arrays)")


def run(options: dict[str, Any]) -> dict[str, Any]:
    """The figures of `evaluate`, `model` and `bytes`."""
    table = evaluate_command.table_of(options)
    texts = [(text, ()) for text in table.texts]
    found = evaluate(texts, table.labels) | {"n_skipped": table.skipped}
    if not options["out"]:
        return found
    data = packed(fit(texts, table.labels).arrays())
    try:
        options["out"].write_bytes(data)
    except OSError as error:
        raise Mistake(f"{options['out']}: {error.strerror}") from None
    return found | {"model": str(options["out"]), "bytes": len(data)}
