"""Who should go: crews to cases by least cost, with the reasons beside each suggestion.

The cost of a pair is in minutes: the way there, what the crew already carries, and what would come too late. A case may
also stay without a crew, at a price that grows with its urgency. Minimum-cost flow finds the best of all such plans
(OR-Tools); 200 cases and 200 crews take well below a second (`qlue bench dispatch`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from qlue.kit.geo import EARTH_RADIUS_M

METRES_A_MINUTE = 333.0  # 20 km/h, a lorry in town
WORK_MINUTES = 45  # what one job takes at least
CARRIED = 15  # minutes that each order in hand costs the next one
LATE = 240  # an hour's detour is better than a case that comes late
UNSERVED = 600  # what a case without a crew costs, and more when it is urgent
URGENT = timedelta(hours=8)
FORBIDDEN = 1_000_000


@dataclass(frozen=True)
class Job:
    """A case that waits for a crew. `category` is a slug; degrees."""

    id: int
    lon: float
    lat: float
    category: str
    due: datetime | None


@dataclass(frozen=True)
class Team:
    """A crew on duty. `lon`/`lat`: where it is or starts from; `load`: live orders; no skills means all of them."""

    id: int
    lon: float
    lat: float
    skills: frozenset[str]
    load: int
    capacity: int
    until: datetime


@dataclass(frozen=True)
class Suggestion:
    """`team` is None when nobody can go; then `why` says so: no_crew, no_skill, no_time or full."""

    job: Job
    team: Team | None
    metres: float = 0.0
    why: str = ""


@dataclass
class _Plan:
    """Arcs of the flow, by column."""

    tails: list[int] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    capacities: list[int] = field(default_factory=list)
    costs: list[int] = field(default_factory=list)

    def add(self, tail: int, head: int, cost: int, capacity: int = 1) -> None:
        """One arc."""
        self.tails.append(tail)
        self.heads.append(head)
        self.capacities.append(capacity)
        self.costs.append(cost)


def suggest(jobs: Sequence[Job], teams: Sequence[Team], now: datetime) -> list[Suggestion]:
    """The best plan for these cases: one suggestion each, in their order."""
    if not jobs:
        return []
    if not teams:
        return [Suggestion(job, None, why="no_crew") for job in jobs]
    metres = distances(jobs, teams)
    costs, skilled, timely = _costs(jobs, teams, metres, now)
    chosen = _solve(jobs, teams, costs, now)
    return [
        Suggestion(job, teams[at], float(metres[row, at]))
        if (at := chosen[row]) is not None
        else Suggestion(job, None, why=_why(skilled[row], timely[row]))
        for row, job in enumerate(jobs)
    ]


def distances(jobs: Sequence[Job], teams: Sequence[Team]) -> NDArray[np.float64]:
    """Great-circle metres, cases x crews."""
    a = np.radians([[job.lon, job.lat] for job in jobs])[:, None, :]
    b = np.radians([[team.lon, team.lat] for team in teams])[None, :, :]
    half = np.sin((b - a) / 2) ** 2
    inner = half[..., 1] + np.cos(a[..., 1]) * np.cos(b[..., 1]) * half[..., 0]
    found: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(inner))
    return found


def _costs(
    jobs: Sequence[Job], teams: Sequence[Team], metres: NDArray[np.float64], now: datetime
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Minutes of each pair, and which pairs have the skill and the time for it."""
    way = metres / METRES_A_MINUTE
    queue = np.array([team.load for team in teams]) * WORK_MINUTES
    ready = way + queue[None, :] + WORK_MINUTES
    shift = np.array([(team.until - now).total_seconds() / 60 for team in teams])
    left = np.array([(job.due - now).total_seconds() / 60 if job.due else np.inf for job in jobs])
    late = (ready > left[:, None]) & (left[:, None] > 0)  # what is overdue already is late with everybody
    skilled = np.array([[not team.skills or job.category in team.skills for team in teams] for job in jobs])
    timely = way + WORK_MINUTES <= shift[None, :]
    costs = np.rint(way + late * LATE).astype(np.int64)
    costs[~(skilled & timely)] = FORBIDDEN
    return costs, skilled, timely


def _solve(jobs: Sequence[Job], teams: Sequence[Team], costs: NDArray[np.int64], now: datetime) -> list[int | None]:
    """The crew of each case. Nodes: cases, crews, source, sink."""
    n, source, sink = len(jobs), len(jobs) + len(teams), len(jobs) + len(teams) + 1
    plan = _Plan()
    rows, columns = np.nonzero(costs < FORBIDDEN)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        plan.add(row, n + column, int(costs[row, column]))
    for row, job in enumerate(jobs):
        plan.add(source, row, 0)
        plan.add(row, sink, _unserved(job, now))
    for column, team in enumerate(teams):
        for slot in range(max(0, min(team.capacity - team.load, n))):
            plan.add(n + column, sink, CARRIED * (team.load + slot))
    flow = min_cost_flow.SimpleMinCostFlow()
    columns_of = (np.array(part, dtype=np.int64) for part in (plan.tails, plan.heads, plan.capacities, plan.costs))
    flow.add_arcs_with_capacity_and_unit_cost(*columns_of)
    flow.set_nodes_supplies(np.array([source, sink]), np.array([n, -n]))
    if flow.solve() != flow.OPTIMAL:
        raise RuntimeError("no plan: every case may stay without a crew, so there must be one")
    taken: list[int | None] = [None] * n
    for arc, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        if flow.flow(arc):
            taken[row] = column
    return taken


def _unserved(job: Job, now: datetime) -> int:
    if job.due is None:
        return UNSERVED
    left = job.due - now
    return UNSERVED + (UNSERVED if left < timedelta(0) else UNSERVED // 2 if left < URGENT else 0)


def _why(skilled: NDArray[np.bool_], timely: NDArray[np.bool_]) -> str:
    if not skilled.any():
        return "no_skill"
    return "full" if (skilled & timely).any() else "no_time"
