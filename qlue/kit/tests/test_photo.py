import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD

from qlue.kit.photo import MOST_BYTES, SIZES, BadPhoto, clean_photo, hash_distance


def shot(size: tuple[int, int] = (640, 480), form: str = "JPEG", exif: Image.Exif | None = None) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "#557799").save(out, form, **({"exif": exif} if exif else {}))
    return out.getvalue()


def located() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    south: dict[int, object] = {GPS.GPSLatitudeRef: "S", GPS.GPSLatitude: (5.0, 8.0, 24.0)}
    east: dict[int, object] = {GPS.GPSLongitudeRef: "E", GPS.GPSLongitude: (119.0, 25.0, 12.0)}
    exif.get_ifd(IFD.GPSInfo).update(south | east)
    exif.get_ifd(IFD.Exif)[0x9003] = "2026:10:01 08:30:00"
    return exif


def test_the_place_is_read_and_nothing_of_it_survives() -> None:
    photo = clean_photo(shot(exif=located()))
    assert photo.position == pytest.approx((119.42, -5.14))
    assert photo.taken_at
    assert photo.taken_at.hour == 8
    for data in photo.sizes.values():
        assert b"SecretPhone" not in data
        assert b"Exif" not in data
        assert not Image.open(BytesIO(data)).getexif()


def test_three_sizes_none_enlarged() -> None:
    photo = clean_photo(shot((3000, 1500)))
    assert {name: max(Image.open(BytesIO(data)).size) for name, data in photo.sizes.items()} == SIZES
    assert max(Image.open(BytesIO(clean_photo(shot((100, 50))).sizes["large"])).size) == 100


def test_a_phone_held_upright_gives_an_upright_picture() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = clean_photo(shot((400, 200), exif=exif))
    assert (photo.width, photo.height) == (200, 400)


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_other_formats_become_jpeg(form: str) -> None:
    assert clean_photo(shot(form=form)).sizes["thumb"][:2] == b"\xff\xd8"


def bomb() -> bytes:
    """A PNG of a few bytes that claims 30,000 x 30,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "format"),
        (b"GIF89a" + b"\0" * 100, "format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "format"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "format"),
        (shot((2000, 2000))[:3000], "broken"),
        (bomb(), "pixels"),
        (b"\0" * (MOST_BYTES + 1), "size"),
    ],
)
def test_what_is_not_plainly_a_photo_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(BadPhoto) as refused:
        clean_photo(data)
    assert refused.value.reason == reason


def scene(seed: int, size: tuple[int, int] = (640, 480), quality: int = 90) -> bytes:
    noise = Image.frombytes("L", (8, 6), bytes((seed * 73 + spot * spot * 31) % 256 for spot in range(48)))
    out = BytesIO()
    noise.resize((640, 480), Image.Resampling.BICUBIC).resize(size).convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def test_a_picture_is_known_again_smaller_and_worse_and_no_other_is_taken_for_it() -> None:
    first, again, other = (clean_photo(data).dhash for data in (scene(1), scene(1, (320, 240), 40), scene(2)))
    assert -(2**63) <= first < 2**63
    assert hash_distance(first, again) <= 4
    assert hash_distance(first, other) > 10
