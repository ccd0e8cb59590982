"""Single values of a device as people type them, for the form and the CSV import alike."""

import re
from math import isfinite

from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.kit.tables import FORMULA

# A key is part of the MQTT client id and topic, so it may hold neither dots nor slashes.
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class DeviceFault(Exception):
    """Why a value cannot be taken, in the reader's language."""


def parse_decimal(column: str, text: str) -> float:
    """A finite number with a decimal point; raises DeviceFault."""
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    # Python reads "1_000" as a number; in a table it is more likely a slip.
    if not isfinite(number) or "_" in text:
        raise DeviceFault(_("%(column)s is not a number; write it with a decimal point.") % {"column": column})
    return number


def check_text(column: str, text: str, most: int, *, empty: bool = False) -> str:
    """The text itself, at most `most` characters; raises DeviceFault."""
    if not text and not empty:
        raise DeviceFault(_("%(column)s is empty.") % {"column": column})
    if len(text) > most:
        raise DeviceFault(_("%(column)s is longer than %(most)d characters.") % {"column": column, "most": most})
    # Names come back out in the CSV export, where a spreadsheet would run them.
    if text.startswith(FORMULA):
        raise DeviceFault(_("%(column)s begins with a sign that spreadsheets run as a formula.") % {"column": column})
    return text


def check_position(city: CityFacts, lon: float, lat: float) -> None:
    """The position must lie in the city; latitude and longitude the wrong way round are named as such."""
    if city.is_near(lon, lat):
        return
    if city.is_near(lat, lon):
        raise DeviceFault(_("Latitude and longitude are swapped."))
    raise DeviceFault(_("The place lies outside %(city)s.") % {"city": city.name})
