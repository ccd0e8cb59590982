"""Draws what the pipeline knows on a frame: tracks, marks, and the one thing that an event is about."""

from collections.abc import Iterable

from PIL import Image, ImageDraw

from qlue.vision.drawing.blur import Corners, to_pixels
from qlue.vision.rules.marks import Marks
from qlue.vision.tracking.tracker import Track

COLOURS = {"person": "#f79009", "bicycle": "#12b76a", "motorcycle": "#12b76a"}
VEHICLE_COLOUR, EVENT_COLOUR, MARK_COLOUR = "#2e90fa", "#f04438", "#fdb022"


def draw_tracks(image: Image.Image, tracks: Iterable[Track], marks: Marks, *, line_width: int = 2) -> Image.Image:
    """Draws the camera's marks and a box around each confirmed track."""
    pen = ImageDraw.Draw(image)
    width, height = image.size
    for line in marks.lines:
        pen.line([(x * width, y * height) for x, y in (line.start, line.end)], fill=MARK_COLOUR, width=line_width)
    for zone in marks.zones:
        pen.polygon([(x * width, y * height) for x, y in zone.corners], outline=MARK_COLOUR, width=line_width)
    for track in tracks:
        if track.is_confirmed:
            colour = COLOURS.get(track.kind, VEHICLE_COLOUR)
            corners = to_pixels(image, track.box)
            pen.rectangle(corners, outline=colour, width=line_width)
            pen.text((corners[0] + 2, max(0, corners[1] - 11)), f"{track.kind} {track.id}", fill=colour)
    return image


def draw_box(image: Image.Image, box: Corners) -> Image.Image:
    """Draws the box that an event is about."""
    ImageDraw.Draw(image).rectangle(to_pixels(image, box), outline=EVENT_COLOUR, width=3)
    return image
