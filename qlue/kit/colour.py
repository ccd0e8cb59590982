"""Colours as `#rrggbb`: the contrast of two, and shades of one that are readable."""

from dataclasses import dataclass
from typing import Final

WHITE: Final = "#ffffff"
BLACK: Final = "#000000"
READABLE: Final = 4.5  # contrast of normal text, WCAG 2.2 level AA


def contrast(foreground: str, background: str) -> float:
    """WCAG 2 contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((_luminance(foreground), _luminance(background)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(colour: str, addition: str, share: float) -> str:
    """`colour` with `share` (0 to 1) of `addition` in it."""
    return "#" + "".join(
        f"{round(a + (b - a) * share):02x}" for a, b in zip(_channels(colour), _channels(addition), strict=True)
    )


@dataclass(frozen=True)
class Shades:
    """One colour on pages: `strong` text and buttons, `deep` when pressed, `tint` as a background, `line` as a border,
    `light` text on a dark wall display.
    """

    strong: str
    deep: str
    tint: str
    line: str
    light: str


def shades(colour: str, night: str) -> Shades:
    """Shades of a colour that is readable on white; `strong` is readable on `tint`, `light` on `night` (dark)."""
    return Shades(
        strong=colour.lower(),
        deep=mix(colour, BLACK, 0.22),
        tint=_readable_mix(colour, WHITE, against=colour, start=0.92),
        line=mix(colour, WHITE, 0.66),
        light=_readable_mix(colour, WHITE, against=night, start=0.3),
    )


def _readable_mix(colour: str, addition: str, *, against: str, start: float) -> str:
    """The mix with the least share of `addition`, from `start` on, that is readable with `against`; else `addition`."""
    steps = (start + at / 100 for at in range(round((1 - start) * 100)))
    candidates = (mix(colour, addition, share) for share in steps)
    return next((candidate for candidate in candidates if contrast(candidate, against) >= READABLE), addition)


def hue(colour: str) -> float | None:
    """Degrees of the colour circle; None for greys, which have none."""
    red, green, blue = (part / 255 for part in _channels(colour))
    most, least = max(red, green, blue), min(red, green, blue)
    # Below this the eye sees a grey, and the angle would be rounding noise.
    if most - least < 0.15:
        return None
    spread = most - least
    if most == red:
        return (60 * (green - blue) / spread) % 360
    return 60 * (blue - red) / spread + 120 if most == green else 60 * (red - green) / spread + 240


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    """Relative luminance by WCAG 2, 0 to 1: the channels without sRGB's gamma, weighted as the eye sees them."""
    parts = (part / 255 for part in _channels(colour))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
