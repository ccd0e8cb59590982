"""Boosted trees as plain numbers: trained with scikit-learn, stored and used without it and without pickle."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

DEEPEST = 64  # a bound on the steps to a leaf, for trees whose nodes lead in a circle


@dataclass(frozen=True)
class Trees:
    """All nodes of all trees in one table. A leaf leads to itself. `roots` say where each tree begins.

    The names of the fields are those of the stored arrays (`arrays`): a model in the database is read by them.
    """

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
        node = np.broadcast_to(self.roots, (len(features), len(self.roots)))
        for _ in range(DEEPEST):
            values = features[rows, self.feature[node]]
            goes_left = np.where(np.isnan(values), self.missing_left[node], values <= self.threshold[node])
            next_node = np.where(goes_left, self.left[node], self.right[node])
            if np.array_equal(next_node, node):
                break
            node = next_node
        return np.asarray(self.base + self.value[node].sum(axis=1))

    def probability(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of a classifier of two classes."""
        parts = [1 / (1 + np.exp(-self.raw(part))) for part in _batches(features)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything, for `numpy.savez`."""
        return {**vars(self), "base": np.array(self.base)}


def trees_from_arrays(arrays: Mapping[str, Any]) -> Trees:
    """The reverse of `Trees.arrays`; ValueError where nodes lead out of the table."""
    names = ("feature", "threshold", "left", "right", "missing_left", "value", "roots")
    columns = {name: np.asarray(arrays[name]) for name in names}
    size = len(columns["feature"])
    if any(len(columns[name]) != size for name in names[:-1]) or not size:
        raise ValueError("trees of different lengths")
    for name in ("left", "right", "roots"):
        if columns[name].min(initial=0) < 0 or columns[name].max(initial=0) >= size:
            raise ValueError("a tree leads nowhere")
    return Trees(**columns, base=float(arrays["base"]))


def trees_from_boosting(model: Any) -> Trees:
    """A fitted HistGradientBoosting model of one output, without categorical columns."""
    columns: dict[str, list[Any]] = {name: [] for name in ("feature", "threshold", "left", "right", "missing", "value")}
    roots, start = [], 0
    # scikit-learn has no public way to its nodes; a test compares the answers of both.
    for (tree,) in model._predictors:
        nodes, positions = tree.nodes, start + np.arange(len(tree.nodes))
        leaf = nodes["is_leaf"].astype(bool)
        columns["feature"].append(np.where(leaf, 0, nodes["feature_idx"]))
        columns["threshold"].append(np.where(leaf, np.inf, nodes["num_threshold"]))
        columns["left"].append(np.where(leaf, positions, start + nodes["left"].astype(np.int64)))
        columns["right"].append(np.where(leaf, positions, start + nodes["right"].astype(np.int64)))
        columns["missing"].append(nodes["missing_go_to_left"].astype(bool))
        columns["value"].append(np.where(leaf, nodes["value"], 0.0))
        roots.append(start)
        start += len(nodes)
    table = {name: np.concatenate(parts) for name, parts in columns.items()}
    return Trees(
        feature=table["feature"].astype(np.int32),
        threshold=table["threshold"].astype(np.float64),
        left=table["left"].astype(np.int32),
        right=table["right"].astype(np.int32),
        missing_left=table["missing"],
        value=table["value"],
        roots=np.array(roots, dtype=np.int32),
        base=float(np.ravel(model._baseline_prediction)[0]),
    )


def _batches(features: NDArray[np.float64], size: int = 4096) -> list[NDArray[np.float64]]:
    return [features[first : first + size] for first in range(0, len(features), size)]
