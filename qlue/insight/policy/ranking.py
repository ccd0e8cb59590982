"""Which option first: reports that need not come for each million, by evidence before hope.

An option without evidence (`pilot`) promises nothing and so stands behind all that promise something, by need.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from qlue.insight.policy.effects import Effect

MILLION = 1_000_000
CAUTION = 0.25  # how far from the mean towards the unlucky end a promise is counted
LEAST_COST = 0.1  # millions: what costs nothing still costs somebody's time


@dataclass(frozen=True)
class Worth:
    """`expected` reports over the option's weeks if nothing is done; `cost` in the city's money, None when unknown."""

    key: str
    expected: float
    cost: float | None
    effect: Effect | None

    @property
    def avoided(self) -> float:
        """Reports that need not come, by the middle of the effect."""
        return self.expected * self.effect.fall if self.effect else 0.0

    @property
    def cautious(self) -> float:
        """The same, a quarter of the way towards the worst that the interval allows."""
        if not self.effect:
            return 0.0
        fall = self.effect.fall - CAUTION * (self.effect.high - self.effect.mean)
        return self.expected * fall

    @property
    def value(self) -> float:
        """Cautiously avoided reports for each million; without a known cost, as if it were the dearest."""
        if self.cost is None:
            return 0.0
        return self.cautious / max(LEAST_COST, self.cost / MILLION)


def ranked(options: Iterable[Worth]) -> list[Worth]:
    """The best first: evidence with value, evidence without known cost, pilots by need, then what did not help."""
    return sorted(options, key=_place)


def _place(one: Worth) -> tuple[int, float, float, str]:
    if one.effect is None:
        return 2, 0.0, -one.expected, one.key
    if one.cautious <= 0:
        return 3, -one.cautious, -one.expected, one.key
    return int(one.cost is None), -one.value, -one.avoided, one.key
