"""Does the method tell the truth? Effects planted into real weekly counts, and what the method says about them."""

import numpy as np

from qlue.insight.hotspots.grid import Floats
from qlue.insight.policy.effects import AFTER, BEFORE, Measured, NotMeasurable, measure, pooled
from qlue.insight.policy.ranking import MILLION, Worth, ranked

ROUNDS = 400
FALLS = (0.0, 0.15, 0.3, 0.5)
AREAS_AT_ONCE = 4
KINDS = {"best": 0.40, "fair": 0.20, "weak": 0.10, "nothing": 0.0}
ACTIONS = 4  # past actions of each kind in the log
GAMES = 150


def coverage(counts: Floats, rounds: int = ROUNDS, seed: int = 7) -> tuple[float, float]:
    """(how often the interval holds the planted effect, mean of estimate minus truth); counts are areas x weeks."""
    dice = np.random.default_rng(seed)
    held, off = [], []
    for at in range(rounds):
        fall = FALLS[at % len(FALLS)]
        found = _act(counts, fall, dice)
        if found is None:
            continue
        effect = found.effect()
        held.append(effect.low <= -fall <= effect.high)
        off.append(effect.mean + fall)
    return float(np.mean(held)), float(np.mean(off))


def _act(counts: Floats, fall: float, dice: np.random.Generator) -> Measured | None:
    """One action in random areas in a random week: a share of the later reports is taken away."""
    start = int(dice.integers(BEFORE, counts.shape[1] - AFTER))
    busy = np.flatnonzero(counts[:, start - BEFORE : start].sum(axis=1) > BEFORE)
    if len(busy) < AREAS_AT_ONCE:
        return None
    treated = dice.choice(busy, AREAS_AT_ONCE, replace=False)
    after = counts[:, start : start + AFTER].copy()
    after[treated] = dice.binomial(after[treated].astype(int), 1 - fall)
    try:
        return measure(counts[:, start - BEFORE : start], after, treated.tolist())
    except NotMeasurable:
        return None


def best_first(counts: Floats, games: int = GAMES, seed: int = 11) -> float:
    """How often the kind of action with the largest planted effect is ranked first, at equal need and cost."""
    dice = np.random.default_rng(seed)
    return float(np.mean([_first(counts, dice) == "best" for _ in range(games)]))


def _first(counts: Floats, dice: np.random.Generator) -> str:
    options = []
    for kind, fall in KINDS.items():
        log = [found for found in (_act(counts, fall, dice) for _ in range(ACTIONS)) if found]
        options.append(Worth(kind, 100.0, 10.0 * MILLION, pooled(log) if log else None))
    return ranked(options)[0].key
