"""Each night: learn again from corrected history, and keep the better one."""

from bisect import bisect_right
from math import isnan

from qlue.cities.facts import CityFacts
from qlue.insight.contest import settled
from qlue.insight.mistakes import Mistake
from qlue.insight.models import TrainedModel
from qlue.insight.serving import HINTS, Served, serving
from qlue.insight.sorting.history import History, corrected, history
from qlue.insight.sorting.learn import fit_and_ask
from qlue.insight.sorting.measures import asked, auto, figures, thresholds

NEW = 200  # reports since the champion was trained, or older ones corrected since: with fewer there is little to learn
TESTED = 0.25  # of the new ones, the newest, decide between the two
LEAST_TESTED = 50  # with fewer that are newer than both, nothing can be decided


def retrain(city: CityFacts, kind: str) -> TrainedModel | None:
    """One contest for `category` or `agency`; None where there is too little new history, or nothing to tell apart.

    The test is newer than anything that either model was trained on.
    """
    champion, past = serving(city, kind), history(city, kind)
    fresh = len(past.times) - _seen(champion, past)
    if fresh < LEAST_TESTED or fresh + _corrected(city, kind, champion) < NEW:
        return None
    cut = len(past.times) - max(int(fresh * TESTED), LEAST_TESTED)
    try:
        challenger, held_out = fit_and_ask(past.texts[:cut], past.labels[:cut], HINTS[kind](city))
    except Mistake:
        return None
    texts, labels, limits = past.texts[cut:], past.labels[cut:], thresholds(held_out)
    later = asked(challenger, texts, labels)
    ours = figures(later)
    theirs = figures(asked(champion.sorter, texts, labels)) if champion.sorter else None
    return settled(
        city,
        kind,
        challenger.arrays(),
        wins=theirs is None or champion.broken or better(ours, theirs),
        scores=rounded(ours | auto(held_out, later)),
        champion=rounded(theirs or {}),
        until=past.times[cut - 1],
        sizes=(cut, len(texts)),
        thresholds=limits,
    )


def _seen(champion: Served, past: History) -> int:
    if champion.row is None or champion.broken:
        return 0
    return bisect_right(past.times, champion.row.trained_until)


def _corrected(city: CityFacts, kind: str, champion: Served) -> int:
    if champion.row is None or champion.broken:
        return 0
    return corrected(city, kind, champion.row.made_at, champion.row.trained_until)


def better(ours: dict[str, float], theirs: dict[str, float]) -> bool:
    """More often right; or as often, and less surprised by the truth."""
    return (ours["accuracy"], -ours["surprise"]) > (theirs["accuracy"], -theirs["surprise"])


def rounded(found: dict[str, float]) -> dict[str, float]:
    """For the table of models; without what has no value, such as the precision of no guess."""
    return {name: round(value, 4) for name, value in found.items() if not isnan(value)}
