"""Marks that people draw on a camera's picture: lines to count at, zones to watch. Points are shares of the frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from django.utils.translation import gettext as _

Point = tuple[float, float]
MAX_MARKS, MAX_CORNERS, MAX_NAME = 12, 20, 60
MIN_AREA = 0.0005  # of the frame; smaller zones are slips of the finger
ZONE_KINDS = ("parking", "crowd", "road")
DEFAULTS = {"parking": (1, 120), "crowd": (12, 20), "road": (5, 60)}  # limit, seconds


class BadMarks(ValueError):
    """Marks that cannot be used; the message, for people, says which and why."""


@dataclass(frozen=True)
class CountLine:
    """Counts what crosses from its left to its right (`forward`, seen from its start to its end) and back."""

    name: str
    start: Point
    end: Point


@dataclass(frozen=True)
class Zone:
    """`parking`: a vehicle standing `seconds`; `crowd`: `limit` people for `seconds`; `road`: `limit` slow vehicles."""

    name: str
    kind: str
    corners: tuple[Point, ...]
    limit: int
    seconds: int


@dataclass(frozen=True)
class Marks:
    """The lines and zones of one camera."""

    lines: tuple[CountLine, ...] = ()
    zones: tuple[Zone, ...] = ()


def read_marks(document: Any) -> Marks:
    """Marks from `{"lines": [{name, points}], "zones": [{name, kind, points, limit, seconds}]}`; raises `BadMarks`."""
    if not isinstance(document, dict):
        raise BadMarks(_("An object with lines and zones is expected."))
    lines, zones = (document.get(key) or [] for key in ("lines", "zones"))
    if not isinstance(lines, list) or not isinstance(zones, list):
        raise BadMarks(_("Lines and zones are lists."))
    if len(lines) + len(zones) > MAX_MARKS:
        raise BadMarks(_("At most %(most)d lines and zones together.") % {"most": MAX_MARKS})
    marks = Marks(tuple(_read_line(shape) for shape in lines), tuple(_read_zone(shape) for shape in zones))
    # Names identify lines and zones in counts and events, so two of the same name could not be told apart.
    names = [line.name for line in marks.lines] + [zone.name for zone in marks.zones]
    if len(set(names)) < len(names):
        raise BadMarks(_("Two lines or zones have the same name."))
    return marks


def marks_to_json(marks: Marks) -> dict[str, object]:
    """The reverse of `read_marks`."""
    lines = [{"name": line.name, "points": [list(line.start), list(line.end)]} for line in marks.lines]
    zones = [
        {
            "name": zone.name,
            "kind": zone.kind,
            "points": list(map(list, zone.corners)),
            "limit": zone.limit,
            "seconds": zone.seconds,
        }
        for zone in marks.zones
    ]
    return {"lines": lines, "zones": zones}


def _read_line(shape: Any) -> CountLine:
    name, points = _read_mark_name(shape), _read_points(shape, 2, 2)
    if points[0] == points[1]:
        raise BadMarks(_("%(name)s: a line needs two different points.") % {"name": name})
    return CountLine(name, points[0], points[1])


def _read_zone(shape: Any) -> Zone:
    name, points = _read_mark_name(shape), _read_points(shape, 3, MAX_CORNERS)
    kind = shape.get("kind")
    if kind not in ZONE_KINDS:
        raise BadMarks(_("%(name)s: the kind is one of %(kinds)s.") % {"name": name, "kinds": ", ".join(ZONE_KINDS)})
    if polygon_area(points) < MIN_AREA:
        raise BadMarks(_("%(name)s: the zone has no area.") % {"name": name})
    limit, seconds = DEFAULTS[kind]
    return Zone(
        name,
        kind,
        tuple(points),
        _read_whole_number(shape, "limit", limit, 1, 500),
        _read_whole_number(shape, "seconds", seconds, 2, 86_400),
    )


def _read_mark_name(shape: Any) -> str:
    name = " ".join(str(shape.get("name") or "").split()) if isinstance(shape, dict) else ""
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise BadMarks(_("Each line and zone needs a name of at most %(most)d letters.") % {"most": MAX_NAME})
    return name


def _read_points(shape: dict[str, Any], minimum: int, maximum: int) -> list[Point]:
    points = shape.get("points")
    if not isinstance(points, list) or not minimum <= len(points) <= maximum:
        raise BadMarks(
            _("%(name)s: %(least)d to %(most)d points are expected.")
            % {"name": _read_mark_name(shape), "least": minimum, "most": maximum}
        )
    return [_read_mark_point(shape, point) for point in points]


def _read_mark_point(shape: dict[str, Any], point: Any) -> Point:
    try:
        x, y = (float(number) for number in point)
    except (TypeError, ValueError):
        raise BadMarks(_("%(name)s: a point is two numbers.") % {"name": _read_mark_name(shape)}) from None
    if not (isfinite(x) and isfinite(y) and 0 <= x <= 1 and 0 <= y <= 1):
        raise BadMarks(_("%(name)s: points are shares of the picture, from 0 to 1.") % {"name": _read_mark_name(shape)})
    return round(x, 4), round(y, 4)


def _read_whole_number(shape: dict[str, Any], key: str, default: int, minimum: int, maximum: int) -> int:
    number = shape.get(key, default)
    # JSON's true is an int to Python.
    if isinstance(number, bool) or not isinstance(number, int) or not minimum <= number <= maximum:
        values = {"name": _read_mark_name(shape), "key": key, "least": minimum, "most": maximum}
        raise BadMarks(_("%(name)s: %(key)s is a whole number from %(least)d to %(most)d.") % values)
    return number


def polygon_area(points: Sequence[Point]) -> float:
    """The area inside a ring of points (shoelace formula)."""
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def is_in_polygon(point: Point, corners: Sequence[Point]) -> bool:
    """Whether the point lies in the ring (ray to the right, crossings counted)."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
