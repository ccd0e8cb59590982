"""Pages of events, for an operator's verdict."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.photo import SIZES
from qlue.people.queries import city_and_member
from qlue.people.rights import may, member_required
from qlue.reports.actions.photos import photo_bytes
from qlue.vision import queries
from qlue.vision.actions import judge_event
from qlue.vision.actions.reports import default_category
from qlue.vision.actions.verdicts import AlreadyJudged
from qlue.vision.forms import JudgeForm
from qlue.vision.models import CameraEvent
from qlue.vision.presentation.cards import VERDICT_LABELS, CameraEventCard, camera_event_card
from qlue.vision.states import Verdict
from qlue.vision.views.common import jpeg_response, post_or_cameras

PAGE = 30


@never_cache
@require_safe
@member_required("see_cameras")
def camera_events(request: CityRequest, city_slug: str) -> HttpResponse:
    """The newest events with one verdict; without one those that wait."""
    verdict = request.GET.get("verdict", "waiting")
    return _events_page(request, verdict if verdict in VERDICT_LABELS else "waiting")


def _events_page(
    request: HttpRequest, verdict: str, invalid_form: JudgeForm | None = None, event_id: int = 0
) -> HttpResponse:
    city, member = city_and_member(request)
    cards = []
    for event in queries.list_camera_events(city, verdict=verdict, limit=PAGE):
        card = camera_event_card(city, event)
        posted_form = invalid_form if event.id == event_id else None
        cards.append((card, posted_form or JudgeForm(city, initial=_initial_judgement(city, card))))
    address = reverse("camera-events", args=[city.slug])
    tabs = [
        {"url": f"{address}?verdict={name}", "word": label, "icon": icon, "current": name == verdict}
        for name, (_colour, icon, label) in VERDICT_LABELS.items()
    ]
    context = {
        "cards": cards,
        "tabs": tabs,
        "verdict": verdict,
        "may_judge": may(member, "judge_events"),
        "refresh": f"{address}?verdict={verdict}",
    }
    template = "vision/_events.html" if "HX-Request" in request.headers else "vision/events.html"
    return render(request, template, context, status=422 if invalid_form else 200)


def _initial_judgement(city: CityFacts, card: CameraEventCard) -> dict[str, str]:
    category = default_category(city, card.event.kind)
    return {"category": category.slug if category else "", "words": card.description}


@post_or_cameras
@member_required("judge_events")
def decide_event(request: CityRequest, city_slug: str, event_id: int) -> HttpResponseBase:
    """Stores a verdict; the same one again, as from a second press of the button, changes nothing."""
    city, member = city_and_member(request)
    form = JudgeForm(city, request.POST)
    if not form.is_valid():
        return _events_page(request, "waiting", form, event_id)
    fields = form.cleaned_data
    yes = fields["verdict"] == Verdict.YES
    category = city.category(fields["category"]) if yes else None
    try:
        event = judge_event(city, member, event_id, yes=yes, category=category, description=fields["words"])
    except CameraEvent.DoesNotExist:
        raise Http404(event_id) from None
    except AlreadyJudged as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("It is a report now.") if event.report_id else _("Noted as a false alarm."))
    return redirect("camera-events", city_slug=city.slug)


@require_safe
@member_required("see_cameras")
def event_photo(request: CityRequest, city_slug: str, event_id: int, size: str) -> HttpResponse:
    """The blurred snapshot of an event."""
    city, _member = city_and_member(request)
    events = queries.list_camera_events(city, event_id=event_id, limit=1)
    photo = events[0].photo if events else None
    if photo is None or size not in SIZES:
        raise Http404(event_id)
    try:
        return jpeg_response(photo_bytes(city.id, photo, size), "private, max-age=3600")
    except FileNotFoundError:
        raise Http404(event_id) from None
