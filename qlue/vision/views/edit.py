"""Registering a camera, changing it, drawing on its picture."""

import base64
import json
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from qlue.people.reading import city_and_member
from qlue.people.rights import member_required
from qlue.reports.cards import view_box
from qlue.vision.actions import keep_camera, keep_marks
from qlue.vision.cards import FAULTS
from qlue.vision.drawing import DRAWING_WORDS
from qlue.vision.forms import CameraForm, MarksForm
from qlue.vision.models import Camera
from qlue.vision.sources.address import Address
from qlue.vision.sources.still import NoPicture
from qlue.vision.views.common import camera_or_404, picture_of, picture_of_camera

BUSY = "busy"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_cameras")
def new(request: HttpRequest, city_slug: str) -> HttpResponse:
    """A camera more."""
    return _edited(request, None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_cameras")
def change(request: HttpRequest, city_slug: str, camera: int) -> HttpResponse:
    """Another name, place or address."""
    here, _member = city_and_member(request)
    return _edited(request, camera_or_404(here, camera))


def _edited(request: HttpRequest, camera: Camera | None) -> HttpResponse:
    here, member = city_and_member(request)
    if request.method != "POST":
        return _form(request, CameraForm(here, camera), camera)
    form = CameraForm(here, camera, request.POST)
    if not form.is_valid():
        return _form(request, form, camera, status=422)
    if "test" in request.POST:
        return _form(request, form, camera, tested=_tested(form, camera))
    kept = keep_camera(here, member, form.given(), camera)
    messages.success(request, _("Saved. A node opens the camera within seconds."))
    return redirect("camera" if camera else "camera-marks", city_slug=here.slug, camera=kept.id)


def _tested(form: CameraForm, camera: Camera | None) -> dict[str, Any]:
    """The picture, or why there is none."""
    given = form.checked
    try:
        if given:
            data = picture_of(form.cleaned_data["kind"], given.url, given.credentials)
        else:
            assert camera is not None
            data = picture_of_camera(camera)
    except NoPicture as missing:
        words = _("Three tests are running already; try again in a moment.") if missing.reason == BUSY else ""
        return {"words": words or FAULTS.get(missing.reason, FAULTS["broken"]), "detail": missing.words}
    return {"picture": f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"}


def _form(
    request: HttpRequest, form: CameraForm, camera: Camera | None, status: int = 200, tested: Any = None
) -> HttpResponse:
    here, _member = city_and_member(request)
    shown = Address(camera.url, camera.secret and "x").shown if camera else ""
    place = f"{camera.lon:.6f},{camera.lat:.6f}" if camera else ""
    context = {
        "form": form,
        "camera": camera,
        "tested": tested,
        "shown": shown,
        "bounds": view_box(here),
        "suggestion": place,
        "videos": settings.HOME / "videos",
    }
    return render(request, "vision/edit.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_cameras")
def marks(request: HttpRequest, city_slug: str, camera: int) -> HttpResponse:
    """Lines and zones, drawn on a still."""
    here, member = city_and_member(request)
    kept = camera_or_404(here, camera)
    form = MarksForm(request.POST or None, initial={"marks": json.dumps(kept.marks or {"lines": [], "zones": []})})
    if request.method == "POST" and form.is_valid():
        keep_marks(here, member, kept, form.cleaned_data["marks"])
        messages.success(request, _("Saved. The camera counts by these lines and zones from now on."))
        return redirect("camera", city_slug=here.slug, camera=kept.id)
    address = reverse("camera-snapshot", args=[here.slug, kept.id])
    words = {key: str(word) for key, word in DRAWING_WORDS.items()}
    context = {"form": form, "camera": kept, "still": address, "words": words}
    return render(request, "vision/marks.html", context, status=422 if form.is_bound else 200)
