"""Where to put facilities: the maximal covering location problem (Church and ReVelle, 1974), solved exactly by HiGHS.

`spopt` would do the same and brings some twenty packages; `scipy.optimize.milp` is there already (decision 20).
"""

from dataclasses import dataclass

import numpy as np

from qlue.insight.hotspots.grid import DEGREE_M, Flags, Floats

MOST_DEMAND, MOST_SITES = 1_500, 300  # the busiest: bounds the size of the program to solve
TIME_LIMIT_S = 10.0
GAP = 0.005  # a proven distance of half a percent from the best ends the search


@dataclass(frozen=True)
class SitePlan:
    """Positions of the chosen candidates; shares of the demand covered before and after; whether proven best to GAP."""

    chosen: list[int]
    before: float
    after: float
    proven: bool


def distances_m(first: Floats, second: Floats) -> Floats:
    """Distances between two lists of (lon, lat), rows by columns; flat, good for one city."""
    shrink = np.cos(np.radians(np.mean(first[:, 1])))
    east = (first[:, None, 0] - second[None, :, 0]) * shrink
    north = first[:, None, 1] - second[None, :, 1]
    return np.asarray(np.hypot(east, north) * DEGREE_M)


def best_sites(demand: Floats, weight: Floats, sites: Floats, facilities: Floats, reach: float, count: int) -> SitePlan:
    """`count` of the candidate `sites` (lon, lat) that newly cover most demand within `reach` metres.

    `existing` facilities serve already: what they cover needs nothing more.
    """
    total = float(weight.sum())
    if not len(demand) or not len(sites) or total <= 0 or count < 1:
        return SitePlan([], 0.0, 0.0, True)
    is_covered = (
        (distances_m(demand, facilities) <= reach).any(axis=1) if len(facilities) else np.zeros(len(demand), bool)
    )
    before = float(weight[is_covered].sum()) / total
    open_demand = np.flatnonzero(~is_covered)
    open_demand = open_demand[np.argsort(-weight[open_demand], kind="stable")][:MOST_DEMAND]
    in_reach = distances_m(demand[open_demand], sites[:MOST_SITES]) <= reach
    positions, proven = _solve_coverage(in_reach, weight[open_demand], count)
    newly_covered = in_reach[:, positions].any(axis=1) if positions else np.zeros(len(open_demand), bool)
    return SitePlan(positions, before, before + float(weight[open_demand][newly_covered].sum()) / total, proven)


def _solve_coverage(in_reach: Flags, weight: Floats, count: int) -> tuple[list[int], bool]:
    """Choose x to cover y: maximise weight * y with y_i <= sum of x near i, sum x <= count."""
    from scipy import sparse
    from scipy.optimize import Bounds, LinearConstraint, milp

    # Demand that no candidate reaches can be covered by none: it would only make the program larger.
    rows = np.flatnonzero(in_reach.any(axis=1))
    if not len(rows):
        return [], True
    sites, demands = in_reach.shape[1], len(rows)
    covers = sparse.hstack([-sparse.csr_matrix(in_reach[rows].astype(float)), sparse.eye(demands)])
    few = sparse.csr_matrix(np.r_[np.ones(sites), np.zeros(demands)][None])
    solution = milp(
        np.r_[np.zeros(sites), -weight[rows]],
        integrality=np.r_[np.ones(sites), np.zeros(demands)],
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(covers, ub=0), LinearConstraint(few, ub=count)],
        options={"time_limit": TIME_LIMIT_S, "mip_rel_gap": GAP},
    )
    if solution.x is None:
        return [], False
    # The solver's whole numbers are whole to its tolerance only. Status 0: proven within the time.
    return np.flatnonzero(solution.x[:sites] > 0.5).tolist(), bool(solution.status == 0)
