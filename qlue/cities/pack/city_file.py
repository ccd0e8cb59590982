"""city.toml: who the city is."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from qlue.cities.pack.contents import Bounds, CityRow
from qlue.cities.pack.faults import Findings
from qlue.cities.pack.files import decoded, read_bytes
from qlue.cities.pack.row import SLUG
from qlue.cities.working_time import DAYS, parse_week
from qlue.kit.colour import READABLE, WHITE, contrast, hue

FILE = "city.toml"
NEEDED = ("slug", "name", "timezone", "prefix", "centre")
KNOWN = (*NEEDED, "province", "country", "bounds", "languages", "hours", "look", "open311", "auto")
LANGUAGES = ("id", "en")
CAMERA_EVENTS = ("parking", "crowd", "congestion")  # those that may become reports without an operator

# fmt: off
RESERVED = frozenset({
    "akun", "api", "static", "media", "open311", "bahasa", "live", "health", "ready", "robots", "favicon",
    "manifest", "sw", "admin", "assets", "foto", "lapor", "laporan", "kerja", "dasbor", "wilayah", "kota",
    "cities", "offline", "login", "logout", "qlue", "www", "nasional", "national", "tentang", "bantuan",
    "outbox", "hooks", "kanal", "pesan", "push", "sms", "telegram", "whatsapp", "things", "sensor", "kamera", "alarm",
    "tautan", "data", "luar", "rupa",
})
# fmt: on
"""First path segments that are not cities, now or some day."""

# Degrees: Sabang to Merauke, Rote to Miangas, with the sea around.
INDONESIA: Bounds = (94.5, -11.5, 141.5, 6.5)


@dataclass(frozen=True)
class _File:
    """The parsed file with its text, so that a fault finds its line."""

    data: dict[str, Any]
    text: str
    findings: Findings

    def line_of(self, key: str, table: str = "") -> int | None:
        start = self.text.find(f"[{table}]") if table else 0
        found = re.compile(rf"^[ \t]*{re.escape(key)}[ \t]*=", re.M).search(self.text, max(start, 0))
        return self.text.count("\n", 0, found.start()) + 1 if found else None

    def fault(self, key: str, reason: str, table: str = "") -> None:
        self.findings.fault(FILE, self.line_of(key, table), reason)


def read_city(folder: Path, findings: Findings) -> CityRow | None:
    """The city; None with faults when the file is missing, broken or wrong anywhere."""
    data = read_bytes(folder, FILE, findings)
    if data is None:
        if not findings.faults:
            findings.fault(FILE, None, _("The file is missing; a pack is a folder with a city.toml."))
        return None
    text = decoded(FILE, data, findings)
    file = _parsed(text, findings) if text is not None else None
    if file is None:
        return None
    before = len(findings.faults)
    _refuse_keys(file)
    city = _city(file)
    return city if len(findings.faults) == before else None


def _parsed(text: str, findings: Findings) -> _File | None:
    try:
        return _File(tomllib.loads(text), text, findings)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = re.search(r"line (\d+)", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        findings.fault(FILE, line, _("The line cannot be read as TOML: %(error)s.") % {"error": error})
        return None


def _refuse_keys(file: _File) -> None:
    for key in NEEDED:
        if key not in file.data:
            file.findings.fault(FILE, None, _("%(key)s is missing.") % {"key": key})
    for key in file.data:
        if key not in KNOWN:
            known = ", ".join(KNOWN)
            file.fault(key, _("%(key)s is not known; known are: %(known)s.") % {"key": key, "known": known})


def _city(file: _File) -> CityRow:
    bounds = _bounds(file)
    lon, lat, zoom = _centre(file, bounds)
    return CityRow(
        slug=_slug(file),
        name=_text(file, "name", 80),
        province=_text(file, "province", 80),
        country=_matching(file, "country", r"[A-Z]{2}", _("two capital letters, such as ID"), "ID"),
        timezone=_zone(file),
        prefix=_matching(file, "prefix", r"[A-Z]{2,4}", _("two to four capital letters, such as MKS"), ""),
        lon=lon,
        lat=lat,
        zoom=zoom,
        bounds=bounds,
        hours=_hours(file),
        look=_look(file),
        languages=_languages(file),
        open311=_table(file, "open311", {"contact": _is_text, "phone": _is_text, "email": _is_text}),
        auto=_table(file, "auto", AUTO),
    )


def _text(file: _File, key: str, most: int) -> str:
    value = file.data.get(key, "")
    if not isinstance(value, str) or len(value) > most or (key in NEEDED and key in file.data and not value.strip()):
        file.fault(key, _("%(key)s must be text of 1 to %(most)d characters.") % {"key": key, "most": most})
        return ""
    return value.strip()


def _matching(file: _File, key: str, shape: str, wanted: str, default: str) -> str:
    value = file.data.get(key, default)
    if key in file.data and not (isinstance(value, str) and re.fullmatch(shape, value)):
        file.fault(key, _("%(key)s must be %(wanted)s.") % {"key": key, "wanted": wanted})
    return str(value)


def _slug(file: _File) -> str:
    value = str(file.data.get("slug", ""))
    if "slug" not in file.data:
        return ""
    if not SLUG.fullmatch(value) or len(value) > 40:
        file.fault("slug", _("slug must be small letters, digits and hyphens, such as pare-pare."))
    elif value in RESERVED:
        file.fault("slug", _('slug "%(slug)s" is an address that Qlue itself uses.') % {"slug": value})
    return value


def _zone(file: _File) -> str:
    value = file.data.get("timezone", "Asia/Jakarta")
    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError, TypeError, OSError, AttributeError):
        file.fault("timezone", _("timezone is not known; Indonesia has Asia/Jakarta, Asia/Makassar and Asia/Jayapura."))
        return "Asia/Jakarta"


def _bounds(file: _File) -> Bounds | None:
    if "bounds" not in file.data:
        return None
    names = ("west", "south", "east", "north")
    found = _numbers(file, "bounds", names)
    if found is None:
        return None
    west, south, east, north = found
    if not (-180 <= west < east <= 180 and -85 <= south < north <= 85):
        file.fault("bounds", _("bounds must be degrees with west < east and south < north."))
        return None
    return west, south, east, north


def _centre(file: _File, bounds: Bounds | None) -> tuple[float, float, float]:
    found = _numbers(file, "centre", ("lon", "lat")) if "centre" in file.data else None
    if found is None:
        return 0.0, 0.0, 11.0
    lon, lat = found
    reason = outside(lon, lat, bounds or INDONESIA)
    if reason:
        file.fault("centre", reason)
    zoom = file.data["centre"].get("zoom", 11)
    if not _is_number(zoom) or not 1 <= zoom <= 20:
        file.fault("centre", _("zoom must be a number from 1 to 20."))
        zoom = 11
    return lon, lat, float(zoom)


def outside(lon: float, lat: float, box: Bounds) -> str | None:
    """Why a point does not lie in the box, None when it does; knows swapped coordinates."""
    west, south, east, north = box
    if west <= lon <= east and south <= lat <= north:
        return None
    place = {"lat": f"{lat:g}", "lon": f"{lon:g}"}
    if west <= lat <= east and south <= lon <= north:
        return _("lat %(lat)s and lon %(lon)s look swapped.") % place
    if box == INDONESIA:
        return _("lat %(lat)s, lon %(lon)s lies outside Indonesia; a city elsewhere needs bounds in city.toml.") % place
    return _("lat %(lat)s, lon %(lon)s lies outside the city's bounds.") % place


def _numbers(file: _File, key: str, names: tuple[str, ...]) -> tuple[float, ...] | None:
    value = file.data[key]
    if not isinstance(value, dict) or not all(_is_number(value.get(name)) for name in names):
        listed = ", ".join(names)
        file.fault(key, _("%(key)s must be a table with the numbers %(names)s.") % {"key": key, "names": listed})
        return None
    return tuple(float(value[name]) for name in names)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _hours(file: _File) -> dict[str, Any]:
    hours = file.data.get("hours", {})
    if not isinstance(hours, dict) or set(hours) - {*DAYS, "closed"}:
        file.fault("hours", _("hours may hold the days mon to sun, and closed."))
        return {}
    try:
        week = parse_week(hours)
        closed = [_day(day) for day in hours.get("closed", [])]
    except (ValueError, TypeError) as error:
        file.findings.fault(FILE, file.line_of("hours") or _table_line(file, "hours"), str(error))
        return {}
    if not any(week):
        file.findings.fault(FILE, _table_line(file, "hours"), _("hours must open on one day at least."))
    return {day: hours[day] for day in DAYS if day in hours} | ({"closed": closed} if closed else {})


def _table_line(file: _File, table: str) -> int | None:
    start = file.text.find(f"[{table}]")
    return file.text.count("\n", 0, start) + 1 if start >= 0 else None


def _day(value: Any) -> str:
    """An ISO date, written as text or as a TOML date."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    try:
        return date.fromisoformat(value).isoformat()
    except (ValueError, TypeError):
        raise ValueError(_('closed: "%(value)s" is not a date such as 2026-11-09.') % {"value": value}) from None


