"""A city's own colour and words on every page. Colours of states and of data are the same in all cities.

The page's policy forbids styles inside of pages, so the colour comes as a small stylesheet of its own that sets five
variables; `frontend/src/styles/_tokens.scss` names what they fall back to.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from qlue.kit.colour import READABLE, WHITE, contrast, shades

OWN: Final = "#175cd3"  # Qlue's own blue, where a city chose none
COLOUR: Final = re.compile(r"[0-9a-f]{6}")
NIGHT: Final = "#161b26"  # what the dark wall's panels are made of


def colour_of(look: Mapping[str, Any] | None) -> str:
    """The city's colour, or Qlue's own where there is none that can be read on white."""
    colour = str((look or {}).get("colour") or OWN).lower()
    known = COLOUR.fullmatch(colour[1:]) is not None  # else written by an older version
    return colour if known and contrast(colour, WHITE) >= READABLE else OWN


def look_url(city: Any) -> str:
    """Address of the stylesheet of a city's colour; '' where it would change nothing."""
    colour = colour_of(getattr(city, "look", None))
    return "" if colour == OWN else reverse("city-look", args=[colour[1:].lower()])


@cache_control(max_age=365 * 86400, public=True, immutable=True)
@require_safe
def stylesheet(request: HttpRequest, colour: str) -> HttpResponse:
    """A colour as variables, for good: the address is the colour. What cannot be read on white does not exist."""
    if not COLOUR.fullmatch(colour) or contrast(f"#{colour}", WHITE) < READABLE:
        raise Http404
    return HttpResponse(_rules(f"#{colour}"), content_type="text/css; charset=utf-8")


@lru_cache(maxsize=512)
def _rules(colour: str) -> str:
    made = shades(colour, NIGHT)
    names = {"brand": made.strong, "deep": made.deep, "tint": made.tint, "line": made.line, "light": made.light}
    return ":root{" + "".join(f"--city-{name}:{value};" for name, value in names.items()) + "}\n"
