"""Where a report lies: by lat and long, by the code of its kelurahan, or by the kelurahan's name in an address."""

import re

from django.utils.translation import gettext as _

from qlue.channels.open311.answers import Fault
from qlue.cities.facts import AreaFacts, CityFacts, area_at
from qlue.kit.geo import is_position
from qlue.reports.actions.place import NoPlace, Place, place_of

DEGREES = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{1,20})?")
NAMED = re.compile(r"\b(?:kelurahan|desa|kel\.?)\s+(.+)", re.IGNORECASE)


def locate(city: CityFacts, lat: str, long: str, address_id: str, address: str) -> Place:
    """The first of these that was sent counts; Fault where it leads nowhere in this city."""
    if lat or long:
        return _pin(city, lat, long)
    if address_id:
        found = city.area(address_id)
        if found is None or found.level != "kelurahan" or not found.active:
            raise Fault(400, _("address_id must be the code of a kelurahan, such as %(code)s.") % {"code": _code(city)})
        return place_of(city, area=found)
    if address:
        return place_of(city, area=_named(city, address))
    raise Fault(400, _("Where is it? Send lat and long, or address_id, or address_string with the kelurahan."))


def _pin(city: CityFacts, lat: str, long: str) -> Place:
    if not (DEGREES.fullmatch(lat) and DEGREES.fullmatch(long)):
        raise Fault(400, _("lat and long must both be sent, as degrees with a point, such as -5.1477 and 119.4327."))
    lon_lat = float(long), float(lat)
    try:
        return place_of(city, pin=lon_lat if is_position(*lon_lat) else None)
    except NoPlace as nowhere:
        raise Fault(400, _outside(city, *lon_lat, nowhere.other)) from nowhere


def _outside(city: CityFacts, lon: float, lat: float, other: CityFacts | None) -> str:
    if is_position(lat, lon) and area_at(city, lat, lon):
        return _("lat and long seem to be swapped.")
    if other is None:
        return _("This place lies outside of %(city)s.") % {"city": city.name}
    where = _("This place lies in %(other)s: send it with jurisdiction_id=%(slug)s.")
    return where % {"other": other.name, "slug": other.slug}


def _named(city: CityFacts, address: str) -> AreaFacts:
    """The one kelurahan that stands between commas or after "Kelurahan"; its kecamatan decides between namesakes."""
    parts = _parts(address)
    found = [area for area in city.kelurahan if area.name.casefold() in parts]
    if len(found) > 1:
        found = [area for area in found if city.areas[area.parent_id or 0].name.casefold() in parts]
    if len(found) != 1:
        wrong = _("No single kelurahan of %(city)s was found in address_string. Name it: '..., Kelurahan %(example)s'.")
        raise Fault(400, wrong % {"city": city.name, "example": city.kelurahan[0].name if city.kelurahan else "..."})
    return found[0]


def _parts(address: str) -> set[str]:
    parts = {" ".join(part.split()).strip(" .").casefold() for part in re.split(r"[,;\n]", address)}
    bare = {re.sub(r"^(kelurahan|kecamatan|desa|kel\.?|kec\.?)\s+", "", part) for part in parts}
    named = {match[1].casefold() for part in parts if (match := NAMED.search(part))}
    return parts | bare | named


def _code(city: CityFacts) -> str:
    return city.kelurahan[0].code if city.kelurahan else "73.71.01.1006"
