"""Profiles (kinds of sensors): their list, and one with its fields and alarms."""

from dataclasses import dataclass
from itertools import chain, count

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.people.queries import city_and_member
from qlue.people.rights import member_required
from qlue.things.actions import ensure_profiles, save_profile
from qlue.things.alarms.preview import AlarmPreview, preview_alarms
from qlue.things.forms.profiles import DeviceProfileForm
from qlue.things.models import Device, Profile
from qlue.things.views.device_admin import posted_data

NEW = "baru"  # in the address, in place of a slug


@dataclass(frozen=True)
class ProfileRow:
    """A profile, and how many devices have it."""

    profile: Profile
    device_count: int


@never_cache
@require_safe
@member_required("manage_things")
def profile_list(request: CityRequest, city_slug: str) -> HttpResponse:
    """Kinds of devices."""
    city, _member = city_and_member(request)
    ensure_profiles(city)
    devices = Device.objects.filter(city_id=city.id).values_list("profile_id")
    device_counts = dict(devices.annotate(Count("id")))
    profiles = Profile.objects.filter(city_id=city.id).order_by("name")
    rows = [ProfileRow(profile, device_counts.get(profile.id, 0)) for profile in profiles]
    return render(request, "things/kinds.html", {"rows": rows})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_things")
def profile_edit(request: CityRequest, city_slug: str, slug: str) -> HttpResponse:
    """One profile, or a new one (`baru`): its fields and its alarms, which can be tried before they are saved."""
    city, member = city_and_member(request)
    profile = Profile.objects.filter(city_id=city.id, slug=slug).first()
    if profile is None and slug != NEW:
        raise Http404(slug)
    profile = profile or Profile(city_id=city.id)
    form = DeviceProfileForm(city, profile, *posted_data(request))
    is_valid = request.method == "POST" and form.is_valid()
    if is_valid and "try" not in request.POST:
        profile.slug = profile.slug or _free_slug(city, form.cleaned_data["name"])
        save_profile(city=city, profile=profile, columns=form.columns(), actor=member)
        messages.success(request, _("Saved. It holds for readings from now on."))
        return redirect("device-kinds", city_slug=city.slug)
    preview = _preview_profile(city, profile, form) if is_valid else None
    context = {"form": form, "kind": profile, "preview": preview}
    return render(request, "things/kind_form.html", context, status=422 if form.errors else 200)


def _preview_profile(city: CityFacts, profile: Profile, form: DeviceProfileForm) -> AlarmPreview:
    """The alarms as typed, on what all devices of the profile have measured; nothing is stored."""
    devices = Device.objects.filter(city_id=city.id, profile_id=profile.id, active=True).order_by("-id")
    return preview_alarms(form.quantities, form.columns().ladders, devices)


def _free_slug(city: CityFacts, name: str) -> str:
    """A slug out of the name that no other profile of the city has."""
    slug = slugify(name)[:30] or "jenis"
    # `baru` is the address of a new profile.
    unavailable = {NEW, *Profile.objects.filter(city_id=city.id).values_list("slug", flat=True)}
    candidates = chain([slug], (f"{slug}-{n}" for n in count(2)))
    return next(candidate for candidate in candidates if candidate not in unavailable)
