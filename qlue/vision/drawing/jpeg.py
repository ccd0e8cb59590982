"""A frame's bytes as an image, an image as a JPEG. Nothing else, so that a reader's process imports little."""

from io import BytesIO

from PIL import Image

QUALITY = 80


def image_from_bgr(size: tuple[int, int], data: bytes) -> Image.Image:
    """An image of a frame's BGR bytes."""
    return Image.frombytes("RGB", size, data, "raw", "BGR")


def encode_jpeg(image: Image.Image, quality: int = QUALITY) -> bytes:
    """A JPEG without metadata."""
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
