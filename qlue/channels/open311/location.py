"""Where a report lies: by lat and long, by the code of its kelurahan, or by the kelurahan's name in an address."""

import re

from django.utils.translation import gettext as _

from qlue.channels.open311.responses import Open311Error
from qlue.cities.facts import AreaFacts, CityFacts, area_at
from qlue.kit.geo import is_position
from qlue.reports.actions.place import NoPlace, ReportPlace, place_of

DEGREES = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{1,20})?")
KELURAHAN_PREFIX = re.compile(r"\b(?:kelurahan|desa|kel\.?)\s+(.+)", re.IGNORECASE)


def locate_report(city: CityFacts, lat: str, long: str, address_id: str, address: str) -> ReportPlace:
    """The first of these that was sent counts. Raises `Open311Error` where it leads nowhere in this city."""
    if lat or long:
        return _place_of_pin(city, lat, long)
    if address_id:
        area = city.area(address_id)
        if area is None or area.level != "kelurahan" or not area.active:
            raise Open311Error(
                400, _("address_id must be the code of a kelurahan, such as %(code)s.") % {"code": _example_code(city)}
            )
        return place_of(city, area=area)
    if address:
        return place_of(city, area=_area_in_address(city, address))
    raise Open311Error(400, _("Where is it? Send lat and long, or address_id, or address_string with the kelurahan."))


def _place_of_pin(city: CityFacts, lat: str, long: str) -> ReportPlace:
    if not (DEGREES.fullmatch(lat) and DEGREES.fullmatch(long)):
        raise Open311Error(
            400, _("lat and long must both be sent, as degrees with a point, such as -5.1477 and 119.4327.")
        )
    # The standard says lat first, GeoJSON and Qlue lon first.
    lon_lat = float(long), float(lat)
    try:
        return place_of(city, pin=lon_lat if is_position(*lon_lat) else None)
    except NoPlace as error:
        raise Open311Error(400, _outside_reason(city, *lon_lat, error.other)) from error


def _outside_reason(city: CityFacts, lon: float, lat: float, neighbour: CityFacts | None) -> str:
    # The commonest mistake of all: GeoJSON and most libraries write longitude first.
    if is_position(lat, lon) and area_at(city, lat, lon):
        return _("lat and long seem to be swapped.")
    if neighbour is None:
        return _("This place lies outside of %(city)s.") % {"city": city.name}
    hint = _("This place lies in %(other)s: send it with jurisdiction_id=%(slug)s.")
    return hint % {"other": neighbour.name, "slug": neighbour.slug}


def _area_in_address(city: CityFacts, address: str) -> AreaFacts:
    """The one kelurahan that stands between commas or after "Kelurahan"; its kecamatan decides between namesakes."""
    parts = _address_parts(address)
    areas = [area for area in city.kelurahan if area.name.casefold() in parts]
    if len(areas) > 1:
        areas = [area for area in areas if city.areas[area.parent_id or 0].name.casefold() in parts]
    if len(areas) != 1:
        reason = _(
            "No single kelurahan of %(city)s was found in address_string. Name it: '..., Kelurahan %(example)s'."
        )
        raise Open311Error(
            400, reason % {"city": city.name, "example": city.kelurahan[0].name if city.kelurahan else "..."}
        )
    return areas[0]


def _address_parts(address: str) -> set[str]:
    parts = {" ".join(part.split()).strip(" .").casefold() for part in re.split(r"[,;\n]", address)}
    # With and without the word before it: people write "Kel. Mattoangin" as well as "Mattoangin".
    bare = {re.sub(r"^(kelurahan|kecamatan|desa|kel\.?|kec\.?)\s+", "", part) for part in parts}
    after_prefix = {match[1].casefold() for part in parts if (match := KELURAHAN_PREFIX.search(part))}
    return parts | bare | after_prefix


def _example_code(city: CityFacts) -> str:
    return city.kelurahan[0].code if city.kelurahan else "73.71.01.1006"
