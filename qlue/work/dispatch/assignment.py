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
CARRIED_MINUTES = 15  # minutes that each order in hand costs the next one
LATE_COST = 240  # in minutes: a detour of hours is better than a case that comes late
UNSERVED_COST = 600  # what a case without a crew costs, and more when it is urgent
URGENT_WITHIN = timedelta(hours=8)
FORBIDDEN_COST = 1_000_000


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
    """`team` is None when nobody can go; then `obstacle` says why: no_crew, no_skill, no_time or full."""

    job: Job
    team: Team | None
    metres: float = 0.0
    obstacle: str = ""


def suggest_teams(jobs: Sequence[Job], teams: Sequence[Team], now: datetime) -> list[Suggestion]:
    """The best plan for these cases: one suggestion each, in their order."""
    if not jobs:
        return []
    if not teams:
        return [Suggestion(job, None, obstacle="no_crew") for job in jobs]
    metres = pair_distances(jobs, teams)
    costs, has_skill, timely = _pair_costs(jobs, teams, metres, now)
    columns = _assign_slots(jobs, teams, costs, now)
    return [
        Suggestion(job, teams[column], float(metres[row, column]))
        if (column := columns[row]) is not None
        else Suggestion(job, None, obstacle=_obstacle(has_skill[row], timely[row]))
        for row, job in enumerate(jobs)
    ]


def pair_distances(jobs: Sequence[Job], teams: Sequence[Team]) -> NDArray[np.float64]:
    """Great-circle metres (haversine), cases x crews."""
    a = np.radians([[job.lon, job.lat] for job in jobs])[:, None, :]
    b = np.radians([[team.lon, team.lat] for team in teams])[None, :, :]
    half = np.sin((b - a) / 2) ** 2
    inner = half[..., 1] + np.cos(a[..., 1]) * np.cos(b[..., 1]) * half[..., 0]
    metres: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(inner))
    return metres


def _pair_costs(
    jobs: Sequence[Job], teams: Sequence[Team], metres: NDArray[np.float64], now: datetime
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Minutes of each pair, and which pairs have the skill and the time for it."""
    way = metres / METRES_A_MINUTE
    queue = np.array([team.load for team in teams]) * WORK_MINUTES
    ready = way + queue[None, :] + WORK_MINUTES
    shift = np.array([(team.until - now).total_seconds() / 60 for team in teams])
    left = np.array([(job.due - now).total_seconds() / 60 if job.due else np.inf for job in jobs])
    late = (ready > left[:, None]) & (left[:, None] > 0)  # what is overdue already is late with everybody
    has_skill = np.array([[not team.skills or job.category in team.skills for team in teams] for job in jobs])
    timely = way + WORK_MINUTES <= shift[None, :]
    # Whole minutes: finer differences between plans mean nothing in town.
    costs = np.rint(way + late * LATE_COST).astype(np.int64)
    costs[~(has_skill & timely)] = FORBIDDEN_COST
    return costs, has_skill, timely


def _assign_slots(
    jobs: Sequence[Job], teams: Sequence[Team], costs: NDArray[np.int64], now: datetime
) -> list[int | None]:
    """The column of each case's crew: a column for each free slot of a crew, and for each case one for "no crew"."""
    # Each further slot of a crew is dearer than the one before, so load spreads over crews.
    slots = [
        (column, CARRIED_MINUTES * (team.load + slot))
        for column, team in enumerate(teams)
        for slot in range(min(team.capacity - team.load, len(jobs)))
    ]
    owners = np.array([column for column, _minutes in slots], dtype=np.int64)
    slot_minutes = np.array([minutes for _column, minutes in slots], dtype=np.int64)
    unserved_costs = np.array([_unserved_cost(job, now) for job in jobs])
    # With a "no crew" column for every case there always is a plan.
    table = np.hstack([costs[:, owners] + slot_minutes, np.tile(unserved_costs[:, None], len(jobs))])
    _rows, columns = linear_sum_assignment(table)
    return [int(owners[column]) if column < len(owners) else None for column in columns]


def _unserved_cost(job: Job, now: datetime) -> int:
    if job.due is None:
        return UNSERVED_COST
    left = job.due - now
    return UNSERVED_COST + (UNSERVED_COST if left < timedelta(0) else UNSERVED_COST // 2 if left < URGENT_WITHIN else 0)


def _obstacle(has_skill: NDArray[np.bool_], timely: NDArray[np.bool_]) -> str:
    """Of one case, by crew."""
    if not has_skill.any():
        return "no_skill"
    return "full" if (has_skill & timely).any() else "no_time"
