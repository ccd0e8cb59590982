"""The report that an event becomes: after an operator's yes, or at once where the city's pack allows it."""

from datetime import datetime

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import override

from qlue.cities.facts import CategoryFacts, CityFacts
from qlue.reports.actions import StoredPhoto, Submission, Submitted, submit
from qlue.vision.models import CameraEvent
from qlue.vision.records import EventNumbers
from qlue.vision.states import Verdict

# Slugs that the packs of Indonesian cities share; a city may lack some, then an operator chooses.
DEFAULT_CATEGORIES = {"parking": "parkir-liar", "congestion": "kemacetan", "crowd": "keamanan"}


def default_category(city: CityFacts, kind: str) -> CategoryFacts | None:
    """The category for this kind of event; None when the city has none of that slug, or has closed it."""
    category = city.category(DEFAULT_CATEGORIES.get(kind, ""))
    return category if category and category.active else None


def is_reported_automatically(city: CityFacts, kind: str) -> bool:
    """Whether the pack's `[auto] camera_reports` names this kind."""
    return kind in city.auto.camera_reports


def report_automatically(city: CityFacts, event_id: int) -> None:
    """Submits a report at once when the pack allows it and a category is known. Runs in the caller's transaction."""
    event = CameraEvent.objects.select_related("camera").get(city_id=city.id, id=event_id)
    category = default_category(city, event.kind)
    if category and is_reported_automatically(city, event.kind):
        report = submit_event(city, event, category)
        CameraEvent.objects.filter(city_id=city.id, id=event_id).update(verdict=Verdict.AUTO, report_id=report.id)


def submit_event(city: CityFacts, event: CameraEvent, category: CategoryFacts, description: str = "") -> Submitted:
    """Submits the event's report, which has the event's uuid: submitted twice it is still one report."""
    # Nodes and operators have their own languages; the report is read in the city's.
    with override(city.languages[0] if city.languages else "id"):
        description = description or event_description(event)
    return submit(
        city=city,
        submission=Submission(
            uuid=event.uuid,
            category_id=category.id,
            words=description,
            lon=event.camera.lon,
            lat=event.camera.lat,
            landmark=event.camera.name,
            channel="camera",
            external_id=f"camera-event-{event.id}",
            photos=event_photos(event),
        ),
    )


def event_photos(event: CameraEvent) -> list[StoredPhoto]:
    """The event's blurred snapshot, in the form in which reports store photos."""
    if event.photo is None:
        return []
    width, height = msgspec.convert(event.data, EventNumbers, strict=False).photo_size
    taken_at: datetime = event.updated_at
    return [StoredPhoto(event.photo, width, height, taken_at)]


def event_description(event: CameraEvent) -> str:
    """The report's description, in the active language."""
    numbers = msgspec.convert(event.data, EventNumbers, strict=False)
    return describe_event(event.kind, event.camera.name, event.zone, numbers)


def describe_event(kind: str, camera_name: str, zone: str, numbers: EventNumbers) -> str:
    """What the camera saw, for how long, in one sentence."""
    values: dict[str, object] = {
        "camera": camera_name,
        "zone": zone,
        "minutes": max(1, round(numbers.seconds / 60)),
        "n": numbers.n if numbers.peak is None else numbers.peak,
        "vehicle": vehicle_label(numbers.vehicle),
    }
    if kind == "parking":
        return _("Seen by camera %(camera)s: %(vehicle)s standing in zone %(zone)s for %(minutes)s min.") % values
    if kind == "crowd":
        return _("Seen by camera %(camera)s: about %(n)s people in zone %(zone)s for %(minutes)s min.") % values
    return _("Seen by camera %(camera)s: %(n)s vehicles hardly moving in zone %(zone)s for %(minutes)s min.") % values


def vehicle_label(kind: str) -> str:
    """The name of a kind of road user, in the active language."""
    labels = {
        "person": _("person"),
        "bicycle": _("bicycle"),
        "car": _("car"),
        "motorcycle": _("motorcycle"),
        "bus": _("bus"),
        "truck": _("truck"),
    }
    return labels.get(kind, _("vehicle"))
