"""`/<city>/otoritas/<uuid>/<token>/`: what an authority outside sees and answers, without an account.

Looking never uses the link up: mail programs and scanners look ahead. Only a POST answers, and only once for good.
"""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.http import client_address
from qlue.kit.rate import Limit, spend
from qlue.reports.actions import ActionRefused
from qlue.reports.presentation.cards import report_card
from qlue.reports.queries.reports import find_report, list_photos
from qlue.reports.states import PhotoKind
from qlue.web.views.pages import too_many_requests
from qlue.work.actions import answer_referral, find_referral, is_referral_open, mark_referral_opened
from qlue.work.forms.referrals import ReferralAnswerForm
from qlue.work.models import ExternalReferral
from qlue.work.presentation.photos import photo_sizes
from qlue.work.presentation.places import place_context

GUESSES = Limit(30, 600)  # wrong links from one address
ANSWERS = Limit(20, 600)  # to one link


@csrf_exempt  # the address itself is the secret: who could forge a request to it could as well just send one
@require_http_methods(["GET", "HEAD", "POST"])
def referral_answer_page(request: CityRequest, city_slug: str, uuid: UUID, token: str) -> HttpResponse:
    """The page behind the link, and the answer."""
    city = request.city
    referral = find_referral(city, uuid, token)
    if referral is None:
        # Counted only for wrong links: an authority may open its own as often as it likes.
        wait = _seconds_to_wait(f"outside:{client_address(request)}", GUESSES)
        response = (
            too_many_requests(request, wait=wait) if wait else render(request, "work/outside_wrong.html", status=404)
        )
    elif request.method == "POST":
        response = _receive_answer(request, city, referral)
    else:
        mark_referral_opened(city, referral)
        response = _render_referral(request, city, referral, ReferralAnswerForm(city))
    return _keep_secret(response)


def _seconds_to_wait(key: str, limit: Limit) -> int:
    return spend(key, limit) if settings.RATE_LIMITS else 0


def _keep_secret(response: HttpResponse) -> HttpResponse:
    """The address must not reach caches, search engines or other sites."""
    add_never_cache_headers(response)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _render_referral(
    request: HttpRequest, city: CityFacts, referral: ExternalReferral, form: ReferralAnswerForm, status: int = 200
) -> HttpResponse:
    report = find_report(city, referral.report_id)
    if report is None or report.private:  # it became private after the question
        return render(request, "work/outside_wrong.html", status=404)
    photos = [photo for photo in list_photos(city, report.id) if photo.kind == PhotoKind.BEFORE]
    context = {
        "referral": referral,
        "name": city.authorities[referral.outside_id].name,
        "case": report_card(city, report),
        "place": place_context(report),
        "photos": [photo_sizes(city, photo.uuid, secret=False) for photo in photos],
        "open": is_referral_open(referral),
        "form": form,
    }
    return render(request, "work/outside_answer.html", context, status=status)


def _receive_answer(request: HttpRequest, city: CityFacts, referral: ExternalReferral) -> HttpResponse:
    if wait := _seconds_to_wait(f"outside-answer:{referral.uuid}", ANSWERS):
        return too_many_requests(request, wait=wait)
    if not is_referral_open(referral):
        return _render_referral(request, city, referral, ReferralAnswerForm(city), status=410)
    form = ReferralAnswerForm(city, request.POST, request.FILES)
    if not form.is_valid():
        return _render_referral(request, city, referral, form, status=422)
    try:
        answer_referral(city=city, referral=referral, **form.verb_input())
    except ActionRefused as refusal:
        field = {"verb": "answer"}.get(refusal.field, refusal.field)
        form.add_error(field if field in form.fields else None, str(refusal.message))
        # Read again: most likely the same link was answered from another screen in this moment.
        return _render_referral(request, city, ExternalReferral.objects.get(id=referral.id), form, status=422)
    response = HttpResponseRedirect(f"{request.path}?terima-kasih=1")
    response.status_code = 303
    return response
