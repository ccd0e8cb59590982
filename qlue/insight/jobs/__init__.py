"""Background work of insight: importing this package makes its jobs known."""

from qlue.insight.jobs import policy, sorting

__all__ = ["policy", "sorting"]
