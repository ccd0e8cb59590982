"""`/<city>/kabari/...`: news of a report for people who did not write it, and the links in mails that end them."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from qlue.channels.actions.watchers import (
    confirm_watcher,
    remove_watcher,
    request_confirmation,
    stop_reporter_mail,
    subscriber_by_link,
)
from qlue.channels.forms.watchers import WatchForm
from qlue.channels.queries.watchers import is_valid_token, watchable_report
from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.http import client_address
from qlue.kit.rate import Limit, spend_each
from qlue.reports.presentation.cards import report_card, report_url
from qlue.reports.queries.reports import find_report
from qlue.reports.records import ReportRecord
from qlue.web.formats import span

PER_ADDRESS = (Limit(6, 600), Limit(30, 86_400))  # questions to mailboxes from one IP address


@csrf_exempt  # nobody is signed in; all that a forged one does is ask a mailbox, which anybody may
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def watch_report(request: CityRequest, city_slug: str, code: str) -> HttpResponse:
    """Asks the mailbox to confirm. The answer is the same whether it is known, new, or asked too often."""
    city = request.city
    report = watchable_report(city, code) if settings.EMAIL_HOST else None
    if report is None:
        return _missing_report_page(request, code)
    form = WatchForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _watch_form_page(request, city, report, form, 422 if form.is_bound else 200)
    if wait := _watch_retry_after(request):
        form.add_error(None, _("Too many requests came from here. Please wait %s.") % span(wait))
        return _watch_form_page(request, city, report, form, 429)
    request_confirmation(city, report.id, form.cleaned_data["mail"])
    message = _(
        "A letter is on its way to that address. Only when its owner presses the link in it does the news begin."
    )
    messages.success(request, message)
    return HttpResponseRedirect(report_url(city, report.code) + "#kabar", status=303)


def _missing_report_page(request: HttpRequest, code: str) -> HttpResponse:
    return render(request, "reports/missing.html", {"code": code[:20]}, status=404)


def _watch_form_page(
    request: HttpRequest, city: CityFacts, report: ReportRecord, form: WatchForm, status: int
) -> HttpResponse:
    return render(request, "channels/watch.html", {"report": report_card(city, report), "form": form}, status=status)


def _watch_retry_after(request: HttpRequest) -> int:
    if not settings.RATE_LIMITS:
        return 0
    address = client_address(request)
    return spend_each({f"watch:{limit.seconds}:{address}": limit for limit in PER_ADDRESS})


@csrf_exempt  # the address itself is the secret
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def watch_confirm(request: CityRequest, city_slug: str, number: int, token: str) -> HttpResponse:
    """The link of the first mail. Programs that scan mail follow links by GET, so only a button confirms."""
    city = request.city
    subscriber = subscriber_by_link(city, "watch-yes", number, token)
    if subscriber is None:
        return _dead_link_page(request)
    if request.method == "POST":
        confirm_watcher(subscriber)
    context = {"asks": subscriber.waits and request.method != "POST", "yes": True}
    return _watch_page(request, city, subscriber.report_id, context)


@csrf_exempt  # RFC 8058: the mailbox's own program posts here, without a session
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def watch_stop(request: CityRequest, city_slug: str, number: int, token: str) -> HttpResponse:
    """The link in the last line of every mail, and the mailbox's own button."""
    city = request.city
    subscriber = subscriber_by_link(city, "watch-stop", number, token)
    if subscriber is None:
        return _dead_link_page(request)
    if request.method == "POST":
        remove_watcher(subscriber)
    return _watch_page(request, city, subscriber.report_id, {"asks": request.method != "POST"})


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mail_stop(request: CityRequest, city_slug: str, number: int, token: str) -> HttpResponse:
    """The same for the reporter, or for whose address somebody else gave: it is taken out of the report."""
    city = request.city
    if not is_valid_token(city, "mail-stop", number, token) or find_report(city, number) is None:
        return _dead_link_page(request)
    if request.method == "POST":
        stop_reporter_mail(city, number)
    return _watch_page(request, city, number, {"asks": request.method != "POST", "own": True})


def _watch_page(
    request: HttpRequest, city: CityFacts, reported_id: int, extra_context: dict[str, bool]
) -> HttpResponse:
    report = find_report(city, reported_id)
    assert report
    context = {"report": report_card(city, report)} | extra_context
    answer = render(request, "channels/watch_answer.html", context)
    # The address holds the token: it must reach neither other sites nor search engines.
    answer.headers["Referrer-Policy"], answer.headers["X-Robots-Tag"] = "no-referrer", "noindex, nofollow"
    return answer


def _dead_link_page(request: HttpRequest) -> HttpResponse:
    return render(request, "channels/watch_dead.html", status=404)
