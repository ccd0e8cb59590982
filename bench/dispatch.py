"""`qlue bench dispatch`: how long the plan "who should go" takes for 200 waiting cases and 200 crews on duty.

Made-up places over a city's extent with deadlines from two days ago to four days ahead; no database. CPU time of this
process, the best and the worst of the rounds; `assigned` cases got a crew, `mean_km` is the way to them.
"""

import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import mean

from bench.figures import Figures, show
from bench.words import Number, understood
from qlue.work.dispatch.assignment import Job, Suggestion, Team, suggest_teams

SKILLS = ("sampah", "drainase", "pju-rusak", "jalan-rusak")


def main(words: Sequence[str]) -> int:
    """Prints the figures."""
    options = understood(
        "dispatch",
        __doc__,
        words,
        cases=Number(200, 1, 2000, "cases to send somebody to"),
        crews=Number(200, 1, 2000, "crews on duty"),
        rounds=Number(10, 1, 1000, "plans to make"),
    )
    jobs, teams, moment = made_up(options.cases, options.crews)
    taken: list[float] = []
    found: list[Suggestion] = []
    for _ in range(options.rounds):
        begun = time.process_time()
        found = suggest_teams(jobs, teams, moment)
        taken.append(time.process_time() - begun)
    show(figures(found, taken), options.json)
    return 0


def made_up(cases: int, crews: int) -> tuple[list[Job], list[Team], datetime]:
    """The same places for the same numbers."""
    dice, moment = random.Random(f"{cases} {crews}"), datetime(2026, 11, 2, 2, tzinfo=UTC)

    def place() -> tuple[float, float]:
        return 119.38 + dice.random() * 0.15, -5.22 + dice.random() * 0.15

    def due() -> datetime:
        return moment + timedelta(hours=dice.uniform(-48, 96))

    jobs = [Job(n, *place(), dice.choice(SKILLS), due()) for n in range(cases)]
    skills = [frozenset(dice.sample(SKILLS, dice.randrange(3))) for _ in range(crews)]
    shift = moment + timedelta(hours=8)
    return jobs, [Team(n, *place(), skills[n], dice.randrange(4), 4, shift) for n in range(crews)], moment


def figures(found: list[Suggestion], taken: list[float]) -> Figures:
    """What the rounds took and what came out of them."""
    went = [one for one in found if one.team]
    return {
        "best_ms": round(min(taken) * 1000, 1),
        "worst_ms": round(max(taken) * 1000, 1),
        "assigned": len(went),
        "mean_km": round(mean(one.metres for one in went) / 1000, 2) if went else 0.0,
    }
