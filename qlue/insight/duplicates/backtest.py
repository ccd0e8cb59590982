"""How well repeats are found, measured on reports that an agency itself marked as repeats."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qlue.insight.duplicates.learn import examples, fit
from qlue.insight.duplicates.pairs import Floats, Ints, Reports, by_order, of_all
from qlue.insight.duplicates.score import best_of, scored
from qlue.insight.mistakes import Mistake

TRAINED = 0.75  # of the reports, the oldest; the rest is the future
COLUMNS = (
    "Creation_Date", "Completion_Date", "Status", "Service_Request_Number", "Latitude", "Longitude",
    "What_is_the_Nature_of_this_Code_Violation", "Street_Address",
)  # fmt: skip


def measured(frame_path: Path | str) -> dict[str, float]:
    """Average precision of trees that learn from the first three quarters of Chicago's reports, on the rest.

    `duplicates_ap`: what came before on the same day is known by the request numbers, which rise with the days.
    `duplicates_ap_days_only`: all others of the same day may have come before. `duplicates_ap_earlier_days`: none
    of them did: repeats within a day, half of all, cannot be found. `duplicates_ap_rule`: the first, by the rule
    that a young city starts with.
    """
    reports, repeated, known_at = chicago(frame_path)
    split = reports.at[int(len(reports) * TRAINED)]
    train, test = (reports.at < split) & (known_at < split), reports.at >= split
    told = {"duplicates_n_train": float(train.sum()), "duplicates_n_test": float(test.sum())}
    for key, earlier in WAYS.items():
        before = partial(earlier, reports.at)
        past, future = of_all(reports, train, before), of_all(reports, test, before)
        trees = fit(*examples(past, repeated))
        if trees is None:
            raise Mistake("too few repeats to learn from")
        best = best_of(future, scored(future, trees), len(reports))
        told[key] = average_precision(repeated[test], best[test])
        if key == "duplicates_ap":
            by_rule = best_of(future, scored(future, None), len(reports))
            told["duplicates_ap_rule"] = average_precision(repeated[test], by_rule[test])
    return told


WAYS: dict[str, Callable[[Floats, Ints, Ints], NDArray[np.bool_]]] = {
    "duplicates_ap": lambda at, newer, older: by_order(newer, older),
    "duplicates_ap_days_only": lambda at, newer, older: (at[older] <= at[newer]) & (older != newer),
    "duplicates_ap_earlier_days": lambda at, newer, older: at[older] < at[newer],
}


def average_precision(truth: NDArray[np.bool_], scores: Floats) -> float:
    """Area under precision over recall, as scikit-learn defines it."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(truth, scores))


def chicago(frame_path: Path | str) -> tuple[Reports, NDArray[np.bool_], Floats]:
    """The reports in the order of their numbers, whether the agency marked each as a repeat, and when it knew.

    Days are all that is known of time: what was closed on a day still counts as open on that day, for one cannot know
    what came first. A number that stands twice in the file is one report.
    """
    from pyarrow import parquet

    table = parquet.read_table(frame_path, columns=list(COLUMNS))
    for name in ("Latitude", "Longitude", "Creation_Date"):
        table = table.filter(table[name].is_valid())
    number, created = _texts(table, "Service_Request_Number"), _days(table, "Creation_Date")
    _numbers, once = np.unique(number, return_index=True)
    order = once[np.lexsort((number[once], created[once]))]
    start, closed = created[order[0]], _days(table, "Completion_Date")[order]
    nature, street = (_texts(table, name)[order] for name in COLUMNS[-2:])
    reports = Reports(
        lon=table["Longitude"].to_numpy()[order].astype(float),
        lat=table["Latitude"].to_numpy()[order].astype(float),
        at=created[order] - start,
        end=np.where(np.isnan(closed), np.inf, closed - start),
        category=np.unique(nature, return_inverse=True)[1].astype(np.int64),
        agency=np.zeros(len(order), dtype=np.int64),
        words=[f"{kind} {place}" for kind, place in zip(nature, street, strict=True)],
        looks=[()] * len(order),
    )
    repeated = np.array(["Dup" in status for status in _texts(table, "Status")[order]])
    return reports, repeated, reports.end


def _texts(table: Any, name: str) -> NDArray[np.str_]:
    return np.array([text or "" for text in table[name].to_pylist()])


def _days(table: Any, name: str) -> Floats:
    """Since 1970, NaN where there is none."""
    at = table[name].to_numpy().astype("datetime64[s]")
    return np.where(np.isnat(at), np.nan, at.astype(np.int64) / 86_400)
