"""Events: an operator's yes or no."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts
from qlue.kit.photo import SIZES
from qlue.people.reading import city_and_member
from qlue.people.rights import may, member_required
from qlue.reports.actions.photos import photo_bytes
from qlue.vision import reading
from qlue.vision.actions import judge
from qlue.vision.actions.judging import Judged
from qlue.vision.actions.reporting import usual_category
from qlue.vision.cards import VERDICTS, event_card
from qlue.vision.forms import JudgeForm
from qlue.vision.models import Event
from qlue.vision.views.common import jpeg_answer, posts_only

PAGE = 30


@never_cache
@require_safe
@member_required("see_cameras")
def events(request: HttpRequest, city_slug: str) -> HttpResponse:
    """What waits, or what was decided."""
    asked = request.GET.get("verdict", "waiting")
    return _page(request, asked if asked in VERDICTS else "waiting")


def _page(request: HttpRequest, verdict: str, bad: JudgeForm | None = None, event: int = 0) -> HttpResponse:
    here, member = city_and_member(request)
    cards = [event_card(here, row) for row in reading.events(here, verdict=verdict, most=PAGE)]
    for card in cards:
        form = bad if bad is not None and card["id"] == event else JudgeForm(here, initial=_usual(here, card))
        card["form"] = form
    address = reverse("camera-events", args=[here.slug])
    tabs = [
        {"url": f"{address}?verdict={name}", "word": word, "icon": sign, "current": name == verdict}
        for name, (_colour, sign, word) in VERDICTS.items()
    ]
    context = {
        "cards": cards, "tabs": tabs, "verdict": verdict, "may_judge": may(member, "judge_events"),
        "refresh": f"{address}?verdict={verdict}",
    }  # fmt: skip
    template = "vision/_events.html" if "HX-Request" in request.headers else "vision/events.html"
    return render(request, template, context, status=422 if bad else 200)


def _usual(city: CityFacts, card: dict[str, Any]) -> dict[str, str]:
    category = usual_category(city, card["kind"])
    return {"category": category.slug if category else "", "words": card["words"]}


@posts_only
@member_required("judge_events")
def decide(request: HttpRequest, city_slug: str, event: int) -> HttpResponseBase:
    """Yes or no; the same answer twice is one."""
    here, member = city_and_member(request)
    form = JudgeForm(here, request.POST)
    if not form.is_valid():
        return _page(request, "waiting", form, event)
    said = form.cleaned_data
    category = here.category(said["category"]) if said["verdict"] == "yes" else None
    try:
        done = judge(here, member, event, yes=said["verdict"] == "yes", category=category, words=said["words"])
    except Event.DoesNotExist:
        raise Http404(event) from None
    except Judged as faster:
        messages.warning(request, str(faster))
    else:
        messages.success(request, _("It is a report now.") if done.report_id else _("Noted as a false alarm."))
    return redirect("camera-events", city_slug=here.slug)


@require_safe
@member_required("see_cameras")
def photo(request: HttpRequest, city_slug: str, event: int, size: str) -> HttpResponse:
    """The blurred snapshot."""
    here, _member = city_and_member(request)
    found = reading.events(here, event=event, most=1)
    if not found or not found[0]["photo"] or size not in SIZES:
        raise Http404(event)
    try:
        return jpeg_answer(photo_bytes(here.id, found[0]["photo"], size), "private, max-age=3600")
    except FileNotFoundError:
        raise Http404(event) from None
