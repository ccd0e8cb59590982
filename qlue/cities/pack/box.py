"""Where the points of a city may lie."""

from django.utils.translation import gettext as _

from qlue.cities.pack.contents import Bounds

# Degrees: Sabang to Merauke, Rote to Miangas, with the sea around.
INDONESIA: Bounds = (94.5, -11.5, 141.5, 6.5)


def outside_reason(lon: float, lat: float, box: Bounds) -> str | None:
    """Why a point does not lie in the box, None when it does; recognises swapped coordinates."""
    west, south, east, north = box
    if west <= lon <= east and south <= lat <= north:
        return None
    place = {"lat": f"{lat:g}", "lon": f"{lon:g}"}
    if west <= lat <= east and south <= lon <= north:
        return _("lat %(lat)s and lon %(lon)s look swapped.") % place
    if box == INDONESIA:
        return _("lat %(lat)s, lon %(lon)s lies outside Indonesia; a city elsewhere needs bounds in city.toml.") % place
    return _("lat %(lat)s, lon %(lon)s lies outside the city's bounds.") % place
