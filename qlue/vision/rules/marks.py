"""What people draw on a camera's picture: lines to count at, zones to watch. Coordinates are shares of the frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from django.utils.translation import gettext as _

Point = tuple[float, float]
MOST_MARKS, MOST_CORNERS, MOST_NAME = 12, 20, 60
ZONE_KINDS = ("parking", "crowd", "road")
USUAL = {"parking": (1, 120), "crowd": (12, 20), "road": (5, 60)}  # how many, for how many seconds


class BadMarks(ValueError):
    """What was drawn cannot be used; the words say where and why."""


@dataclass(frozen=True)
class Line:
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
    """All that is drawn on one camera."""

    lines: tuple[Line, ...] = ()
    zones: tuple[Zone, ...] = ()


def read_marks(said: Any) -> Marks:
    """Marks of JSON such as `{"lines": [{name, points}], "zones": [{name, kind, points, limit, seconds}]}`."""
    if not isinstance(said, dict):
        raise BadMarks(_("An object with lines and zones is expected."))
    lines, zones = (said.get(key) or [] for key in ("lines", "zones"))
    if not isinstance(lines, list) or not isinstance(zones, list):
        raise BadMarks(_("Lines and zones are lists."))
    if len(lines) + len(zones) > MOST_MARKS:
        raise BadMarks(_("At most %(most)d lines and zones together.") % {"most": MOST_MARKS})
    found = Marks(tuple(_line(one) for one in lines), tuple(_zone(one) for one in zones))
    names = [line.name for line in found.lines] + [zone.name for zone in found.zones]
    if len(set(names)) < len(names):
        raise BadMarks(_("Two lines or zones have the same name."))
    return found


def to_json(marks: Marks) -> dict[str, Any]:
    """The reverse of `read_marks`."""
    lines = [{"name": line.name, "points": [list(line.start), list(line.end)]} for line in marks.lines]
    zones = [
        {"name": z.name, "kind": z.kind, "points": list(map(list, z.corners)), "limit": z.limit, "seconds": z.seconds}
        for z in marks.zones
    ]
    return {"lines": lines, "zones": zones}


def _line(said: Any) -> Line:
    name, points = _name(said), _points(said, 2, 2)
    if points[0] == points[1]:
        raise BadMarks(_("%(name)s: a line needs two different points.") % {"name": name})
    return Line(name, points[0], points[1])


def _zone(said: Any) -> Zone:
    name, points = _name(said), _points(said, 3, MOST_CORNERS)
    kind = said.get("kind")
    if kind not in ZONE_KINDS:
        raise BadMarks(_("%(name)s: the kind is one of %(kinds)s.") % {"name": name, "kinds": ", ".join(ZONE_KINDS)})
    if area(points) < 0.0005:
        raise BadMarks(_("%(name)s: the zone has no area.") % {"name": name})
    limit, seconds = USUAL[kind]
    return Zone(
        name, kind, tuple(points), _whole(said, "limit", limit, 1, 500), _whole(said, "seconds", seconds, 2, 86_400)
    )


def _name(said: Any) -> str:
    name = " ".join(str(said.get("name") or "").split()) if isinstance(said, dict) else ""
    if not name or len(name) > MOST_NAME or not name.isprintable():
        raise BadMarks(_("Each line and zone needs a name of at most %(most)d letters.") % {"most": MOST_NAME})
    return name


def _points(said: dict[str, Any], least: int, most: int) -> list[Point]:
    given = said.get("points")
    if not isinstance(given, list) or not least <= len(given) <= most:
        raise BadMarks(
            _("%(name)s: %(least)d to %(most)d points are expected.")
            % {"name": _name(said), "least": least, "most": most}
        )
    return [_point(said, one) for one in given]


def _point(said: dict[str, Any], given: Any) -> Point:
    try:
        x, y = (float(number) for number in given)
    except (TypeError, ValueError):
        raise BadMarks(_("%(name)s: a point is two numbers.") % {"name": _name(said)}) from None
    if not (isfinite(x) and isfinite(y) and 0 <= x <= 1 and 0 <= y <= 1):
        raise BadMarks(_("%(name)s: points are shares of the picture, from 0 to 1.") % {"name": _name(said)})
    return round(x, 4), round(y, 4)


def _whole(said: dict[str, Any], key: str, usual: int, least: int, most: int) -> int:
    given = said.get(key, usual)
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        told = {"name": _name(said), "key": key, "least": least, "most": most}
        raise BadMarks(_("%(name)s: %(key)s is a whole number from %(least)d to %(most)d.") % told)
    return given


def area(points: Sequence[Point]) -> float:
    """The area inside a ring of points (shoelace formula)."""
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def is_inside(point: Point, corners: Sequence[Point]) -> bool:
    """Whether the point lies in the ring (ray to the right, crossings counted)."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
