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
    import pandas as pd

    frame: Any = pd.read_parquet(frame_path, columns=list(COLUMNS))
    frame = frame.dropna(subset=["Latitude", "Longitude", "Creation_Date"])
    frame = frame.drop_duplicates("Service_Request_Number").sort_values(["Creation_Date", "Service_Request_Number"])
    start, day = frame["Creation_Date"].min(), pd.Timedelta(days=1)
    at = ((frame["Creation_Date"] - start) / day).to_numpy(float)
    closed = ((frame["Completion_Date"] - start) / day).to_numpy(float)
    nature = frame["What_is_the_Nature_of_this_Code_Violation"].fillna("")
    reports = Reports(
        lon=frame["Longitude"].to_numpy(float),
        lat=frame["Latitude"].to_numpy(float),
        at=at,
        end=np.where(np.isnan(closed), np.inf, closed),
        category=nature.astype("category").cat.codes.to_numpy(np.int64),
        agency=np.zeros(len(frame), dtype=np.int64),
        words=(nature + " " + frame["Street_Address"].fillna("")).tolist(),
        looks=[()] * len(frame),
    )
    repeated = frame["Status"].str.contains("Dup").fillna(False).to_numpy(bool)
    return reports, repeated, reports.end
