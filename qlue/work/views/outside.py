"""`/<city>/otoritas/<uuid>/<token>/`: what an authority outside sees and answers, without an account.

Looking never uses the link up: mail programs and scanners look ahead. Only a POST answers, and only once for good.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from qlue.cities.facts import CityFacts
from qlue.kit.http import client_address
from qlue.kit.rate import Limit, spend
from qlue.people.reading import city_of
from qlue.reports.actions import Refused
from qlue.reports.cards import card, photo_url
from qlue.reports.reading import photo_rows, report_row
from qlue.web.views import too_many
from qlue.work.actions import answer_outside, find_ask, is_open, opened
from qlue.work.models import OutsideAsk
from qlue.work.passing_forms import OutsideAnswerForm
from qlue.work.views.common import place_context

GUESSES = Limit(30, 600)  # wrong links from one address
ANSWERS = Limit(20, 600)


@csrf_exempt  # the address itself is the secret: who could forge a request to it could as well just send one
@require_http_methods(["GET", "HEAD", "POST"])
def outside_answer(request: HttpRequest, city_slug: str, uuid: UUID, token: str) -> HttpResponse:
    """The page behind the link, and the answer."""
    here = city_of(request)
    assert here is not None
    ask = find_ask(here, uuid, token)
    if ask is None:
        wait = _wait(f"outside:{client_address(request)}", GUESSES)
        answer = too_many(request, wait=wait) if wait else render(request, "work/outside_wrong.html", status=404)
    elif request.method == "POST":
        answer = _answered(request, here, ask)
    else:
        opened(here, ask)
        answer = _shown(request, here, ask, OutsideAnswerForm(here))
    return _secret(answer)


def _wait(key: str, limit: Limit) -> int:
    return spend(key, limit) if settings.RATE_LIMITS else 0


def _secret(answer: HttpResponse) -> HttpResponse:
    """The address must not reach caches, search engines or other sites."""
    add_never_cache_headers(answer)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _shown(
    request: HttpRequest, city: CityFacts, ask: OutsideAsk, form: OutsideAnswerForm, status: int = 200
) -> HttpResponse:
    row = report_row(city, ask.report_id)
    if row is None or row["private"]:  # it became private after the question
        return render(request, "work/outside_wrong.html", status=404)
    context: dict[str, Any] = {
        "ask": ask,
        "name": city.outside[ask.outside_id].name,
        "case": card(city, row),
        "row": row,
        "place": place_context(row),
        "photos": [_picture(city, one) for one in photo_rows(city, row["id"]) if one["kind"] == "before"],
        "open": is_open(ask),
        "form": form,
    }
    return render(request, "work/outside_answer.html", context, status=status)


def _picture(city: CityFacts, photo: dict[str, Any]) -> dict[str, str]:
    return {size: photo_url(city, photo["uuid"], size, secret=False) for size in ("medium", "large")}


def _answered(request: HttpRequest, city: CityFacts, ask: OutsideAsk) -> HttpResponse:
    if wait := _wait(f"outside-answer:{ask.uuid}", ANSWERS):
        return too_many(request, wait=wait)
    if not is_open(ask):
        return _shown(request, city, ask, OutsideAnswerForm(city), status=410)
    form = OutsideAnswerForm(city, request.POST, request.FILES)
    if not form.is_valid():
        return _shown(request, city, ask, form, status=422)
    try:
        answer_outside(city=city, ask=ask, **form.brought())
    except Refused as refused:
        field = {"verb": "answer"}.get(refused.field, refused.field)
        form.add_error(field if field in form.fields else None, str(refused.message))
        return _shown(request, city, OutsideAsk.objects.get(id=ask.id), form, status=422)
    answer = HttpResponseRedirect(f"{request.path}?terima-kasih=1")
    answer.status_code = 303
    return answer
