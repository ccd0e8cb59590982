"""Registering devices: one by one, from a file, back into a file; their tokens."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.tables import MEDIA_TYPES, Column, TableRow, export_table
from qlue.people.queries import city_and_member
from qlue.people.rights import member_required
from qlue.things.actions import ensure_profiles, import_devices, register_device, renew_token, update_device
from qlue.things.actions.imports import DeviceImport
from qlue.things.alarms.preview import AlarmPreview, preview_alarms
from qlue.things.forms.devices import DeviceForm, ImportForm
from qlue.things.imports.attributes import DeviceAttributes
from qlue.things.imports.device_table import COLUMNS, OPTIONAL, DeviceTable
from qlue.things.imports.threshold_text import format_overrides
from qlue.things.models import Device
from qlue.things.queries.devices import DeviceFilter, list_devices
from qlue.things.records import DeviceRecord
from qlue.things.views.lookup import device_or_404

MOST_EXPORTED = 100_000
MOST_FAULTS = 100  # shown of one file


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_things")
def device_new(request: CityRequest, city_slug: str) -> HttpResponse:
    """One new device; its token is shown once, on the answer."""
    city, _member = city_and_member(request)
    form = DeviceForm(city, ensure_profiles(city), *posted_data(request))
    if request.method == "POST" and form.is_valid():
        key, attributes = form.cleaned_data["key"], form.attributes()
        return _token_page(request, [register_device(city=city, key=key, attributes=attributes)])
    return render(request, "things/device_form.html", {"form": form}, status=422 if form.errors else 200)


def posted_data(request: HttpRequest) -> tuple[QueryDict, ...]:
    """The form's data as arguments of a form: none unless it was sent, so that an empty form shows no errors."""
    return (request.POST,) if request.method == "POST" else ()


def _token_page(request: HttpRequest, tokens: list[tuple[Device, str]]) -> HttpResponse:
    # Rendered, not redirected to: the tokens are stored nowhere from where another request could show them.
    return render(request, "things/token.html", {"tokens": tokens, "host": request.get_host()})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_things")
def device_edit(request: CityRequest, city_slug: str, key: str) -> HttpResponse:
    """Attributes of a device; with `try` its thresholds are only tried."""
    city, member = city_and_member(request)
    device = device_or_404(city, key)
    form = DeviceForm(city, ensure_profiles(city), *posted_data(request), device=device)
    is_valid = request.method == "POST" and form.is_valid()
    if is_valid and "try" not in request.POST:
        update_device(city=city, device=device, attributes=form.attributes(), actor=member)
        messages.success(request, _("Saved. The device signs in anew within seconds."))
        return redirect("device", city_slug=city.slug, key=key)
    preview = _preview_device(device, form.attributes()) if is_valid else None
    context = {"form": form, "device": device, "preview": preview}
    return render(request, "things/device_form.html", context, status=422 if form.errors else 200)


def _preview_device(device: Device, attributes: DeviceAttributes) -> AlarmPreview:
    """The thresholds as typed, on what this device has measured; nothing is stored."""
    draft = Device(id=device.id, name=device.name, steps=attributes.steps)
    return preview_alarms(attributes.profile.quantities(), attributes.profile.ladders, [draft])


@never_cache
@require_POST
@member_required("manage_things")
def device_token(request: CityRequest, city_slug: str, key: str) -> HttpResponse:
    """A new token, shown once; the one before is valid no longer."""
    city, member = city_and_member(request)
    device = device_or_404(city, key)
    return _token_page(request, [(device, renew_token(city=city, device=device, actor=member))])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_things")
def device_import(request: CityRequest, city_slug: str) -> HttpResponse:
    """Devices from a CSV file: all of it or, with faults, nothing; new ones get tokens, shown once."""
    city, _member = city_and_member(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        return _import_page(request, city, form, DeviceTable())
    device_import = import_devices(city=city, data=form.cleaned_data["file"])
    table = device_import.table
    if table.lines and not table.faults:
        return _after_import(request, city, device_import)
    if not table.faults:
        table.faults.append((0, _("There is not one device in the file.")))
    return _import_page(request, city, form, table)


def _import_page(request: HttpRequest, city: CityFacts, form: ImportForm, table: DeviceTable) -> HttpResponse:
    context = {
        "form": form,
        "faults": table.faults[:MOST_FAULTS],
        "more": max(len(table.faults) - MOST_FAULTS, 0),
        "good": len(table.lines),
        "columns": (*COLUMNS, *OPTIONAL),
        "kinds": ensure_profiles(city).values(),
    }
    status = 422 if table.faults or form.errors else 200
    return render(request, "things/import.html", context, status=status)


def _after_import(request: HttpRequest, city: CityFacts, device_import: DeviceImport) -> HttpResponse:
    n = len(device_import.table.lines)
    messages.success(request, ngettext("%(n)d device stored.", "%(n)d devices stored.", n) % {"n": n})
    if not device_import.tokens:
        return redirect("devices", city_slug=city.slug)
    return _token_page(request, device_import.tokens)


@require_safe
@member_required("manage_things")
def device_export(request: CityRequest, city_slug: str) -> HttpResponse:
    """All devices as CSV, in the columns of the import; never their tokens."""
    city, _member = city_and_member(request)
    columns: list[Column] = [(name, "text") for name in (*COLUMNS, *OPTIONAL, "state", "seen_at")]
    lines = (_export_line(device) for device in list_devices(city, DeviceFilter(), MOST_EXPORTED))
    response = HttpResponse(b"".join(export_table("csv", columns, lines)), content_type=MEDIA_TYPES["csv"])
    response["Content-Disposition"] = f'attachment; filename="sensor-{city.slug}.csv"'
    return response


def _export_line(device: DeviceRecord) -> TableRow:
    return (
        device.key,
        device.name,
        device.profile_slug,
        device.lat,
        device.lon,
        device.place,
        device.expected_s,
        format_overrides(device.alarm_rules, json.loads(device.steps)),
        device.state,
        device.seen_at.isoformat() if device.seen_at else None,
    )
