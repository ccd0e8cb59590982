"""Money, intervals and effects as text."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from qlue.insight.policy.ranking import MILLION
from qlue.web import formats

BILLION = 1000 * MILLION


@dataclass(frozen=True)
class ColourBadge:
    """A coloured label with an icon, as `status_badge` of the templates takes it."""

    colour: str
    sign: str
    label: str


def rupiah(amount: int | None) -> str:
    """`Rp60 juta`, `Rp1,2 miliar`; empty when it is not known."""
    if amount is None:
        return ""
    if amount >= BILLION:
        return _("Rp%(n)s billion") % {"n": formats.number_text(amount / BILLION, 1)}
    return _("Rp%(n)s million") % {"n": formats.number_text(amount / MILLION, 0 if amount >= 10 * MILLION else 1)}


def interval_text(low: float | None, high: float | None) -> str:
    """`12–31`; whole numbers, the smaller first; empty where there is no interval."""
    if low is None or high is None:
        return ""
    least, most = sorted((round(low), round(high)))
    return formats.number_text(least) if least == most else f"{formats.number_text(least)}–{formats.number_text(most)}"


def effect_text(effect: dict[str, Any]) -> str:
    """`turun 21% (0–42%)` of a relative change."""
    # A change of -0.3 reads as 30 % fewer, so low and high change places.
    mean, low, high = (-effect[name] for name in ("mean", "high", "low"))
    least, most = formats.number_text(round(100 * low)), formats.number_text(round(100 * high))
    text = _("%(mean)s %% fewer reports (%(low)s to %(high)s %%)")
    return text % {"mean": formats.number_text(round(100 * mean)), "low": least, "high": most}
