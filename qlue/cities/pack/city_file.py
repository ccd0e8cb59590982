"""city.toml: who the city is. The type is `schema.CitySettings`; here stands what no type can say."""

from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import gettext as _

from qlue.cities.calendar.week import DAYS, parse_week
from qlue.cities.pack.box import INDONESIA, outside_reason
from qlue.cities.pack.contents import Bounds, CityRow
from qlue.cities.pack.faults import Findings
from qlue.cities.pack.files import decoded, read_bytes
from qlue.cities.pack.schema import BoundsTable, Centre, CitySettings, Zoom
from qlue.cities.pack.toml_file import TomlFile, check_table, fits, parse_toml, reason_of
from qlue.cities.records import AutoSettings
from qlue.kit.colour import READABLE, WHITE, contrast, hue

FILE = "city.toml"

# First path segments that are not cities, now or some day: a city with such a slug would hide Qlue's own pages.
RESERVED = frozenset(
    """
    akun api static media open311 bahasa live health ready robots favicon manifest sw admin assets foto lapor
    laporan kerja dasbor wilayah kota cities offline login logout qlue www nasional national tentang bantuan
    outbox hooks kanal pesan push sms telegram whatsapp things sensor kamera alarm tautan data luar rupa
    """.split()  # noqa: SIM905
)


def read_city(folder: Path, findings: Findings) -> CityRow | None:
    """The city; None with faults when the file is missing, broken or wrong anywhere."""
    data = read_bytes(folder, FILE, findings)
    if data is None:
        # What must not be read has its fault already; without one the file is not there.
        if not findings.faults:
            findings.fault(FILE, None, _("The file is missing; a pack is a folder with a city.toml."))
        return None
    text = decoded(FILE, data, findings)
    file = parse_toml(FILE, text, findings) if text is not None else None
    if file is None:
        return None
    if "slug" in file.content:  # a slug of digits alone may stand without quotes
        file.content["slug"] = str(file.content["slug"])
    fault_count = len(findings.faults)
    _check_values(file, check_table(file, CitySettings, file.content))
    return _city_row(file) if len(findings.faults) == fault_count else None


def _city_row(file: TomlFile) -> CityRow:
    """The tables go to the database as the pack has them: a default that a newer Qlue changes is not frozen there."""
    city = msgspec.convert(file.content, CitySettings)
    return CityRow(
        slug=city.slug,
        name=city.name.strip(),
        province=city.province.strip(),
        country=city.country,
        timezone=city.timezone,
        prefix=city.prefix,
        lon=city.centre.lon,
        lat=city.centre.lat,
        zoom=float(city.centre.zoom),
        bounds=_bounds(city.bounds),
        hours=_stored_hours(file.content.get("hours", {})),
        theme={"logo": city.name} | file.content.get("look", {}),
        languages=list(city.languages),
        open311=file.content.get("open311", {}),
        auto=file.content.get("auto", {}),
    )


def _check_values(file: TomlFile, values: dict[str, Any]) -> None:
    """`values`: those that fit their types; the others have their faults already."""
    if values.get("slug") in RESERVED:
        file.fault("slug", _('slug "%(slug)s" is an address that Qlue itself uses.') % {"slug": values["slug"]})
    if not _is_time_zone(values.get("timezone", "Asia/Jakarta")):
        file.fault("timezone", reason_of(CitySettings, "timezone"))
    _check_place(file, values.get("bounds"), values.get("centre"))
    _check_hours(file, values.get("hours", {}))
    _check_colour(file, values.get("look", {}).get("colour"))
    _check_emergency(file, values.get("auto", {}).get("emergency"))


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, a path, a folder of zones
        return False
    return True


def _bounds(box: BoundsTable | None) -> Bounds | None:
    return (box.west, box.south, box.east, box.north) if box else None


def _check_place(file: TomlFile, box: BoundsTable | None, centre: Centre | None) -> None:
    if box and not (-180 <= box.west < box.east <= 180 and -85 <= box.south < box.north <= 85):
        file.fault("bounds", _("bounds must be degrees with west < east and south < north."))
        box = None
    if centre is None:
        return
    if reason := outside_reason(centre.lon, centre.lat, _bounds(box) or INDONESIA):
        file.fault("centre", reason)
    if not fits(centre.zoom, Zoom):
        file.fault("centre", _("zoom must be a number from 1 to 20."))


def _check_hours(file: TomlFile, hours: dict[str, Any]) -> None:
    try:
        week = parse_week(hours)
        _stored_hours(hours)
    except (ValueError, TypeError) as error:
        file.findings.fault(FILE, file.line_of("hours") or file.line_of_table("hours"), str(error))
        return
    # Without one open day no deadline would ever come.
    if not any(week):
        file.findings.fault(FILE, file.line_of_table("hours"), _("hours must open on one day at least."))


def _stored_hours(hours: dict[str, Any]) -> dict[str, object]:
    """As the database keeps them: the days as in the pack, closed dates as ISO text. Raises ValueError."""
    dates = [_iso_date(day) for day in hours.get("closed", [])]
    return {day: hours[day] for day in DAYS if day in hours} | ({"closed": dates} if dates else {})


def _iso_date(value: Any) -> str:
    """An ISO date, written as text or as a TOML date."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    try:
        return date.fromisoformat(value).isoformat()
    except (ValueError, TypeError):
        raise ValueError(_('closed: "%(value)s" is not a date such as 2026-11-09.') % {"value": value}) from None


def _check_colour(file: TomlFile, colour: str | None) -> None:
    if colour is None:
        return
    if contrast(colour, WHITE) < READABLE:
        description = _("a colour dark enough for white words (contrast 4.5)")
        file.fault("colour", _("%(key)s must be %(wanted)s.") % {"key": "colour", "wanted": description}, "look")
    elif state := _similar_state(colour):
        reason = _('colour is near the one that means "%(state)s" in all cities; buttons could be mistaken for it.')
        file.findings.note(FILE, file.line_of("colour", "look"), reason % {"state": state})


def _similar_state(colour: str) -> str:
    """The state that this colour would be mistaken for, '' when it is far enough from all."""
    angle = hue(colour)
    if angle is None:  # a grey
        return ""
    # About the hues of the states' colours in `frontend/src/styles/_tokens.scss`.
    states = ((4, _("waiting")), (23, _("in progress")), (162, _("done")))
    # Hues are angles: 359 is as near to 4 as 9 is.
    return next((label for degrees, label in states if abs((angle - degrees + 180) % 360 - 180) < 10), "")


def _check_emergency(file: TomlFile, steps: tuple[Any, ...] | None) -> None:
    """An emergency that calls nobody at once would be no emergency."""
    if steps and min(step.minutes for step in steps) > 0:
        file.fault("emergency", reason_of(AutoSettings, "emergency"), "auto")
