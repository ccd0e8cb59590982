"""Colours as `#rrggbb`: how well one reads on another, and shades that surely can be read."""

from dataclasses import dataclass
from typing import Final

WHITE: Final = "#ffffff"
BLACK: Final = "#000000"
READABLE: Final = 4.5  # WCAG 2.2 AA for words


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(colour: str, other: str, share: float) -> str:
    """`colour` with `share` (0 to 1) of `other` in it."""
    return "#" + "".join(
        f"{round(a + (b - a) * share):02x}" for a, b in zip(_parts(colour), _parts(other), strict=True)
    )


@dataclass(frozen=True)
class Shades:
    """What pages need of one colour: for words and buttons, pressed, washed, as a border, and on a dark wall."""

    strong: str
    deep: str
    tint: str
    line: str
    light: str


def shades(colour: str, night: str) -> Shades:
    """Shades of a colour that reads on white; words in `strong` read on `tint`, words in `light` on `night` (dark)."""
    return Shades(
        strong=colour.lower(),
        deep=mixed(colour, BLACK, 0.22),
        tint=_until(colour, WHITE, against=colour, start=0.92),
        line=mixed(colour, WHITE, 0.66),
        light=_until(colour, WHITE, against=night, start=0.3),
    )


def _until(colour: str, other: str, *, against: str, start: float) -> str:
    """The least share of `other` from `start` on with which it reads against `against`; the whole of it at worst."""
    steps = (start + at / 100 for at in range(round((1 - start) * 100)))
    found = (mixed(colour, other, share) for share in steps)
    return next((one for one in found if contrast(one, against) >= READABLE), other)


def hue(colour: str) -> float | None:
    """Degrees of the colour circle; None for greys, which have none."""
    red, green, blue = (part / 255 for part in _parts(colour))
    most, least = max(red, green, blue), min(red, green, blue)
    if most - least < 0.15:
        return None
    spread = most - least
    if most == red:
        return (60 * (green - blue) / spread) % 360
    return 60 * (blue - red) / spread + 120 if most == green else 60 * (red - green) / spread + 240


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    parts = (part / 255 for part in _parts(colour))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
