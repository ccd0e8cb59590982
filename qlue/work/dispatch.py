"""Who should go: crews to cases by least cost, with the reasons beside each suggestion.

The cost of a pair is in minutes: the way there, what the crew already carries, and what would come too late. A case may
also stay without a crew, at a price that grows with its urgency. The best of all such plans assigns cases to the free
slots of crews (scipy); 200 cases and 200 crews take well below a second (`qlue bench dispatch`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

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
    """The crew of each case: a column for each free slot of a crew, and for each case one that means "no crew"."""
    slots = [
        (column, CARRIED * (team.load + slot))
        for column, team in enumerate(teams)
        for slot in range(min(team.capacity - team.load, len(jobs)))
    ]
    owners = np.array([column for column, _carried in slots], dtype=np.int64)
    carried = np.array([minutes for _column, minutes in slots], dtype=np.int64)
    unserved = np.array([_unserved(job, now) for job in jobs])
    table = np.hstack([costs[:, owners] + carried, np.tile(unserved[:, None], len(jobs))])
    _rows, columns = linear_sum_assignment(table)
    return [int(owners[column]) if column < len(owners) else None for column in columns]


def _unserved(job: Job, now: datetime) -> int:
    if job.due is None:
        return UNSERVED
    left = job.due - now
    return UNSERVED + (UNSERVED if left < timedelta(0) else UNSERVED // 2 if left < URGENT else 0)


def _why(skilled: NDArray[np.bool_], timely: NDArray[np.bool_]) -> str:
    if not skilled.any():
        return "no_skill"
    return "full" if (skilled & timely).any() else "no_time"
