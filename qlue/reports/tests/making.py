"""What the tests of this room hand in: photos, forms, JSON, and reports in any state."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from qlue.kit.clock import now
from qlue.people.models import Membership, User
from qlue.reports.actions import Actor, StoredPhoto, Submission, Submitted, submit, transition

INSIDE = (119.4124, -5.1491)  # Kunjung Mae, Makassar
TOMOHON = (124.8386, 1.3246)
AT_SEA = (100.0, -10.0)
PROOF = [StoredPhoto(uuid4(), 8, 8, None)]


def jpeg(position: tuple[float, float] | None = None, colour: str = "orange", name: str = "foto.jpg") -> Any:
    """A small photo; with `position` its EXIF says where (and with which camera) it was taken."""
    image, exif = Image.new("RGB", (64, 48), colour), Image.Exif()
    exif[Base.Make] = "SECRET-CAMERA"
    if position:
        lon, lat = position
        exif.get_ifd(IFD.GPSInfo).update(
            {
                GPS.GPSLatitudeRef: "S" if lat < 0 else "N",
                GPS.GPSLatitude: (abs(lat), 0.0, 0.0),
                GPS.GPSLongitudeRef: "W" if lon < 0 else "E",
                GPS.GPSLongitude: (abs(lon), 0.0, 0.0),
            }
        )
    out = BytesIO()
    image.save(out, "JPEG", exif=exif)
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def form(**more: Any) -> dict[str, Any]:
    """Everything that the form must hold, and what a test wants differently; None leaves a field out."""
    usual = {
        "uuid": str(uuid4()),
        "lon": str(INSIDE[0]),
        "lat": str(INSIDE[1]),
        "category": "sampah",
        "words": "Sampah menumpuk di tepi jalan",
        "private": "0",
    }
    return {name: value for name, value in (usual | more).items() if value is not None}


def body(**more: Any) -> dict[str, Any]:
    """A report as JSON; None leaves a field out."""
    usual = {"uuid": str(uuid4()), "category": "sampah", "words": "Sampah menumpuk", "lon": INSIDE[0], "lat": INSIDE[1]}
    return {name: value for name, value in (usual | more).items() if value is not None}


def send(client: Any, data: Any, city: str = "makassar", **more: Any) -> Any:
    """POSTs JSON to the city's intake."""
    return client.post(f"/{city}/laporan.json", data, content_type="application/json", **more)


def handed_in(city: Any, category: str = "sampah", **more: Any) -> Submitted:
    """A stored report; the connection is in the city's scope."""
    usual: dict[str, Any] = {"uuid": uuid4(), "words": "Sampah menumpuk", "lon": INSIDE[0], "lat": INSIDE[1]}
    return submit(city=city, submission=Submission(category_id=city.category(category).id, **(usual | more)))


def resolved(city: Any, **more: Any) -> Submitted:
    """A report that its agency has declared done."""
    done = handed_in(city, **more)
    proof: dict[str, Any] = {"words": "Sudah diangkut", "photo": PROOF}
    for verb, given in (("accept", {}), ("start", {}), ("resolve", proof)):
        transition(city=city, report_id=done.id, verb=verb, actor=Actor(member=officer(city)), **given)
    return done


def officer(city: Any, role: str = "officer", agency: str = "dlh") -> Membership:
    """Somebody who works for an agency of the city (or for the city itself)."""
    its = city.agency(agency).id if role in ("officer", "head") else None
    user = User.objects.create(username=uuid4().hex)
    return Membership.objects.create(city_id=city.id, user=user, role=role, agency_id=its)


def days_ago(n: float) -> Any:
    return now() - timedelta(days=n)
