"""Where a report lies: the pin, else the chosen kelurahan, else what the photo says of itself."""

from dataclasses import dataclass

from qlue.cities.facts import AreaFacts, CityFacts, area_at, city_at
from qlue.kit.geo import is_position

Position = tuple[float, float]


@dataclass(frozen=True)
class ReportPlace:
    """`kind` is `pin` or `area`; `area_id` is the kelurahan, where we know it already."""

    lon: float
    lat: float
    kind: str = "pin"
    area_id: int | None = None
    from_photo: bool = False


class NoPlace(Exception):
    """The place is missing, or lies outside of the city; then `other` is the city that it lies in, if we know one."""

    def __init__(self, reason: str, other_city: CityFacts | None = None) -> None:
        super().__init__(reason)
        self.reason, self.other = reason, other_city


def place_of(
    city: CityFacts,
    *,
    pin: Position | None = None,
    area: AreaFacts | None = None,
    photo: Position | None = None,
    keep: bool = False,
) -> ReportPlace:
    """The place of a new report; positions are (lon, lat). Raises `NoPlace` ("missing" or "outside").

    A pin counts more than a kelurahan, unless it lies outside of the city: people report from elsewhere, too. With
    `keep`, a pin outside is taken as it is (the report is kept as `unserved`). A photo's position only fills a gap.
    """
    inside = area_at(city, *pin) if pin else None
    if pin and (keep or inside):
        return ReportPlace(*pin, area_id=inside.id if inside else None)
    if area:
        return ReportPlace(area.lon, area.lat, "area", area.id)
    if pin:
        raise NoPlace("outside", city_at(*pin))
    # Last, for it is no proof: anybody can write EXIF, and the picture may be from somewhere else.
    if photo and area_at(city, *photo):
        return ReportPlace(*photo, from_photo=True)
    raise NoPlace("missing")


def parse_position(lon: str | float | None, lat: str | float | None) -> Position | None:
    """(lon, lat) of what was sent, None where both are empty. Raises ValueError on anything that is no position."""
    if lon in (None, "") and lat in (None, ""):
        return None
    try:
        # By way of text, so that half a position fails like any other text: "None" is no number.
        point = float(str(lon)), float(str(lat))
    except ValueError:
        raise ValueError("no numbers") from None
    if not is_position(*point):
        raise ValueError("not on this planet")
    return point
