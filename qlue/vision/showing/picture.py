"""One frame as a JPEG. Faces and plates are made unreadable before anything is stored or sent."""

from collections.abc import Iterable

from PIL import Image, ImageDraw, ImageFilter

from qlue.vision.detecting.boxes import Box
from qlue.vision.rules.marks import Marks
from qlue.vision.tracking.tracker import PEOPLE, RIDDEN, VEHICLES, Track

HEAD = 0.38  # share of a person's box, from the top
AROUND = 0.12  # of its width, to the sides
PLATE = 0.55  # share of a vehicle's box, from the bottom
COARSE = 5  # pixels that are left of a blurred part, on its longer side
COLOURS = {"person": "#f79009", "bicycle": "#12b76a", "motorcycle": "#12b76a"}
VEHICLE, MARKED, DRAWN = "#2e90fa", "#f04438", "#fdb022"
Corners = tuple[float, float, float, float]


def blurred(image: Image.Image, boxes: Iterable[Box]) -> Image.Image:
    """The same picture with the upper part of people, all of riders' heads and the plates' part of vehicles coarse.

    It takes every box that the detector thought of, unsure ones too: blurring too much costs nothing.
    """
    for box in boxes:
        for part in private_parts(box):
            _blur(image, part)
    return image


def private_parts(box: Box) -> list[Corners]:
    """Where in a box a face or a plate may be, as shares of the frame."""
    wide, high = box.x2 - box.x1, box.y2 - box.y1
    sides = box.x1 - AROUND * wide, box.x2 + AROUND * wide
    parts = []
    if box.kind in PEOPLE or box.kind in RIDDEN:
        parts.append((sides[0], box.y1 - 0.06 * high, sides[1], box.y1 + HEAD * high))
    if box.kind in VEHICLES and box.kind != "bicycle":
        parts.append((box.x1, box.y2 - PLATE * high, box.x2, box.y2))
    return parts


def _blur(image: Image.Image, part: Corners) -> None:
    x1, y1, x2, y2 = in_pixels(image, part)
    if x2 - x1 < 1 or y2 - y1 < 1:
        return
    cut = image.crop((x1, y1, x2, y2))
    factor = max(1.0, max(cut.size) / COARSE)
    small = cut.resize((max(1, round(cut.width / factor)), max(1, round(cut.height / factor))), Image.Resampling.BOX)
    soft = small.resize(cut.size, Image.Resampling.BILINEAR).filter(ImageFilter.GaussianBlur(1))
    image.paste(soft, (x1, y1))


def in_pixels(image: Image.Image, part: Corners) -> tuple[int, int, int, int]:
    """Shares of the frame as pixels, cut at its edges."""
    shares = [min(max(number, 0.0), 1.0) for number in part]
    wide, high = image.size
    x1, y1, x2, y2 = (round(share * side) for share, side in zip(shares, (wide, high, wide, high), strict=True))
    return x1, y1, x2, y2


def with_tracks(image: Image.Image, tracks: Iterable[Track], marks: Marks, *, line_width: int = 2) -> Image.Image:
    """The picture with boxes around what is followed, and what was drawn on the camera."""
    pen = ImageDraw.Draw(image)
    wide, high = image.size
    for line in marks.lines:
        pen.line([(x * wide, y * high) for x, y in (line.start, line.end)], fill=DRAWN, width=line_width)
    for zone in marks.zones:
        pen.polygon([(x * wide, y * high) for x, y in zone.corners], outline=DRAWN, width=line_width)
    for track in tracks:
        if track.trusted:
            colour = COLOURS.get(track.kind, VEHICLE)
            corners = in_pixels(image, track.box)
            pen.rectangle(corners, outline=colour, width=line_width)
            pen.text((corners[0] + 2, max(0, corners[1] - 11)), f"{track.kind} {track.id}", fill=colour)
    return image


def with_box(image: Image.Image, box: Corners) -> Image.Image:
    """The picture with the one thing marked that an event is about."""
    ImageDraw.Draw(image).rectangle(in_pixels(image, box), outline=MARKED, width=3)
    return image
