"""Hot spots as lines of a table and as squares of a map."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.insight.models import HotSpot
from qlue.insight.presentation.places import area_name, public_list_url
from qlue.reports.queries.address import query_from_filter
from qlue.reports.queries.reports import ReportFilter
from qlue.web import formats


@dataclass(frozen=True)
class HotspotLine:
    """A hot spot as a line of a table; `url`: the public list of its reports of the last 28 days."""

    rank: int
    place: str
    expected: str
    recent: int
    sure: bool
    url: str


def hotspot_rows(city: CityFacts, spots: Iterable[HotSpot]) -> list[HotspotLine]:
    """Hot spots as lines of a table."""
    return [_hotspot_line(city, spot) for spot in spots]


def _hotspot_line(city: CityFacts, spot: HotSpot) -> HotspotLine:
    return HotspotLine(
        rank=spot.rank,
        place=area_name(city, spot.area_id) or "–",
        expected=formats.number_text(spot.expected, 1),
        recent=spot.recent,
        sure=spot.sure,
        url=public_list_url(city, query_from_filter(city, hotspot_filter(city, spot))),
    )


def hotspot_filter(city: CityFacts, spot: HotSpot) -> ReportFilter:
    """The reports of a hot spot's square in the 28 days before it was computed."""
    # Whole days in the city's zone, as the hot spots count them.
    midnight = datetime.combine(spot.run.made_at.astimezone(city.tz).date(), time(), city.tz)
    box = (spot.west, spot.south, spot.east, spot.north)
    return ReportFilter(category=spot.category_id, bbox=box, since=midnight - timedelta(days=28), until=midnight)


def hotspot_layer(city: CityFacts, spots: Iterable[HotSpot]) -> dict[str, object]:
    """Squares as a GeoJSON layer of the map; significant ones are filled strongly."""
    return {"type": "FeatureCollection", "features": [_hotspot_feature(city, spot) for spot in spots]}


def hotspot_properties(city: CityFacts, spot: HotSpot) -> dict[str, object]:
    """Name, note and link that the map shows when a square is tapped."""
    line = _hotspot_line(city, spot)
    text = _("%(recent)s in 28 days, %(expected)s expected in the next")
    note = text % {"recent": formats.number_text(spot.recent), "expected": line.expected}
    weight = 0.8 if spot.sure else 0.2
    return {"name": line.place, "note": note, "url": line.url, "colour": "red", "weight": weight, "rank": spot.rank}


def _hotspot_feature(city: CityFacts, spot: HotSpot) -> dict[str, object]:
    ring = [[spot.west, spot.south], [spot.east, spot.south], [spot.east, spot.north], [spot.west, spot.north]]
    properties = hotspot_properties(city, spot)
    geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    return {"type": "Feature", "id": spot.rank, "properties": properties, "geometry": geometry}
