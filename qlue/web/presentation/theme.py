"""A city's own colour on every page. Colours of states and of data are the same in all cities.

The page's policy forbids styles inside of pages, so the colour comes as a small stylesheet of its own that sets five
variables; `frontend/src/styles/_tokens.scss` names what they fall back to.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from django.urls import reverse

from qlue.kit.colour import READABLE, WHITE, contrast, shades

DEFAULT_COLOUR: Final = "#175cd3"  # Qlue's own blue, where a city chose none
HEX_DIGITS: Final = re.compile(r"[0-9a-f]{6}")
NIGHT_BACKGROUND: Final = "#161b26"  # of the panels on the dark wall


def theme_colour(theme: Mapping[str, Any] | None) -> str:
    """The city's colour, or Qlue's own where there is none that can be read on white."""
    colour = str((theme or {}).get("colour") or DEFAULT_COLOUR).lower()
    # A pack that an older version loaded may hold what `qlue pack check` refuses today.
    is_hex = HEX_DIGITS.fullmatch(colour[1:]) is not None
    return colour if is_hex and contrast(colour, WHITE) >= READABLE else DEFAULT_COLOUR


def theme_url(city: Any) -> str:
    """Address of the stylesheet of a city's colour; '' where it would change nothing."""
    colour = theme_colour(getattr(city, "theme", None))
    return "" if colour == DEFAULT_COLOUR else reverse("city-look", args=[colour[1:].lower()])


def is_theme_colour(digits: str) -> bool:
    """Whether six hexadecimal digits are a colour that can be read on white."""
    return HEX_DIGITS.fullmatch(digits) is not None and contrast(f"#{digits}", WHITE) >= READABLE


@lru_cache(maxsize=512)
def theme_css(colour: str) -> str:
    """The stylesheet of a colour such as #0b4f8a: its shades as variables."""
    palette = shades(colour, NIGHT_BACKGROUND)
    values = {
        "brand": palette.strong,
        "deep": palette.deep,
        "tint": palette.tint,
        "line": palette.line,
        "light": palette.light,
    }
    return ":root{" + "".join(f"--city-{name}:{value};" for name, value in values.items()) + "}\n"
