"""Sensors of a city: the list with its map, one device with its series."""

import json
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.http import json_bytes
from qlue.people.queries import city_and_member
from qlue.people.rights import member_required
from qlue.things.actions import queue_command
from qlue.things.forms.devices import CommandForm, SilenceForm
from qlue.things.models import Command, Profile
from qlue.things.presentation.cards import (
    DeviceCard,
    Label,
    alarm_card,
    device_card,
    refusal_cards,
    threshold_cards,
)
from qlue.things.presentation.labels import DEVICE_STATES
from qlue.things.profiles.definitions import Field
from qlue.things.queries.alarms import list_alarms, list_silences
from qlue.things.queries.devices import PAGE, DeviceFilter, device_counts, latest_values, list_devices
from qlue.things.queries.refusals import list_refusals
from qlue.things.queries.series import SPANS, reading_series
from qlue.things.records import DeviceRecord
from qlue.things.views.lookup import device_or_404, device_record_or_404

MOST_ON_MAP = 5_000


@dataclass(frozen=True)
class StateTile:
    """How many devices are in a state; `url` lists them."""

    label: Label
    n: int
    colour: str
    icon: str
    url: str


@never_cache
@require_safe
@member_required("see_things")
def device_list(request: CityRequest, city_slug: str) -> HttpResponse:
    """All sensors, the worst first."""
    city, _member = city_and_member(request)
    device_filter, start = _device_filter(request), _start(request)
    # One row more than a page says whether there is a next one.
    devices = list_devices(city, device_filter, PAGE + 1, start)
    values = latest_values(devices[:PAGE])
    context = {
        "cards": [device_card(city, device, values) for device in devices[:PAGE]],
        "tiles": _state_tiles(city),
        "device_filter": device_filter,
        "kinds": list(Profile.objects.filter(city_id=city.id).order_by("name").values_list("slug", "name")),
        "states": [(name, state.label) for name, state in DEVICE_STATES.items()],
        "refusals": refusal_cards(list_refusals(city)),
        "bounds": ",".join(map(str, city.bounds)),
        "previous_url": _page_url(city, device_filter, max(start - PAGE, 0)) if start else "",
        "next_url": _page_url(city, device_filter, start + PAGE) if len(devices) > PAGE else "",
    }
    return render(request, "things/devices.html", context)


def _device_filter(request: HttpRequest) -> DeviceFilter:
    state = request.GET.get("state", "")
    # PostgreSQL refuses text with a zero character.
    profile = request.GET.get("kind", "")[:40].replace("\0", "")
    text = request.GET.get("q", "").replace("\0", "")[:80]
    return DeviceFilter(profile, state if state in DEVICE_STATES else "", text)


def _start(request: HttpRequest) -> int:
    text = request.GET.get("from", "")
    return min(int(text), 100_000) if text.isdecimal() and len(text) < 7 else 0


def _page_url(city: CityFacts, device_filter: DeviceFilter, start: int) -> str:
    query = {"kind": device_filter.profile, "state": device_filter.state, "q": device_filter.text, "from": start or ""}
    return f"{reverse('devices', args=[city.slug])}?{urlencode({k: v for k, v in query.items() if v})}"


def _state_tiles(city: CityFacts) -> list[StateTile]:
    counts = device_counts(city)
    url = reverse("devices", args=[city.slug])
    return [
        StateTile(
            label=state.label,
            n=counts.get(name, 0),
            colour=state.colour if counts.get(name) else "",
            icon=state.icon,
            url=f"{url}?state={name}",
        )
        for name, state in DEVICE_STATES.items()
    ]


