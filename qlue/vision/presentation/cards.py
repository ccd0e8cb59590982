"""Labels, colours and icons of cameras and events, for pages."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qlue.cities.facts import CityFacts
from qlue.kit.ids import report_code
from qlue.vision.actions.reports import describe_event
from qlue.vision.queries import TrafficFlow, list_cameras, traffic_flows
from qlue.vision.records import CameraEventRecord, CameraRecord

StrOrPromise = str | Promise

# colour, icon, label. Besides the states of `sources.feed` there are two that only a query knows: unread and off.
STATE_LABELS: Mapping[str, tuple[str, str, Promise]] = {
    "live": ("green", "circle-check", pgettext_lazy("camera", "Live")),
    "connecting": ("yellow", "progress", pgettext_lazy("camera", "Connecting")),
    "stale": ("red", "alert-triangle", pgettext_lazy("camera", "Picture stands still")),
    "backoff": ("red", "plug-x", pgettext_lazy("camera", "No connection, trying again")),
    "unread": ("red", "clock", pgettext_lazy("camera", "No node reads it")),
    "off": ("grey", "circle-minus", pgettext_lazy("camera", "Switched off")),
}
# By the reasons of `sources.reader`, `sources.feed` and `sources.hosts`.
FAULT_LABELS: Mapping[str, Promise] = {
    "refused": _("The camera refuses the connection, or the login is wrong."),
    "unknown": _("The host's name is not known."),
    "inside": _("It leads to an address that may not be opened from here."),
    "elsewhere": _("The camera sends us to another address: register that one."),
    "networks": _("QLUE_CAMERA_NETWORKS cannot be read; an administrator of the installation can mend it."),
    "silent": _("The camera answers, but sends no picture."),
    "frozen": _("No new picture comes."),
    "broken": _("What comes cannot be decoded."),
    "no-video": _("There is no video in what comes."),
    "too-large": _("The picture is larger than 4K; choose a smaller stream of the camera."),
    "ended": _("The camera ended the connection."),
    "lease": _("The node lost its lease while the database was away."),
    "secret": _("The login cannot be read any more: enter it again."),
    "absent": _("Cameras cannot be read here: that part of Qlue is not installed."),
    "missing": _("The file is not in the videos' folder."),
}
EVENT_LABELS: Mapping[str, tuple[str, Promise]] = {
    "parking": ("parking-off", _("Illegal parking")),
    "crowd": ("users-group", _("Crowd")),
    "congestion": ("car", _("Congestion")),
}
VERDICT_LABELS: Mapping[str, tuple[str, str, Promise]] = {
    "waiting": ("red", "clock", pgettext_lazy("event", "Waits for a decision")),
    "yes": ("green", "circle-check", pgettext_lazy("event", "Became a report")),
    "auto": ("green", "circle-check", pgettext_lazy("event", "Became a report by itself")),
    "no": ("grey", "circle-x", pgettext_lazy("event", "False alarm")),
}
LEVEL_LABELS: Mapping[str, tuple[str, Promise]] = {
    "jam": ("red", pgettext_lazy("traffic", "Jammed")),
    "busy": ("yellow", pgettext_lazy("traffic", "Busy")),
    "smooth": ("green", pgettext_lazy("traffic", "Smooth")),
    "unknown": ("grey", pgettext_lazy("traffic", "Not known")),
}


@dataclass(frozen=True)
class CameraCard:
    """A camera as a list or its page shows it; `coverage` is in percent."""

    camera: CameraRecord
    url: str
    colour: str
    icon: str
    label: StrOrPromise
    fault_label: StrOrPromise
    area_name: str
    flow: TrafficFlow | None
    level_label: StrOrPromise
    coverage: int


@dataclass(frozen=True)
class CameraEventCard:
    """An event as a list shows it; addresses of a photo or report that it has not are empty."""

    event: CameraEventRecord
    icon: str
    label: StrOrPromise
    colour: str
    verdict_icon: str
    verdict_label: StrOrPromise
    description: str
    photo_url: str
    large_url: str
    judge_url: str
    camera_url: str
    code: str
    report_url: str


def camera_card(city: CityFacts, camera: CameraRecord, flow: TrafficFlow | None = None) -> CameraCard:
    """The card of a camera, with its traffic where that is known."""
    colour, icon, label = STATE_LABELS.get(camera.state, STATE_LABELS["connecting"])
    area = city.areas.get(camera.area_id or 0)
    return CameraCard(
        camera=camera,
        url=reverse("camera", args=[city.slug, camera.id]),
        colour=colour,
        icon=icon,
        label=label,
        fault_label=_fault_label(camera),
        area_name=area.name if area else "",
        flow=flow,
        level_label=LEVEL_LABELS[flow.level if flow else "unknown"][1],
        coverage=round(100 * flow.coverage) if flow else 0,
    )


def _fault_label(camera: CameraRecord) -> StrOrPromise:
    # A fault stays stored after the camera has recovered from it. What follows the colon is for the logs.
    if camera.state not in ("stale", "backoff"):
        return ""
    return FAULT_LABELS.get(camera.fault.partition(":")[0], "")


def camera_event_card(city: CityFacts, event: CameraEventRecord) -> CameraEventCard:
    """The card of an event, with the addresses of its photo and of the report that it became."""
    icon, label = EVENT_LABELS.get(event.kind, ("eye", _("Event")))
    colour, verdict_icon, verdict_label = VERDICT_LABELS[event.verdict]
    code = report_code(city.code_prefix, event.report_id) if event.report_id else ""
    return CameraEventCard(
        event=event,
        icon=icon,
        label=label,
        colour=colour,
        verdict_icon=verdict_icon,
        verdict_label=verdict_label,
        description=describe_event(event.kind, event.camera_name, event.zone, event.numbers),
        photo_url=_event_photo_url(city, event, "medium"),
        large_url=_event_photo_url(city, event, "large"),
        judge_url=reverse("camera-event", args=[city.slug, event.id]),
        camera_url=reverse("camera", args=[city.slug, event.camera_id]),
        code=code,
        report_url=reverse("report", args=[city.slug, code]) if code else "",
    )


def _event_photo_url(city: CityFacts, event: CameraEventRecord, size: str) -> str:
    return reverse("camera-event-photo", args=[city.slug, event.id, size]) if event.photo else ""


def traffic_geojson(city: CityFacts) -> dict[str, object]:
    """The traffic layer as GeoJSON: a point per active camera with its level and numbers."""
    flows = traffic_flows(city)
    features = [_camera_feature(city, camera, flows.get(camera.id)) for camera in list_cameras(city) if camera.active]
    return {"type": "FeatureCollection", "features": features}


def _camera_feature(city: CityFacts, camera: CameraRecord, flow: TrafficFlow | None) -> dict[str, object]:
    level = flow.level if flow else "unknown"
    properties: dict[str, object] = {"name": camera.name, "level": level}
    if flow:
        properties |= {"vehicles": round(flow.vehicles, 1), "crossed": flow.crossed}
        properties |= {"coverage": round(flow.coverage, 2)}
    colour, label = LEVEL_LABELS[level]
    url = reverse("camera", args=[city.slug, camera.id])
    properties |= {"colour": colour, "note": str(label), "url": url}
    place = {"type": "Point", "coordinates": [camera.lon, camera.lat]}
    return {"type": "Feature", "id": camera.id, "geometry": place, "properties": properties}
