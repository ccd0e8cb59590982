"""A time split: learn from the older part, ask about the newer."""

from collections.abc import Sequence
from math import isnan
from typing import Any

from qlue.insight.mistakes import Mistake
from qlue.insight.sorting.learn import fit_and_ask
from qlue.insight.sorting.measures import asked, auto, figures
from qlue.insight.sorting.sorter import Text

TESTED = 0.2  # of the rows, the newest
LEAST = 50


def evaluate(texts: Sequence[Text], labels: Sequence[str]) -> dict[str, Any]:
    """`accuracy macro_f1 top3 ece auto_share_at_95 auto_precision n_train n_test` for rows in the order of time."""
    if len(texts) < LEAST:
        raise Mistake(f"{len(texts)} usable rows are too few; {LEAST} at least")
    cut = int(len(texts) * (1 - TESTED))
    if len(set(labels[:cut])) < 2:
        raise Mistake("the older rows all have the same label; there is nothing to tell apart")
    sorter, held_out = fit_and_ask(texts[:cut], labels[:cut])
    later = asked(sorter, texts[cut:], labels[cut:])
    return told(figures(later) | auto(held_out, later)) | {"n_train": cut, "n_test": len(texts) - cut}


def told(found: dict[str, float]) -> dict[str, Any]:
    """Rounded for people, what has no value as None."""
    return {name: None if isnan(value) else round(value, 4) for name, value in found.items() if name != "surprise"}
