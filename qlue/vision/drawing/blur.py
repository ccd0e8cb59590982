"""Makes faces and number plates unreadable, before anything is stored or sent."""

from collections.abc import Iterable

from PIL import Image, ImageFilter

from qlue.vision.detection.boxes import Box
from qlue.vision.tracking.tracker import PEOPLE, TWO_WHEELERS, VEHICLES

HEAD_SHARE = 0.38  # of a person's box, from the top
HEAD_MARGIN = 0.12  # of its width, to each side
HEAD_ABOVE = 0.06  # of its height: detectors cut heads off
PLATE_SHARE = 0.55  # of a vehicle's box, from the bottom
BLUR_PIXELS = 5  # what is left of a blurred part on its longer side: too few for any face or plate
Corners = tuple[float, float, float, float]


def blur_identifying_parts(image: Image.Image, boxes: Iterable[Box]) -> Image.Image:
    """Blurs heads of people and riders and the lower part of vehicles, in the image itself, which is returned.

    `boxes` are all that the detector found, unsure ones too: blurring too much costs nothing.
    """
    for box in boxes:
        for part in identifying_parts(box):
            _pixelate(image, part)
    return image


def identifying_parts(box: Box) -> list[Corners]:
    """Where in a box a face or a plate may be, as shares of the frame."""
    width, height = box.x2 - box.x1, box.y2 - box.y1
    sides = box.x1 - HEAD_MARGIN * width, box.x2 + HEAD_MARGIN * width
    parts = []
    if box.kind in PEOPLE or box.kind in TWO_WHEELERS:
        parts.append((sides[0], box.y1 - HEAD_ABOVE * height, sides[1], box.y1 + HEAD_SHARE * height))
    if box.kind in VEHICLES and box.kind != "bicycle":
        parts.append((box.x1, box.y2 - PLATE_SHARE * height, box.x2, box.y2))
    return parts


def _pixelate(image: Image.Image, part: Corners) -> None:
    """Shrinks a part to a few pixels and enlarges it again: unlike a blur that cannot be calculated back."""
    x1, y1, x2, y2 = to_pixels(image, part)
    if x2 - x1 < 1 or y2 - y1 < 1:
        return
    patch = image.crop((x1, y1, x2, y2))
    factor = max(1.0, max(patch.size) / BLUR_PIXELS)
    size = max(1, round(patch.width / factor)), max(1, round(patch.height / factor))
    small = patch.resize(size, Image.Resampling.BOX)
    soft = small.resize(patch.size, Image.Resampling.BILINEAR).filter(ImageFilter.GaussianBlur(1))
    image.paste(soft, (x1, y1))


def to_pixels(image: Image.Image, part: Corners) -> tuple[int, int, int, int]:
    """Shares of the frame as pixels, cut at its edges."""
    shares = [min(max(number, 0.0), 1.0) for number in part]
    width, height = image.size
    x1, y1, x2, y2 = (round(share * side) for share, side in zip(shares, (width, height, width, height), strict=True))
    return x1, y1, x2, y2
