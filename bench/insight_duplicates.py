"""How well repeats are found, measured on reports that an agency itself marked as repeats."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qlue.insight.duplicates.fit import examples_of_marked, fit_trees
from qlue.insight.duplicates.pairs import Floats, Ints, ReportArrays, is_before, pairs_of_all
from qlue.insight.duplicates.score import average_precision, best_scores, pair_scores
from qlue.insight.records.errors import UserError

TRAINING_SHARE = 0.75  # of the reports, the oldest; the rest is the future
COLUMNS = (
    "Creation_Date",
    "Completion_Date",
    "Status",
    "Service_Request_Number",
    "Latitude",
    "Longitude",
    "What_is_the_Nature_of_this_Code_Violation",
    "Street_Address",
)


def duplicate_figures(frame_path: Path | str) -> dict[str, float]:
    """Average precision of trees that learn from the first three quarters of Chicago's reports, on the rest.

    `duplicates_ap`: what came before on the same day is known by the request numbers, which rise with the days.
    `duplicates_ap_days_only`: all others of the same day may have come before. `duplicates_ap_earlier_days`: none
    of them did: repeats within a day, half of all, cannot be found. `duplicates_ap_rule`: the first, by the rule
    that a young city starts with.
    """
    reports, is_repeat, known_at = chicago(frame_path)
    split = reports.at[int(len(reports) * TRAINING_SHARE)]
    train, test = (reports.at < split) & (known_at < split), reports.at >= split
    figures = {"duplicates_n_train": float(train.sum()), "duplicates_n_test": float(test.sum())}
    for key, earlier in EARLIER_RULES.items():
        before = partial(earlier, reports.at)
        training_pairs, test_pairs = pairs_of_all(reports, train, before), pairs_of_all(reports, test, before)
        trees = fit_trees(*examples_of_marked(training_pairs, is_repeat))
        if trees is None:
            raise UserError("too few repeats to learn from")
        best = best_scores(test_pairs, pair_scores(test_pairs, trees), len(reports))
        figures[key] = average_precision(is_repeat[test], best[test])
        if key == "duplicates_ap":
            by_rule = best_scores(test_pairs, pair_scores(test_pairs, None), len(reports))
            figures["duplicates_ap_rule"] = average_precision(is_repeat[test], by_rule[test])
    return figures


EARLIER_RULES: dict[str, Callable[[Floats, Ints, Ints], NDArray[np.bool_]]] = {
    "duplicates_ap": lambda at, newer, older: is_before(newer, older),
    "duplicates_ap_days_only": lambda at, newer, older: (at[older] <= at[newer]) & (older != newer),
    "duplicates_ap_earlier_days": lambda at, newer, older: at[older] < at[newer],
}


def chicago(frame_path: Path | str) -> tuple[ReportArrays, NDArray[np.bool_], Floats]:
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
    reports = ReportArrays(
        lon=table["Longitude"].to_numpy()[order].astype(float),
        lat=table["Latitude"].to_numpy()[order].astype(float),
        at=created[order] - start,
        end=np.where(np.isnan(closed), np.inf, closed - start),
        category=np.unique(nature, return_inverse=True)[1].astype(np.int64),
        agency=np.zeros(len(order), dtype=np.int64),
        texts=[f"{kind} {place}" for kind, place in zip(nature, street, strict=True)],
        picture_hashes=[()] * len(order),
    )
    is_repeat = np.array(["Dup" in status for status in _texts(table, "Status")[order]])
    return reports, is_repeat, reports.end


def _texts(table: Any, name: str) -> NDArray[np.str_]:
    return np.array([text or "" for text in table[name].to_pylist()])


def _days(table: Any, name: str) -> Floats:
    """Since 1970, NaN where there is none."""
    at = table[name].to_numpy().astype("datetime64[s]")
    return np.where(np.isnat(at), np.nan, at.astype(np.int64) / 86_400)
