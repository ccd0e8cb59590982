"""Registering devices: one by one, from a file, back into a file; their tokens; their kinds."""

import json
from itertools import chain, count
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qlue.cities.facts import CityFacts
from qlue.kit.tables import TYPES, Column, written
from qlue.people.reading import city_and_member
from qlue.people.rights import member_required
from qlue.things.actions import ensure_profiles, new_token, register, save_profile, update_device
from qlue.things.bulk import COLUMNS, OPTIONAL, Table, read_table, written_levels
from qlue.things.forms import DeviceForm, ImportForm, ProfileForm
from qlue.things.models import Device, Profile
from qlue.things.reading import Wanted, device_rows
from qlue.things.rehearsing import Rehearsal, rehearsed
from qlue.things.views.common import the_device

MOST_EXPORTED = 100_000
MOST_FAULTS = 100
NEW = "baru"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_things")
def device_new(request: HttpRequest, city_slug: str) -> HttpResponse:
    """One new device; its token is shown once, on the answer."""
    here, _member = city_and_member(request)
    form = DeviceForm(here, ensure_profiles(here), *_posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.facts()
        made, secret = register(city=here, profile=given.pop("profile"), key=form.cleaned_data["key"], given=given)
        return render(request, "things/token.html", {"tokens": [(made, secret)], "host": request.get_host()})
    return render(request, "things/device_form.html", {"form": form}, status=422 if form.errors else 200)


def _posted(request: HttpRequest) -> tuple[Any, ...]:
    return (request.POST,) if request.method == "POST" else ()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_things")
def device_edit(request: HttpRequest, city_slug: str, key: str) -> HttpResponse:
    """Facts of a device."""
    here, member = city_and_member(request)
    known = the_device(here, key)
    form = DeviceForm(here, ensure_profiles(here), *_posted(request), device=known)
    is_good = request.method == "POST" and form.is_valid()
    if is_good and "try" not in request.POST:
        update_device(city=here, device=known, given=form.facts(), by=member)
        messages.success(request, _("Saved. The device signs in anew within seconds."))
        return redirect("device", city_slug=here.slug, key=key)
    context = {"form": form, "device": known, "rehearsal": _tried_device(known, form.facts()) if is_good else None}
    return render(request, "things/device_form.html", context, status=422 if form.errors else 200)


def _tried_device(known: Device, given: dict[str, Any]) -> Rehearsal:
    """The levels as typed, on what this device has measured; nothing is stored."""
    profile = given["profile"]
    return rehearsed(
        profile.quantities(), profile.ladders, [Device(id=known.id, name=known.name, steps=given["steps"])]
    )


@never_cache
@require_POST
@member_required("manage_things")
def device_token(request: HttpRequest, city_slug: str, key: str) -> HttpResponse:
    """A new token, shown once; the one before holds no longer."""
    here, member = city_and_member(request)
    known = the_device(here, key)
    secret = new_token(city=here, device=known, by=member)
    return render(request, "things/token.html", {"tokens": [(known, secret)], "host": request.get_host()})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_things")
def device_import(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Devices from a CSV file: all of it or, with faults, nothing; new ones get tokens, shown once."""
    here, _member = city_and_member(request)
    profiles = ensure_profiles(here)
    form = ImportForm(request.POST or None, request.FILES or None)
    table = read_table(here, profiles, form.cleaned_data["file"]) if form.is_valid() else Table()
    if table.lines and not table.faults:
        return _stored(request, here, table)
    if form.is_valid() and not table.faults:
        table.faults.append((0, _("There is not one device in the file.")))
    context = {
        "form": form,
        "faults": table.faults[:MOST_FAULTS],
        "more": max(len(table.faults) - MOST_FAULTS, 0),
        "good": len(table.lines),
        "columns": (*COLUMNS, *OPTIONAL),
        "kinds": profiles.values(),
    }
    status = 422 if table.faults or form.errors else 200
    return render(request, "things/import.html", context, status=status)


def _stored(request: HttpRequest, city: CityFacts, table: Table) -> HttpResponse:
    tokens = []
    with transaction.atomic():
        for _line, given in table.lines:
            facts = dict(given)
            made = register(city=city, profile=facts.pop("profile"), key=facts.pop("key"), given=facts)
            tokens += [made] if made[1] else []
    n = len(table.lines)
    messages.success(request, ngettext("%(n)d device stored.", "%(n)d devices stored.", n) % {"n": n})
    if not tokens:
        return redirect("devices", city_slug=city.slug)
    return render(request, "things/token.html", {"tokens": tokens, "host": request.get_host()})


@require_safe
@member_required("manage_things")
def device_export(request: HttpRequest, city_slug: str) -> HttpResponse:
    """All devices as CSV, in the columns of the import; never their tokens."""
    here, _member = city_and_member(request)
    lines = (
        (row["key"], row["name"], row["profile"], row["lat"], row["lon"], row["place"], row["expected_s"],
         written_levels(row["ladders"], json.loads(row["steps"])), row["state"],
         row["seen_at"].isoformat() if row["seen_at"] else None)
        for row in device_rows(here, Wanted(), MOST_EXPORTED)
    )  # fmt: skip
    columns: list[Column] = [(name, "text") for name in (*COLUMNS, *OPTIONAL, "state", "seen_at")]
    answer = HttpResponse(b"".join(written("csv", columns, lines)), content_type=TYPES["csv"])
    answer["Content-Disposition"] = f'attachment; filename="sensor-{here.slug}.csv"'
    return answer


@never_cache
@require_safe
@member_required("manage_things")
def kinds(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Kinds of devices."""
    here, _member = city_and_member(request)
    ensure_profiles(here)
    found = Profile.objects.filter(city_id=here.id).order_by("name")
    used = {slug: Device.objects.filter(city_id=here.id, profile__slug=slug).count() for slug in _slugs(found)}
    rows = [{"kind": one, "fields": one.quantities(), "alarms": one.alarms(), "used": used[one.slug]} for one in found]
    return render(request, "things/kinds.html", {"rows": rows})


def _slugs(found: Any) -> list[str]:
    return [one.slug for one in found]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_things")
def kind_edit(request: HttpRequest, city_slug: str, slug: str) -> HttpResponse:
    """One kind, or a new one (`baru`): its fields and its alarms, which can be tried before they are saved."""
    here, member = city_and_member(request)
    known = Profile.objects.filter(city_id=here.id, slug=slug).first()
    if known is None and slug != NEW:
        raise Http404(slug)
    known = known or Profile(city_id=here.id)
    form = ProfileForm(here, known, *_posted(request))
    is_good = request.method == "POST" and form.is_valid()
    if is_good and "try" not in request.POST:
        known.slug = known.slug or _free_slug(here, form.cleaned_data["name"])
        save_profile(city=here, profile=known, given=form.facts(), by=member)
        messages.success(request, _("Saved. It holds for readings from now on."))
        return redirect("device-kinds", city_slug=here.slug)
    context = {"form": form, "kind": known, "rehearsal": _tried_kind(here, known, form) if is_good else None}
    return render(request, "things/kind_form.html", context, status=422 if form.errors else 200)


def _tried_kind(city: CityFacts, known: Profile, form: ProfileForm) -> Rehearsal:
    """The alarms as typed, on what all devices of the kind have measured; nothing is stored."""
    devices = Device.objects.filter(city_id=city.id, profile_id=known.id, active=True).order_by("-id")
    return rehearsed(form.quantities, form.facts()["ladders"], devices)


def _free_slug(city: CityFacts, name: str) -> str:
    """A slug out of the name that no other kind of the city has."""
    wished = slugify(name)[:30] or "jenis"
    taken = {NEW, *Profile.objects.filter(city_id=city.id).values_list("slug", flat=True)}
    return next(one for one in chain([wished], (f"{wished}-{n}" for n in count(2))) if one not in taken)
