"""`qlue insight train`: a classifier from a CSV, measured on its newest fifth, then trained on all of it and stored."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from qlue.insight.management.evaluate import add_table_arguments, read_table
from qlue.insight.records.errors import UserError
from qlue.insight.registry.artefacts import pack_arrays
from qlue.insight.sorting.evaluate import evaluate_time_split
from qlue.insight.sorting.fit import fit_classifier

HELP = "learn to sort from a CSV of complaints; --out keeps the model"


def add_arguments(parser: ArgumentParser) -> None:
    """The table's columns, and where the model goes."""
    add_table_arguments(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the model is kept (.npz, plain arrays)")


def run(options: dict[str, Any]) -> dict[str, object]:
    """The figures of `evaluate`, `model` and `bytes`."""
    table = read_table(options)
    texts = [(text, ()) for text in table.texts]
    output: dict[str, object] = {**evaluate_time_split(texts, table.labels), "n_skipped": table.skipped}
    if not options["out"]:
        return output
    data = pack_arrays(fit_classifier(texts, table.labels).arrays())
    try:
        options["out"].write_bytes(data)
    except OSError as error:
        raise UserError(f"{options['out']}: {error.strerror}") from None
    return output | {"model": str(options["out"]), "bytes": len(data)}
