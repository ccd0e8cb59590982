"""A photo as a phone would send it: a drawing with a place in its EXIF."""

from io import BytesIO

from PIL import Image, ImageDraw
from PIL.ExifTags import GPS, IFD


def photo(colour: str = "#777755", place: tuple[float, float] | None = None) -> dict[str, str | bytes]:
    """What Playwright's `set_input_files` takes; `place` is (lon, lat) in the south and east."""
    image = Image.new("RGB", (1200, 900), colour)
    ImageDraw.Draw(image).ellipse((300, 300, 800, 700), fill="#332211")
    exif = Image.Exif()
    if place:
        south: dict[int, object] = {GPS.GPSLatitudeRef: "S", GPS.GPSLatitude: (-place[1], 0.0, 0.0)}
        exif.get_ifd(IFD.GPSInfo).update(south | {GPS.GPSLongitudeRef: "E", GPS.GPSLongitude: (place[0], 0.0, 0.0)})
    out = BytesIO()
    image.save(out, "JPEG", exif=exif)
    return {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}
