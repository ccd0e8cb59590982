"""An event becomes a report: by an operator's yes, or at once where the pack says so."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from qlue.cities.facts import CategoryFacts, CityFacts
from qlue.reports.actions import StoredPhoto, Submission, Submitted, submit
from qlue.vision.models import Event

CATEGORIES = {"parking": "parkir-liar", "congestion": "kemacetan", "crowd": "keamanan"}
AUTO, YES = "auto", "yes"


def usual_category(city: CityFacts, kind: str) -> CategoryFacts | None:
    """The city's category for this kind of event; None where the pack has none of that name."""
    found = city.category(CATEGORIES.get(kind, ""))
    return found if found and found.active else None


def reports_at_once(city: CityFacts, kind: str) -> bool:
    """What the pack's `[auto] camera_reports` names."""
    named = city.auto.get("camera_reports", ())
    return isinstance(named, list | tuple) and kind in named


def report_at_once(city: CityFacts, event_id: int) -> None:
    """Hands the event in, where the pack says so and knows a category; inside the caller's transaction."""
    event = Event.objects.select_related("camera").get(city_id=city.id, id=event_id)
    category = usual_category(city, event.kind)
    if category and reports_at_once(city, event.kind):
        made = hand_in(city, event, category)
        Event.objects.filter(city_id=city.id, id=event_id).update(verdict=AUTO, report_id=made.id)


def hand_in(city: CityFacts, event: Event, category: CategoryFacts, words: str = "") -> Submitted:
    """The report of an event. The event's own uuid is the report's: handing it in twice makes one."""
    with override(city.languages[0] if city.languages else "id"):
        words = words or describe(event)
    return submit(
        city=city,
        submission=Submission(
            uuid=event.uuid,
            category_id=category.id,
            words=words,
            lon=event.camera.lon,
            lat=event.camera.lat,
            landmark=event.camera.name,
            channel="camera",
            external_id=f"camera-event-{event.id}",
            photos=photo_of(event),
        ),
    )


def photo_of(event: Event) -> list[StoredPhoto]:
    """The event's snapshot, as reports keep photos."""
    if event.photo is None:
        return []
    wide, high = event.data.get("photo_size", (0, 0))
    taken: datetime = event.updated_at
    return [StoredPhoto(event.photo, int(wide), int(high), taken)]


def describe(event: Event) -> str:
    """What a person reads in the report, in the language of the moment."""
    row = {"camera_name": event.camera.name, "zone": event.zone, "kind": event.kind, "data": event.data}
    return describe_row(row)


def describe_row(row: dict[str, Any]) -> str:
    """The same of an event's row: `camera_name zone kind data`."""
    data = row["data"]
    values: dict[str, Any] = {
        "camera": row["camera_name"],
        "zone": row["zone"],
        "minutes": max(1, round(int(data.get("seconds", 0)) / 60)),
        "n": data.get("peak", data.get("n", 0)),
        "vehicle": vehicle_word(str(data.get("vehicle", ""))),
    }
    if row["kind"] == "parking":
        return _("Seen by camera %(camera)s: %(vehicle)s standing in zone %(zone)s for %(minutes)s min.") % values
    if row["kind"] == "crowd":
        return _("Seen by camera %(camera)s: about %(n)s people in zone %(zone)s for %(minutes)s min.") % values
    return _("Seen by camera %(camera)s: %(n)s vehicles hardly moving in zone %(zone)s for %(minutes)s min.") % values


def vehicle_word(kind: str) -> str:
    """What the detector saw, in words."""
    words = {
        "person": _("person"), "bicycle": _("bicycle"), "car": _("car"), "motorcycle": _("motorcycle"), "bus": _("bus"),
        "truck": _("truck"),
    }  # fmt: skip
    return words.get(kind, _("vehicle"))
