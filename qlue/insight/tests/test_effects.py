"""Did it help: planted effects are found, nothing is found where nothing was done, thin data are refused."""

import numpy as np
import pytest

from bench import insight_effects as planted
from qlue.insight.policy.coverage import best_sites
from qlue.insight.policy.effects import InterventionEffect, NotMeasurable, measure_effect, pool_estimates
from qlue.insight.policy.ranking import MILLION, OptionValue, rank_options


def weeks(areas=30, n=104, level=10.0, seed=5):
    """Counts per area and week, with a common season and areas of their own size."""
    dice = np.random.default_rng(seed)
    season = 1 + 0.3 * np.sin(np.arange(n) / 8)
    return dice.poisson(level * dice.gamma(4, 0.25, areas)[:, None] * season).astype(float)


def test_a_planted_fall_is_found_in_spite_of_the_season():
    counts = weeks()
    after = counts[:, 60:68].copy()
    after[:3] *= 0.6
    effect = measure_effect(counts[:, 48:60], after, [0, 1, 2]).effect()
    assert effect.low < -0.4 < effect.high < 0
    assert effect.mean == pytest.approx(-0.4, abs=0.15)


def test_the_interval_holds_what_was_planted_about_as_often_as_it_says():
    held, bias = planted.coverage(weeks(), rounds=240)
    assert 0.84 <= held <= 0.97
    assert abs(bias) < 0.03


def test_the_best_planted_kind_of_action_is_ranked_first():
    assert planted.best_first(weeks(level=20.0), games=30) > 0.9


@pytest.mark.parametrize("counts", [np.zeros((10, 20)), np.ones((3, 20)), np.zeros((0, 20))])
def test_too_little_to_measure_is_refused(counts):
    with pytest.raises(NotMeasurable):
        measure_effect(counts[:, :12], counts[:, 12:], [0] if len(counts) else [])


def test_several_measurements_are_surer_than_one():
    counts = weeks()
    one = measure_effect(counts[:, 48:60], counts[:, 60:68], [0, 1])
    other = measure_effect(counts[:, 48:60], counts[:, 60:68], [2, 3])
    both = pool_estimates([one, other])
    assert both.n == 2
    assert both.high - both.low < one.effect().high - one.effect().low


def test_evidence_comes_before_hope_and_cheap_before_dear():
    sure, vague = InterventionEffect(-0.3, -0.4, -0.2), InterventionEffect(-0.3, -0.9, 1.0)
    options = [
        OptionValue("pilot", 500, 1 * MILLION, None),
        OptionValue("dear", 100, 50 * MILLION, sure),
        OptionValue("cheap", 100, 5 * MILLION, sure),
        OptionValue("vague", 100, 5 * MILLION, vague),
        OptionValue("harmful", 100, 1 * MILLION, InterventionEffect(0.2, 0.1, 0.3)),
        OptionValue("cost unknown", 100, None, sure),
    ]
    order = [one.key for one in rank_options(options)]
    assert order == ["cheap", "dear", "cost unknown", "pilot", "harmful", "vague"] or order[:4] == [
        "cheap", "dear", "cost unknown", "pilot",
    ]  # fmt: skip


def test_sites_are_the_best_pair_of_all_pairs():
    dice = np.random.default_rng(4)
    demand, weight = dice.random((60, 2)) * 0.05, dice.random(60)
    sites = dice.random((12, 2)) * 0.05
    found = best_sites(demand, weight, sites, np.zeros((0, 2)), 1_000.0, 2)
    pairs = [[a, b] for a in range(12) for b in range(a)]
    from qlue.insight.policy.coverage import distances_m

    near = distances_m(demand, sites) <= 1_000.0
    best = max(weight[near[:, pair].any(axis=1)].sum() for pair in pairs)
    assert found.proven
    assert found.after * weight.sum() >= best * 0.99


def test_what_is_covered_already_asks_for_no_site():
    demand = np.array([[0.0, 0.0], [0.05, 0.0]])
    found = best_sites(demand, np.array([10.0, 1.0]), demand, demand[:1], 500.0, 1)
    assert found.chosen == [1]
    assert found.before == pytest.approx(10 / 11)
