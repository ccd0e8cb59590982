"""Who should go: the best plan over all cases, what makes a pair impossible, and how long it takes."""

import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import product
from random import Random

import pytest

from qlue.kit.clock import now
from qlue.kit.geo import distance_m
from qlue.work.dispatch.assignment import (
    CARRIED_MINUTES,
    METRES_A_MINUTE,
    UNSERVED_COST,
    Job,
    Team,
    pair_distances,
    suggest_teams,
)

NOW = now()
HOUR = timedelta(hours=1)


def job(number, lon=119.42, lat=-5.14, category="sampah", hours=48.0):
    return Job(number, lon, lat, category, NOW + hours * HOUR)


def team(number, lon=119.42, lat=-5.14, **given):
    return replace(Team(number, lon, lat, frozenset(), 0, 4, NOW + 8 * HOUR), **given)


def went(found):
    return [one.team.id if one.team else one.obstacle for one in found]


def test_the_nearest_crew_goes():
    near, far = team(1, lon=119.43), team(2, lon=119.50)
    found = suggest_teams([job(1)], [far, near], NOW)
    assert went(found) == [1]
    assert abs(found[0].metres - distance_m(119.42, -5.14, 119.43, -5.14)) < 1


def test_the_plan_is_the_best_for_all_together_not_for_each_in_turn():
    """The first case is nearest to the crew that only the second can have."""
    west, east = team(1, lon=119.40, capacity=1), team(2, lon=119.44, capacity=1)
    both, only_west = job(1, lon=119.41), job(2, lon=119.30)
    assert went(suggest_teams([both, only_west], [west, east], NOW)) == [2, 1]


def cost(jobs, teams, plan):
    """Of a crew's index or None for each job, all of them with much time."""
    metres = pair_distances(jobs, teams)
    load: Counter[int] = Counter()
    total = 0
    for row, at in enumerate(plan):
        total += UNSERVED_COST if at is None else round(metres[row, at] / METRES_A_MINUTE) + CARRIED_MINUTES * load[at]
        load[at] += at is not None
    return total


@pytest.mark.parametrize("seed", range(4))
def test_no_other_plan_costs_less(seed):
    dice = Random(seed)
    jobs = [job(n, 119.4 + dice.random() / 2, -5.2 + dice.random() / 2) for n in range(5)]
    teams = [team(n, 119.4 + dice.random() / 2, -5.2 + dice.random() / 2, capacity=1 + n % 2) for n in range(3)]
    possible = [
        plan
        for plan in product((None, 0, 1, 2), repeat=len(jobs))
        if all(plan.count(at) <= team.capacity for at, team in enumerate(teams))
    ]
    chosen = [teams.index(row.team) if row.team else None for row in suggest_teams(jobs, teams, NOW)]
    assert tuple(chosen) in possible
    assert cost(jobs, teams, chosen) == min(cost(jobs, teams, plan) for plan in possible)


def test_work_is_shared_out():
    assert sorted(went(suggest_teams([job(n) for n in range(4)], [team(1), team(2)], NOW))) == [1, 1, 2, 2]
    assert went(suggest_teams([job(1)], [team(1, load=3), team(2, lon=119.45)], NOW)) == [2]


def test_what_makes_a_pair_impossible_is_said():
    assert went(suggest_teams([job(1)], [], NOW)) == ["no_crew"]
    assert went(suggest_teams([job(1)], [team(1, skills=frozenset({"banjir"}))], NOW)) == ["no_skill"]
    assert went(suggest_teams([job(1)], [team(1, until=NOW + HOUR / 2)], NOW)) == ["no_time"]
    assert went(suggest_teams([job(1)], [team(1, load=4)], NOW)) == ["full"]
    assert suggest_teams([], [team(1)], NOW) == []


def test_the_urgent_ones_come_first_when_hands_are_few():
    jobs = [job(1, hours=200), job(2, hours=-5), job(3, hours=200)]
    assert went(suggest_teams(jobs, [team(1, capacity=1)], NOW)) == ["full", 1, "full"]


def test_a_deadline_outweighs_the_way():
    busy_near, free_far = team(1, load=3), team(2, lon=119.52)
    assert went(suggest_teams([job(1, hours=2)], [busy_near, free_far], NOW)) == [2]
    assert went(suggest_teams([replace(job(1), due=None)], [team(1), free_far], NOW)) == [1]


def test_two_hundred_cases_and_two_hundred_crews_take_less_than_a_second():
    dice = Random(7)
    jobs = [
        job(n, 119.4 + dice.random() / 9, -5.2 + dice.random() / 9, hours=dice.uniform(-50, 90)) for n in range(200)
    ]
    teams = [team(n, 119.4 + dice.random() / 9, -5.2 + dice.random() / 9, load=dice.randrange(4)) for n in range(200)]
    taken = []
    for _ in range(3):
        begun = time.process_time()
        found = suggest_teams(jobs, teams, NOW)
        taken.append(time.process_time() - begun)
    assert len(found) == 200
    assert min(taken) < 1.0
