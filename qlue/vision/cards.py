"""Words, colours and signs of cameras and events, for pages."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qlue.cities.facts import CityFacts
from qlue.kit.ids import report_code
from qlue.vision.actions.reporting import describe_row, vehicle_word
from qlue.vision.reading import Flow, Row

# state -> colour, icon, word
STATES: Mapping[str, tuple[str, str, Promise]] = {
    "live": ("green", "circle-check", pgettext_lazy("camera", "Live")),
    "connecting": ("yellow", "progress", pgettext_lazy("camera", "Connecting")),
    "stale": ("red", "alert-triangle", pgettext_lazy("camera", "Picture stands still")),
    "backoff": ("red", "plug-x", pgettext_lazy("camera", "No connection, trying again")),
    "unread": ("red", "clock", pgettext_lazy("camera", "No node reads it")),
    "off": ("grey", "circle-minus", pgettext_lazy("camera", "Switched off")),
}
FAULTS: Mapping[str, Promise] = {
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
KINDS: Mapping[str, tuple[str, Promise]] = {
    "parking": ("parking-off", _("Illegal parking")),
    "crowd": ("users-group", _("Crowd")),
    "congestion": ("car", _("Congestion")),
}
VERDICTS: Mapping[str, tuple[str, str, Promise]] = {
    "waiting": ("red", "clock", pgettext_lazy("event", "Waits for a decision")),
    "yes": ("green", "circle-check", pgettext_lazy("event", "Became a report")),
    "auto": ("green", "circle-check", pgettext_lazy("event", "Became a report by itself")),
    "no": ("grey", "circle-x", pgettext_lazy("event", "False alarm")),
}
LEVELS: Mapping[str, tuple[str, Promise]] = {
    "jam": ("red", pgettext_lazy("traffic", "Jammed")),
    "busy": ("yellow", pgettext_lazy("traffic", "Busy")),
    "smooth": ("green", pgettext_lazy("traffic", "Smooth")),
    "unknown": ("grey", pgettext_lazy("traffic", "Not known")),
}


def camera_card(city: CityFacts, row: Row, flow: Flow | None = None) -> dict[str, Any]:
    """What a list or a head shows of a camera."""
    colour, sign, word = STATES.get(row["state"], STATES["connecting"])
    area = city.areas.get(row["area"] or 0)
    level = LEVELS[flow.level if flow else "unknown"]
    return row | {
        "url_page": reverse("camera", args=[city.slug, row["id"]]),
        "colour": colour,
        "sign": sign,
        "word": word,
        "fault_words": FAULTS.get(row["fault"].partition(":")[0], "") if row["state"] in ("stale", "backoff") else "",
        "area_name": area.name if area else "",
        "flow": flow,
        "level_colour": level[0],
        "level_word": level[1],
        "coverage": round(100 * flow.coverage) if flow else 0,
    }


def event_card(city: CityFacts, row: Row) -> dict[str, Any]:
    """What a list shows of an event."""
    icon, word = KINDS.get(row["kind"], ("eye", _("Event")))
    colour, sign, verdict = VERDICTS[row["verdict"]]
    code = report_code(city.code_prefix, row["report"]) if row["report"] else ""
    return row | {
        "icon": icon,
        "word": word,
        "colour": colour,
        "sign": sign,
        "verdict_word": verdict,
        "words": describe_row(row),
        "vehicle": vehicle_word(str(row["data"].get("vehicle", ""))),
        "photo_url": reverse("camera-event-photo", args=[city.slug, row["id"], "medium"]) if row["photo"] else "",
        "large_url": reverse("camera-event-photo", args=[city.slug, row["id"], "large"]) if row["photo"] else "",
        "judge_url": reverse("camera-event", args=[city.slug, row["id"]]),
        "camera_url": reverse("camera", args=[city.slug, row["camera"]]),
        "code": code,
        "report_url": reverse("report", args=[city.slug, code]) if code else "",
    }
