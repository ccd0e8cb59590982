"""Sensors of a city: the list with its map, one device with its series."""

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from qlue.cities.facts import CityFacts
from qlue.kit.http import json_bytes
from qlue.people.reading import city_and_member
from qlue.people.rights import member_required
from qlue.things.actions import tell_device
from qlue.things.alarm_words import amount
from qlue.things.forms import CommandForm, SilenceForm
from qlue.things.models import Command, Profile
from qlue.things.reading import (
    PAGE,
    RANGES,
    Row,
    Wanted,
    alarm_rows,
    counts,
    device_rows,
    ladder_for,
    latest,
    refusal_rows,
    series,
    silence_rows,
)
from qlue.things.state_words import STATES, reason_words
from qlue.things.views.common import alarm_card, device_card, level_words, one_row, the_device

MOST_ON_MAP = 5_000


@never_cache
@require_safe
@member_required("see_things")
def devices(request: HttpRequest, city_slug: str) -> HttpResponse:
    """All sensors, the worst first."""
    here, _member = city_and_member(request)
    wanted = _wanted(request)
    start = _start(request)
    found = device_rows(here, wanted, PAGE + 1, start)
    values = latest(found[:PAGE])
    context = {
        "cards": [device_card(here, row, values) for row in found[:PAGE]],
        "tiles": _tiles(here),
        "wanted": wanted,
        "kinds": list(Profile.objects.filter(city_id=here.id).order_by("name").values_list("slug", "name")),
        "states": [(name, state.word) for name, state in STATES.items()],
        "refusals": _refusals(here),
        "bounds": ",".join(map(str, here.bounds)),
        "previous_url": _page_url(here, wanted, max(start - PAGE, 0)) if start else "",
        "next_url": _page_url(here, wanted, start + PAGE) if len(found) > PAGE else "",
    }
    return render(request, "things/devices.html", context)


def _wanted(request: HttpRequest) -> Wanted:
    state = request.GET.get("state", "")
    words = request.GET.get("q", "").replace("\0", "")[:80]
    return Wanted(request.GET.get("kind", "")[:40].replace("\0", ""), state if state in STATES else "", words)


def _start(request: HttpRequest) -> int:
    text = request.GET.get("from", "")
    return min(int(text), 100_000) if text.isdecimal() and len(text) < 7 else 0


def _page_url(city: CityFacts, wanted: Wanted, start: int) -> str:
    asked = {"kind": wanted.profile, "state": wanted.state, "q": wanted.words, "from": start or ""}
    return f"{reverse('devices', args=[city.slug])}?{urlencode({k: v for k, v in asked.items() if v})}"


def _tiles(city: CityFacts) -> list[Row]:
    numbers = counts(city)
    address = reverse("devices", args=[city.slug])
    return [
        {"label": state.word, "n": numbers.get(name, 0), "colour": state.colour if numbers.get(name) else "",
         "sign": state.icon, "url": f"{address}?state={name}"}
        for name, state in STATES.items()
    ]  # fmt: skip


def _refusals(city: CityFacts, device: int = 0) -> list[Row]:
    return [row | {"words": reason_words(row["reason"])} for row in refusal_rows(city, device)]


@never_cache
@require_safe
@member_required("see_things")
def device(request: HttpRequest, city_slug: str, key: str) -> HttpResponse:
    """One device: values, series, alarms, commands, what was refused."""
    here, _member = city_and_member(request)
    row = one_row(here, key)
    values = latest([row])
    field = _field(row, request.GET.get("field", ""))
    address = reverse("device", args=[here.slug, key])
    context = {
        "device": device_card(here, row, values),
        "field": field,
        "span": _span(request),
        "spans": [(name, _span_word(name)) for name in RANGES],
        "series_url": reverse("device-series", args=[here.slug, key]),
        "address": address,
        "levels": _levels(row, field),
        "open": [alarm_card(here, one) for one in alarm_rows(here, is_open=True, device=row["id"])],
        "over": [alarm_card(here, one) for one in alarm_rows(here, is_open=False, device=row["id"], limit=10)],
        "silences": silence_rows(here, row["id"]),
        "refusals": _refusals(here, row["id"]),
        "commands": Command.objects.filter(city_id=here.id, device_id=row["id"])
        .select_related("by")
        .order_by("-id")[:8],
        "command_form": CommandForm(),
        "silence_form": SilenceForm(),
        "topic": f"qlue/{here.slug}/{key}/readings",
        "client_id": f"{here.slug}.{key}",
    }
    return render(request, "things/device.html", context)


