"""The order of options: avoided reports for each million rupiah, what is measured before what is hoped.

An option without evidence (`pilot`) promises nothing and so stands behind all that promise something, by need.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from qlue.insight.policy.effects import InterventionEffect

MILLION = 1_000_000
CAUTION = 0.25  # how far from the mean towards the worse end of the interval a promise is counted
LEAST_COST = 0.1  # millions: what costs nothing still costs somebody's time


@dataclass(frozen=True)
class OptionValue:
    """`expected` reports over the option's weeks if nothing is done; `cost` in the city's money, None when unknown."""

    key: str
    expected: float
    cost: float | None
    effect: InterventionEffect | None

    @property
    def avoided(self) -> float:
        """Reports that will not be necessary, by the mean of the effect."""
        return self.expected * self.effect.fall if self.effect else 0.0

    @property
    def cautious(self) -> float:
        """The same, by CAUTION closer to the worse end of the interval."""
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


def rank_options(options: Iterable[OptionValue]) -> list[OptionValue]:
    """The best first: evidence with value, evidence without known cost, pilots by need, then what did not help."""
    return sorted(options, key=_rank_key)


def _rank_key(option: OptionValue) -> tuple[int, float, float, str]:
    # Groups first: 0 with a cost, 1 without, 2 pilots, 3 what did harm; the key makes the order certain.
    if option.effect is None:
        return 2, 0.0, -option.expected, option.key
    if option.cautious <= 0:
        return 3, -option.cautious, -option.expected, option.key
    return int(option.cost is None), -option.value, -option.avoided, option.key
