"""Bytes of a slot as a picture, a picture as a JPEG. Nothing else, so that a reader's process imports little."""

from io import BytesIO

from PIL import Image

QUALITY = 80


def picture(size: tuple[int, int], data: bytes) -> Image.Image:
    """BGR bytes of a slot as a picture."""
    return Image.frombytes("RGB", size, data, "raw", "BGR")


def jpeg(image: Image.Image, quality: int = QUALITY) -> bytes:
    """Bytes without any metadata."""
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