def _languages(file: _File) -> list[str]:
    value = file.data.get("languages", list(LANGUAGES))
    if not isinstance(value, list) or not value or any(one not in LANGUAGES for one in value):
        file.fault("languages", _("languages must be a list of: %(known)s.") % {"known": ", ".join(LANGUAGES)})
        return list(LANGUAGES)
    return value


def _look(file: _File) -> dict[str, Any]:
    look = _table(file, "look", {"colour": _is_colour, "logo": _is_sign})
    if "colour" in look and _is_colour(look["colour"]) is None and (state := _state_like(look["colour"])):
        words = _('colour is near the one that means "%(state)s" in all cities; buttons could be mistaken for it.')
        file.findings.note(FILE, file.line_of("colour", "look"), words % {"state": state})
    return {"logo": file.data.get("name", "")} | look


def _is_sign(value: Any) -> str | None:
    good = isinstance(value, str) and len(value) <= 40
    return None if good else _("text of at most 40 characters")


def _is_text(value: Any) -> str | None:
    return None if isinstance(value, str) and len(value) <= 120 else _("text of at most 120 characters")


def _is_days(value: Any) -> str | None:
    good = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 365
    return None if good else _("a whole number of days from 1 to 365")


def _is_hours(value: Any) -> str | None:
    return None if _is_number(value) and 0 < value <= 24 * 60 else _("hours, more than 0 and at most 1440")


