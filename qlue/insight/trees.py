"""Boosted trees as plain numbers: learnt with scikit-learn, kept and asked without it and without pickle."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

DEEPEST = 64


@dataclass(frozen=True)
class Trees:
    """All nodes of all trees in one table. A leaf leads to itself. `roots` say where each tree begins."""

    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    missing_left: NDArray[np.bool_]
    value: NDArray[np.float64]
    roots: NDArray[np.int32]
    base: float

    def raw(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sum of what all trees say of each row: log-odds, or the log of a rate."""
        rows = np.arange(len(features))[:, None]
        at = np.broadcast_to(self.roots, (len(features), len(self.roots)))
        for _ in range(DEEPEST):
            seen = features[rows, self.feature[at]]
            goes_left = np.where(np.isnan(seen), self.missing_left[at], seen <= self.threshold[at])
            further = np.where(goes_left, self.left[at], self.right[at])
            if np.array_equal(further, at):
                break
            at = further
        return np.asarray(self.base + self.value[at].sum(axis=1))

    def probability(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of a classifier of two classes."""
        parts = [1 / (1 + np.exp(-self.raw(part))) for part in _slices(features)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def arrays(self) -> dict[str, Any]:
        """Everything, for `numpy.savez`."""
        return {**vars(self), "base": np.array(self.base)}


def from_arrays(kept: Mapping[str, Any]) -> Trees:
    """What `arrays` gave; ValueError where nodes lead out of the table."""
    names = ("feature", "threshold", "left", "right", "missing_left", "value", "roots")
    found = {name: np.asarray(kept[name]) for name in names}
    size = len(found["feature"])
    if any(len(found[name]) != size for name in names[:-1]) or not size:
        raise ValueError("trees of different lengths")
    for name in ("left", "right", "roots"):
        if found[name].min(initial=0) < 0 or found[name].max(initial=0) >= size:
            raise ValueError("a tree leads nowhere")
    return Trees(**found, base=float(kept["base"]))


def from_boosting(fitted: Any) -> Trees:
    """A fitted HistGradientBoosting model of one output, without categorical columns."""
    columns: dict[str, list[Any]] = {name: [] for name in ("feature", "threshold", "left", "right", "missing", "value")}
    roots, start = [], 0
    for (tree,) in fitted._predictors:
        nodes, here = tree.nodes, start + np.arange(len(tree.nodes))
        leaf = nodes["is_leaf"].astype(bool)
        columns["feature"].append(np.where(leaf, 0, nodes["feature_idx"]))
        columns["threshold"].append(np.where(leaf, np.inf, nodes["num_threshold"]))
        columns["left"].append(np.where(leaf, here, start + nodes["left"].astype(np.int64)))
        columns["right"].append(np.where(leaf, here, start + nodes["right"].astype(np.int64)))
        columns["missing"].append(nodes["missing_go_to_left"].astype(bool))
        columns["value"].append(np.where(leaf, nodes["value"], 0.0))
        roots.append(start)
        start += len(nodes)
    whole = {name: np.concatenate(parts) for name, parts in columns.items()}
    return Trees(
        feature=whole["feature"].astype(np.int32),
        threshold=whole["threshold"].astype(np.float64),
        left=whole["left"].astype(np.int32),
        right=whole["right"].astype(np.int32),
        missing_left=whole["missing"],
        value=whole["value"],
        roots=np.array(roots, dtype=np.int32),
        base=float(np.ravel(fitted._baseline_prediction)[0]),
    )


def _slices(features: NDArray[np.float64], size: int = 4096) -> list[NDArray[np.float64]]:
    return [features[first : first + size] for first in range(0, len(features), size)]
