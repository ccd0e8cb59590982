"""Where to put facilities: the maximal covering location problem (Church and ReVelle, 1974), solved exactly by HiGHS.

`spopt` would do the same and brings some twenty packages; `scipy.optimize.milp` is there already (decision 20).
"""

from dataclasses import dataclass

import numpy as np

from qlue.insight.hotspots.grid import DEGREE_M, Flags, Floats

MOST_DEMAND, MOST_SITES = 1_500, 300
TIME_LIMIT_S = 10.0
ENOUGH = 0.005  # a proven distance of half a percent from the best ends the search


@dataclass(frozen=True)
class Siting:
    """Rows of the candidates that were chosen; shares of the demand covered before and after; proven best or nearly."""

    chosen: list[int]
    before: float
    after: float
    proven: bool


def metres(first: Floats, second: Floats) -> Floats:
    """Distances between two lists of (lon, lat), rows by columns; flat, good for one city."""
    shrink = np.cos(np.radians(np.mean(first[:, 1])))
    east = (first[:, None, 0] - second[None, :, 0]) * shrink
    north = first[:, None, 1] - second[None, :, 1]
    return np.asarray(np.hypot(east, north) * DEGREE_M)


def best_sites(demand: Floats, weight: Floats, sites: Floats, there: Floats, reach: float, count: int) -> Siting:
    """`count` of the candidate `sites` (lon, lat) that newly cover most demand within `reach` metres.

    `there` are facilities that stand already: what they cover asks for nothing more.
    """
    total = float(weight.sum())
    if not len(demand) or not len(sites) or total <= 0 or count < 1:
        return Siting([], 0.0, 0.0, True)
    served = (metres(demand, there) <= reach).any(axis=1) if len(there) else np.zeros(len(demand), bool)
    before = float(weight[served].sum()) / total
    left = np.flatnonzero(~served)
    left = left[np.argsort(-weight[left], kind="stable")][:MOST_DEMAND]
    near = metres(demand[left], sites[:MOST_SITES]) <= reach
    chosen, proven = _solve(near, weight[left], count)
    newly = near[:, chosen].any(axis=1) if chosen else np.zeros(len(left), bool)
    return Siting(chosen, before, before + float(weight[left][newly].sum()) / total, proven)


def _solve(near: Flags, weight: Floats, count: int) -> tuple[list[int], bool]:
    """Choose x to cover y: maximise weight * y with y_i <= sum of x near i, sum x <= count."""
    from scipy import sparse
    from scipy.optimize import Bounds, LinearConstraint, milp

    rows = np.flatnonzero(near.any(axis=1))
    if not len(rows):
        return [], True
    sites, demands = near.shape[1], len(rows)
    covers = sparse.hstack([-sparse.csr_matrix(near[rows].astype(float)), sparse.eye(demands)])
    few = sparse.csr_matrix(np.r_[np.ones(sites), np.zeros(demands)][None])
    found = milp(
        np.r_[np.zeros(sites), -weight[rows]],
        integrality=np.r_[np.ones(sites), np.zeros(demands)],
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(covers, ub=0), LinearConstraint(few, ub=count)],
        options={"time_limit": TIME_LIMIT_S, "mip_rel_gap": ENOUGH},
    )
    if found.x is None:
        return [], False
    return np.flatnonzero(found.x[:sites] > 0.5).tolist(), bool(found.status == 0)
