"""The texts of the scripts. They read them from the page, so that gettext stays the only place of texts."""

from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# `{x}` is filled in by the script. The keys are those of `translate("key")` in `frontend/src`.
SCRIPT_MESSAGES = {
    "live": pgettext_lazy("connection", "Live"),
    "polling": _("Refreshing every 15 s"),
    "cut": pgettext_lazy("connection", "Disconnected"),
    "offline": _("No connection. What you typed is kept on this phone; send it again when you are connected."),
    "failed": _("That did not work. Nothing was lost; please try again."),
    "busy": _("Too many requests. Please wait a moment and try again."),
    "sending": _("Sending… {percent}%"),
    "sent": _("Sent, waiting for the answer…"),
    "restored": _("We kept what you typed earlier."),
    "discard": _("Start empty"),
    "close": _("Close"),
    "outbox": _("Outbox"),
    "outbox_waiting": _("Waiting for the network"),
    "outbox_signin": _("Sign in again to send it"),
    "outbox_refused": _("Not accepted"),
    "outbox_sent": pgettext_lazy("outbox", "Sent"),
    "outbox_now": _("Send now"),
    "outbox_correct": _("Correct and send again"),
    "outbox_enter": _("Sign in"),
    "outbox_discard": _("Throw away"),
    "outbox_sure": _("Throw this away? It has not reached the city."),
    "outbox_kept": _("Kept on this phone. It sends itself as soon as there is a network."),
    "outbox_more": _("Write another report"),
    "photo_add": _("Add photos"),
    "photo_more": _("Add another photo"),
    "photo_remove": _("Remove photo {n}"),
    "photo_working": _("Preparing photo…"),
    "photo_count": _("{n} of {max} photos"),
    "photo_too_many": _("At most {max} photos; the others were left out."),
    "photo_not_image": _("{name} is not a photo."),
    "photo_place": _("The photo knows its place; we put the pin there. Move it if it is wrong."),
    "place_asking": _("Looking for your position…"),
    "place_found": _("Your position, accurate to about {n} m."),
    "place_denied": _(
        "Your position is not allowed here. Allow it in the browser's settings, or pick the place on the map."
    ),
    "place_unavailable": _("Your position could not be found. Pick the place on the map, or choose the kelurahan."),
    "place_timeout": _("Finding your position took too long. Try again outdoors, or pick the place on the map."),
    "place_unsupported": _("This browser cannot find your position. Pick the place on the map."),
    "place_outside": _("This place lies outside the city's area."),
    "evidence_no_place": _("Without your position. The photo can be sent all the same; a supervisor may look at it."),
    "place_mine": _("My position"),
    "place_map": _("Pick on the map"),
    "place_chosen": _("Chosen place: {lat}, {lon}."),
    "place_chosen_in": _("Chosen place: {area} ({lat}, {lon})."),
    "place_move": _("Move the map until the pin stands on the place."),
    "place_keys": _("Map with a pin. Arrow keys move the pin, plus and minus zoom."),
    "map_title": pgettext_lazy("heading", "Map"),
    "map_loading": _("Loading the map…"),
    "map_missing": _("The map cannot be shown on this device."),
    "map_failed": _("The map's data could not be loaded."),
    "map_retry": _("Try again"),
    "map_zoom_in": _("Zoom in"),
    "map_zoom_out": _("Zoom out"),
    "map_whole": _("Show the whole city"),
    "map_open": pgettext_lazy("link", "Open"),
    "map_unknown": _("no figure"),
    "map_unknown_or_none": _("None or no figure"),
    "map_none": pgettext_lazy("number", "none"),
}


def script_messages() -> SafeString:
    """`WORDS` in the language of the request, as a JSON element that never runs."""
    return json_script({key: str(words) for key, words in SCRIPT_MESSAGES.items()}, "words")