def _field(row: Row, name: str) -> Any:
    return next((one for one in row["fields"] if one.name == name), row["fields"][0])


def _span(request: HttpRequest) -> str:
    asked = request.GET.get("rentang", "")
    return asked if asked in RANGES else "24j"


def _span_word(name: str) -> str:
    words = {"1j": _("1 hour"), "6j": _("6 hours"), "24j": _("24 hours")}
    words |= {"7h": _("7 days"), "30h": _("30 days"), "1t": _("1 year")}
    return words[name]


def _levels(row: Row, field: Any) -> list[Row]:
    ladder = ladder_for(row, field.name)
    if ladder is None:
        return []
    return [
        {"word": level_words(row["ladders"], step.level, field.name), "at": amount(field, step.at),
         "clear": amount(field, step.clear), "case": ladder.opens_case(step.level)}
        for step in ladder.steps
    ]  # fmt: skip


@never_cache
@require_safe
@member_required("see_things")
def device_series(request: HttpRequest, city_slug: str, key: str) -> HttpResponse:
    """Columns for the chart."""
    here, _member = city_and_member(request)
    row = one_row(here, key)
    return JsonResponse(series(here, row, _field(row, request.GET.get("field", "")), _span(request)))


@require_safe
@member_required("see_things")
def device_points(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Sensors as the map draws them."""
    here, _member = city_and_member(request)
    found = device_rows(here, _wanted(request), MOST_ON_MAP)
    points = [
        {"lon": row["lon"], "lat": row["lat"], "code": row["key"], "category": row["name"],
         "colour": device_card(here, row, {})["colour"]}
        for row in found
    ]  # fmt: skip
    return json_bytes(request, json.dumps({"clusters": [], "points": points}).encode(), public=False)


@require_safe
@member_required("see_things")
def device_layer(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Sensors as GeoJSON, for the dashboard's map and others: state, level and latest values of each."""
    here, _member = city_and_member(request)
    found = device_rows(here, _wanted(request), MOST_ON_MAP)
    values = latest(found)
    features = [_feature(device_card(here, row, values)) for row in found]
    answer = JsonResponse({"type": "FeatureCollection", "features": features})
    answer["Content-Type"] = "application/geo+json"
    return answer


def _feature(card: Row) -> Row:
    values = {value["name"]: {"words": value["words"], "at": value["at"].isoformat()} for value in card["values"]}
    told = {"key": card["key"], "name": card["name"], "kind": card["profile"], "state": card["state"]}
    note = ", ".join([str(card["state_word"]), *(value["words"] for value in card["values"][:2])])
    told |= {"level": card["level"], "values": values, "note": note, "url": card["url"], "colour": card["colour"]}
    place = {"type": "Point", "coordinates": [card["lon"], card["lat"]]}
    return {"type": "Feature", "geometry": place, "properties": told}


@require_POST
@member_required("handle_alarms")
def device_command(request: HttpRequest, city_slug: str, key: str) -> HttpResponse:
    """Queues a command."""
    here, member = city_and_member(request)
    known, form = the_device(here, key), CommandForm(request.POST)
    if form.is_valid():
        tell_device(city=here, device=known, by=member, **form.cleaned_data)
        messages.success(
            request, _("The command waits for the device; it will be delivered as soon as it is connected.")
        )
    else:
        messages.error(request, _("Choose a command from the list."))
    return redirect("device", city_slug=here.slug, key=key)
