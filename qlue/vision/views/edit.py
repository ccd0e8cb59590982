"""Pages to register a camera, change it, and draw its lines and zones."""

import base64
import json
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from qlue.cities.facts import CityRequest
from qlue.people.queries import city_and_member
from qlue.people.rights import member_required
from qlue.reports.presentation.cards import view_box
from qlue.vision.actions import save_camera, save_marks
from qlue.vision.forms import CameraForm, MarksForm
from qlue.vision.models import Camera
from qlue.vision.presentation.cards import FAULT_LABELS
from qlue.vision.presentation.drawing_labels import DRAWING_LABELS
from qlue.vision.sources.address import Address
from qlue.vision.sources.still import NoPicture
from qlue.vision.views.common import camera_or_404, camera_still, source_still

BUSY = "busy"


@dataclass(frozen=True)
class SourceTest:
    """What a source answered: a picture as a data URL, or a message and a detail of why there is none."""

    picture: str = ""
    message: str | Promise = ""
    detail: str = ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_cameras")
def new_camera(request: CityRequest, city_slug: str) -> HttpResponse:
    """Registers a camera."""
    return _save_posted_camera(request, None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_cameras")
def change_camera(request: CityRequest, city_slug: str, camera_id: int) -> HttpResponse:
    """Changes name, place or address."""
    city, _member = city_and_member(request)
    return _save_posted_camera(request, camera_or_404(city, camera_id))


def _save_posted_camera(request: HttpRequest, camera: Camera | None) -> HttpResponse:
    city, member = city_and_member(request)
    if request.method != "POST":
        return _camera_form_page(request, CameraForm(city, camera), camera)
    form = CameraForm(city, camera, request.POST)
    if not form.is_valid():
        return _camera_form_page(request, form, camera, status=422)
    # The test button posts the same form and saves nothing.
    if "test" in request.POST:
        return _camera_form_page(request, form, camera, test_outcome=_test_source(form, camera))
    saved_camera = save_camera(city, member, form.camera_input(), camera)
    messages.success(request, _("Saved. A node opens the camera within seconds."))
    return redirect("camera" if camera else "camera-marks", city_slug=city.slug, camera_id=saved_camera.id)


def _test_source(form: CameraForm, camera: Camera | None) -> SourceTest:
    """Fetches one picture of the address in the form, or of the stored one where the form leaves it empty."""
    address = form.parsed_address
    try:
        if address:
            jpeg = source_still(form.cleaned_data["kind"], address.url, address.credentials)
        else:
            assert camera is not None
            jpeg = camera_still(camera)
    except NoPicture as error:
        message = _("Three tests are running already; try again in a moment.") if error.reason == BUSY else ""
        return SourceTest(
            message=message or FAULT_LABELS.get(error.reason, FAULT_LABELS["broken"]), detail=error.detail
        )
    return SourceTest(picture=f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}")


def _camera_form_page(
    request: HttpRequest,
    form: CameraForm,
    camera: Camera | None,
    status: int = 200,
    test_outcome: SourceTest | None = None,
) -> HttpResponse:
    city, _member = city_and_member(request)
    # Any credentials will do: the page shows only that there are some.
    display_url = Address(camera.url, camera.secret and "x").display_url if camera else ""
    place = f"{camera.lon:.6f},{camera.lat:.6f}" if camera else ""
    context = {
        "form": form,
        "camera": camera,
        "tested": test_outcome,
        "shown": display_url,
        "bounds": view_box(city),
        "suggestion": place,
        "videos": settings.HOME / "videos",
    }
    return render(request, "vision/edit.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_cameras")
def edit_marks(request: CityRequest, city_slug: str, camera_id: int) -> HttpResponse:
    """Draws lines and zones on a picture of the camera; without script they are edited as JSON."""
    city, member = city_and_member(request)
    camera = camera_or_404(city, camera_id)
    form = MarksForm(request.POST or None, initial={"marks": json.dumps(camera.marks or {"lines": [], "zones": []})})
    if request.method == "POST" and form.is_valid():
        save_marks(city, member, camera, form.cleaned_data["marks"])
        messages.success(request, _("Saved. The camera counts by these lines and zones from now on."))
        return redirect("camera", city_slug=city.slug, camera_id=camera.id)
    address = reverse("camera-snapshot", args=[city.slug, camera.id])
    labels = {key: str(label) for key, label in DRAWING_LABELS.items()}
    context = {"form": form, "camera": camera, "still": address, "words": labels}
    return render(request, "vision/marks.html", context, status=422 if form.is_bound else 200)