def _is_percent(value: Any) -> str | None:
    return None if _is_number(value) and 0 <= value <= 100 else _("a percentage from 0 to 100")


def _is_count(value: Any) -> str | None:
    good = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 10_000
    return None if good else _("a whole number from 1 to 10000")


def _is_ladder(value: Any) -> str | None:
    """Steps of an escalation: hours from the deadline (negative: before it) and who is told."""
    good = isinstance(value, list) and 0 < len(value) <= 12 and all(map(_is_step, value))
    return None if good else _('a list of steps such as { hours = 24, tell = "operator" }')


def _is_step(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"hours", "tell"}:
        return False
    hours = value["hours"]
    whole = isinstance(hours, int) and not isinstance(hours, bool) and abs(hours) <= 24 * 366
    return whole and value["tell"] in LADDER_ROLES


def _is_call_ladder(value: Any) -> str | None:
    """Steps of an emergency: minutes from the mark, and who is called then."""
    good = isinstance(value, list) and 0 < len(value) <= 12 and all(map(_is_call, value))
    good = good and min(step["minutes"] for step in value) == 0
    return None if good else _('a list of steps such as { minutes = 3, tell = "head" }, the first with 0 minutes')


def _is_call(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"minutes", "tell"}:
        return False
    return value["tell"] in CALLED_ROLES and type(value["minutes"]) is int and 0 <= value["minutes"] <= 1440


def _is_slugs(value: Any) -> str | None:
    good = (
        isinstance(value, list)
        and len(value) <= 200
        and all(isinstance(one, str) and SLUG.fullmatch(one) for one in value)
    )
    return None if good else _('a list of agencies, such as ["dlh", "dishub"]')


def _is_camera_events(value: Any) -> str | None:
    good = isinstance(value, list) and all(one in CAMERA_EVENTS for one in value)
    return None if good else _("a list of %(known)s") % {"known": ", ".join(CAMERA_EVENTS)}


LADDER_ROLES = ("officer", "head", "operator", "mayor")
CALLED_ROLES = ("duty", "head", "operator", "mayor")
AUTO: dict[str, Callable[[Any], str | None]] = {
    "confirm_days": _is_days,
    "hand_over_hours": _is_hours,
    "outside_days": _is_days,
    "outside_remind_days": _is_days,
    "escalation": _is_ladder,
    "emergency": _is_call_ladder,
    "route": _is_slugs,
    "proof_metres": _is_count,
    "inspect_percent": _is_percent,
    "proof_days": _is_days,
    "target_in_time": _is_percent,
    "target_reopened": _is_percent,
    "target_answer_hours": _is_hours,
    "score_least": _is_count,
    "camera_reports": _is_camera_events,
}


def _is_colour(value: Any) -> str | None:
    if not isinstance(value, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        return _("a colour such as #0b4f8a")
    readable = contrast(value, WHITE) >= READABLE
    return None if readable else _("a colour dark enough for white words (contrast 4.5)")


def _state_like(colour: str) -> str:
    """The state that this colour would be mistaken for, '' when it is far enough from all."""
    at = hue(colour)
    if at is None:
        return ""
    near = ((4, _("waiting")), (23, _("in progress")), (162, _("done")))
    return next((word for degrees, word in near if abs((at - degrees + 180) % 360 - 180) < 10), "")


def _table(file: _File, table: str, known: dict[str, Callable[[Any], str | None]]) -> dict[str, Any]:
    """One table of city.toml; `known` maps its keys to what must hold (None) or what they must be."""
    value = file.data.get(table, {})
    if not isinstance(value, dict):
        file.fault(table, _("%(key)s must be a table.") % {"key": table})
        return {}
    for key, entry in value.items():
        if key not in known:
            names = ", ".join(known)
            file.fault(key, _("%(key)s is not known; known are: %(known)s.") % {"key": key, "known": names}, table)
        elif wanted := known[key](entry):
            file.fault(key, _("%(key)s must be %(wanted)s.") % {"key": key, "wanted": wanted}, table)
    return value
