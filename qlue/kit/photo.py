"""Photos from strangers: allow-list, caps, re-encoding. Nothing of the original file survives, GPS least of all."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from threading import BoundedSemaphore
from typing import Any

from PIL import Image, ImageOps
from PIL.ExifTags import GPS, IFD, Base

from qlue.kit.geo import is_position

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 15_000_000
MOST_PIXELS = 40_000_000  # a 17 KB PNG can claim 144 megapixels
SIZES = {"large": 1600, "medium": 800, "thumb": 240}  # longest side in pixels
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
_decoding = BoundedSemaphore(2)  # a decoded photo takes up to 160 MB


class BadPhoto(ValueError):
    """A file that is not taken; `reason` is one of `size`, `pixels`, `format`, `broken`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class CleanPhoto:
    """JPEG bytes per size name; position and time are what the camera claimed, for suggestions only."""

    sizes: dict[str, bytes]
    width: int
    height: int
    position: tuple[float, float] | None
    taken_at: datetime | None
    dhash: int


def clean_photo(data: bytes) -> CleanPhoto:
    """Decodes and re-encodes one photo in all sizes; raises `BadPhoto` on whatever is not plainly a photo."""
    if len(data) > MOST_BYTES:
        raise BadPhoto("size")
    with _decoding:
        try:
            return _reencode_photo(data)
        except BadPhoto:
            raise
        except Exception as error:
            # Decoders fail in many ways on hostile bytes; all of them mean the same.
            raise BadPhoto("broken") from error


def _reencode_photo(data: bytes) -> CleanPhoto:
    image = _open_image(data)
    exif = image.getexif()
    position, taken_at = _exif_position(exif.get_ifd(IFD.GPSInfo)), _exif_time(exif)
    # JPEGs are decoded at the next larger eighth of their size, which takes a fraction of time and memory.
    image.draft("RGB", (SIZES["large"], SIZES["large"]))
    upright = ImageOps.exif_transpose(image)
    plain = _flatten_on_white(upright)
    sizes = {name: _encode_jpeg(plain, side) for name, side in SIZES.items()}
    plain.thumbnail((SIZES["large"], SIZES["large"]))
    return CleanPhoto(sizes, plain.width, plain.height, position, taken_at, dhash(plain))


def dhash(image: Image.Image) -> int:
    """A difference hash, 64 bits: is each of 8 x 8 spots darker than the next one on its row?

    Survives other sizes, re-encoding and a little light; as a signed number, so that a bigint column takes it.
    """
    grey = image.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = (grey[9 * row + column] < grey[9 * row + column + 1] for row in range(8) for column in range(8))
    return int.from_bytes(int("".join("01"[bit] for bit in bits), 2).to_bytes(8), signed=True)


def hash_distance(left: int, right: int) -> int:
    """In how many of 64 bits two `dhash` differ: 0-4 the same picture, about 32 unrelated ones."""
    return ((left ^ right) & (2**64 - 1)).bit_count()


def _open_image(data: bytes) -> Image.Image:
    try:
        image = Image.open(BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise BadPhoto("pixels") from error
    except Exception as error:
        raise BadPhoto("format") from error
    if image.width * image.height > MOST_PIXELS:
        raise BadPhoto("pixels")
    return image


def _flatten_on_white(image: Image.Image) -> Image.Image:
    """JPEG knows no transparency; without a ground it would come out black."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        ground.alpha_composite(layer)
        return ground.convert("RGB")
    return image.convert("RGB")


def _encode_jpeg(image: Image.Image, side: int) -> bytes:
    smaller = image.copy()
    smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
    # Comments and colour profiles of the original would be written again.
    smaller.info.clear()
    out = BytesIO()
    smaller.save(out, "JPEG", quality=82, optimize=True, progressive=True)
    return out.getvalue()


def _exif_position(gps: dict[int, Any]) -> tuple[float, float] | None:
    try:
        lat = _decimal_degrees(gps[GPS.GPSLatitude]) * (-1 if gps[GPS.GPSLatitudeRef] == "S" else 1)
        lon = _decimal_degrees(gps[GPS.GPSLongitude]) * (-1 if gps[GPS.GPSLongitudeRef] == "W" else 1)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    # Cameras without a fix write zeros.
    return (lon, lat) if is_position(lon, lat) and (lon, lat) != (0, 0) else None


def _decimal_degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600


def _exif_time(exif: Image.Exif) -> datetime | None:
    """EXIF's local time without a zone: good for showing beside a photo, not for proof."""
    text = exif.get_ifd(IFD.Exif).get(Base.DateTimeOriginal)
    try:
        return datetime.strptime(str(text), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