@never_cache
@require_safe
@member_required("see_things")
def device_page(request: CityRequest, city_slug: str, key: str) -> HttpResponse:
    """One device: values, series, alarms, commands, what was refused."""
    city, _member = city_and_member(request)
    device = device_record_or_404(city, key)
    field = _chosen_field(device, request)
    open_alarms = list_alarms(city, is_open=True, device_id=device.id)
    closed_alarms = list_alarms(city, is_open=False, device_id=device.id, limit=10)
    commands = Command.objects.filter(city_id=city.id, device_id=device.id).select_related("by").order_by("-id")
    context = {
        "device": device,
        "card": device_card(city, device, latest_values([device])),
        "field": field,
        "span": _chosen_span(request),
        "spans": [(name, _span_label(name)) for name in SPANS],
        "series_url": reverse("device-series", args=[city.slug, key]),
        "address": reverse("device", args=[city.slug, key]),
        "levels": threshold_cards(device, field),
        "open": [alarm_card(city, alarm) for alarm in open_alarms],
        "over": [alarm_card(city, alarm) for alarm in closed_alarms],
        "silences": list_silences(city, device.id),
        "refusals": refusal_cards(list_refusals(city, device.id)),
        "commands": commands[:8],
        "command_form": CommandForm(),
        "silence_form": SilenceForm(),
        "topic": f"qlue/{city.slug}/{key}/readings",
        "client_id": f"{city.slug}.{key}",
    }
    return render(request, "things/device.html", context)


def _chosen_field(device: DeviceRecord, request: HttpRequest) -> Field:
    """The field that the address names, else the device's first."""
    return device.quantity(request.GET.get("field", "")) or device.quantities[0]


def _chosen_span(request: HttpRequest) -> str:
    span = request.GET.get("rentang", "")
    return span if span in SPANS else "24j"


def _span_label(name: str) -> str:
    labels = {"1j": _("1 hour"), "6j": _("6 hours"), "24j": _("24 hours")}
    labels |= {"7h": _("7 days"), "30h": _("30 days"), "1t": _("1 year")}
    return labels[name]


@never_cache
@require_safe
@member_required("see_things")
def device_series(request: CityRequest, city_slug: str, key: str) -> HttpResponse:
    """Columns for the chart."""
    city, _member = city_and_member(request)
    device = device_record_or_404(city, key)
    series = reading_series(city, device, _chosen_field(device, request), _chosen_span(request))
    return JsonResponse(asdict(series))


@require_safe
@member_required("see_things")
def device_points(request: CityRequest, city_slug: str) -> HttpResponse:
    """Sensors as the map draws them."""
    city, _member = city_and_member(request)
    devices = list_devices(city, _device_filter(request), MOST_ON_MAP)
    points = [
        {
            "lon": device.lon,
            "lat": device.lat,
            "code": device.key,
            "category": device.name,
            "colour": device_card(city, device, {}).colour,
        }
        for device in devices
    ]
    # The map's island expects clusters, as the map of reports has them.
    return json_bytes(request, json.dumps({"clusters": [], "points": points}).encode(), public=False)


@require_safe
@member_required("see_things")
def device_layer(request: CityRequest, city_slug: str) -> HttpResponse:
    """Sensors as GeoJSON, for the dashboard's map and others: state, level and latest values of each."""
    city, _member = city_and_member(request)
    devices = list_devices(city, _device_filter(request), MOST_ON_MAP)
    values = latest_values(devices)
    features = [_device_feature(device_card(city, device, values)) for device in devices]
    response = JsonResponse({"type": "FeatureCollection", "features": features})
    response["Content-Type"] = "application/geo+json"
    return response


def _device_feature(card: DeviceCard) -> dict[str, object]:
    device = card.device
    properties = {
        "key": device.key,
        "name": device.name,
        "kind": device.profile_slug,
        "state": device.state,
        "level": device.level,
        "values": {value.name: {"words": value.value, "at": value.at.isoformat()} for value in card.values},
        # What a popup has room for.
        "note": ", ".join([str(card.state_label), *(value.value for value in card.values[:2])]),
        "url": card.url,
        "colour": card.colour,
    }
    geometry = {"type": "Point", "coordinates": [device.lon, device.lat]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


@require_POST
@member_required("handle_alarms")
def device_command(request: CityRequest, city_slug: str, key: str) -> HttpResponse:
    """Queues a command."""
    city, member = city_and_member(request)
    device, form = device_or_404(city, key), CommandForm(request.POST)
    if form.is_valid():
        queue_command(city=city, device=device, actor=member, **form.cleaned_data)
        messages.success(
            request, _("The command waits for the device; it will be delivered as soon as it is connected.")
        )
    else:
        messages.error(request, _("Choose a command from the list."))
    return redirect("device", city_slug=city.slug, key=key)
