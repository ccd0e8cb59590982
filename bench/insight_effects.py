"""Effects planted into real weekly counts, and what the estimator says of them."""

import numpy as np

from qlue.insight.hotspots.grid import Floats
from qlue.insight.policy.effects import AFTER, BEFORE, EffectEstimate, NotMeasurable, measure_effect, pool_estimates
from qlue.insight.policy.ranking import MILLION, OptionValue, rank_options

ROUNDS = 400
FALLS = (0.0, 0.15, 0.3, 0.5)
AREAS_AT_ONCE = 4
KINDS = {"best": 0.40, "fair": 0.20, "weak": 0.10, "nothing": 0.0}
ACTIONS = 4  # past actions of each kind in the log
GAMES = 150


def coverage(counts: Floats, rounds: int = ROUNDS, seed: int = 7) -> tuple[float, float]:
    """(how often the interval holds the planted effect, mean of estimate minus truth); counts are areas x weeks."""
    dice = np.random.default_rng(seed)
    is_covered, errors = [], []
    for n in range(rounds):
        fall = FALLS[n % len(FALLS)]
        estimate = _planted_estimate(counts, fall, dice)
        if estimate is None:
            continue
        effect = estimate.effect()
        is_covered.append(effect.low <= -fall <= effect.high)
        errors.append(effect.mean + fall)
    return float(np.mean(is_covered)), float(np.mean(errors))


def _planted_estimate(counts: Floats, fall: float, dice: np.random.Generator) -> EffectEstimate | None:
    """One action in random areas in a random week: a share of the later reports is taken away."""
    start = int(dice.integers(BEFORE, counts.shape[1] - AFTER))
    busy = np.flatnonzero(counts[:, start - BEFORE : start].sum(axis=1) > BEFORE)
    if len(busy) < AREAS_AT_ONCE:
        return None
    treatment = dice.choice(busy, AREAS_AT_ONCE, replace=False)
    after = counts[:, start : start + AFTER].copy()
    after[treatment] = dice.binomial(after[treatment].astype(int), 1 - fall)
    try:
        return measure_effect(counts[:, start - BEFORE : start], after, treatment.tolist())
    except NotMeasurable:
        return None


def best_first(counts: Floats, games: int = GAMES, seed: int = 11) -> float:
    """How often the kind of action with the largest planted effect is ranked first, at equal need and cost."""
    dice = np.random.default_rng(seed)
    return float(np.mean([_first_kind(counts, dice) == "best" for _ in range(games)]))


def _first_kind(counts: Floats, dice: np.random.Generator) -> str:
    options = []
    for kind, fall in KINDS.items():
        estimates = [_planted_estimate(counts, fall, dice) for _ in range(ACTIONS)]
        measured = [estimate for estimate in estimates if estimate]
        options.append(OptionValue(kind, 100.0, 10.0 * MILLION, pool_estimates(measured) if measured else None))
    return rank_options(options)[0].key
