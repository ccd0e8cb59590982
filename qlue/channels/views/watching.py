"""`/<city>/kabari/...`: news of a report for people who did not write it, and the links in letters that end them."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from qlue.channels.actions.watching import ask_to_watch, held, say_yes, stop, stop_reporter_mail
from qlue.channels.reading.watching import is_own, watchable
from qlue.cities.facts import CityFacts
from qlue.kit.http import client_address
from qlue.kit.rate import Limit, spend_each
from qlue.people.reading import city_of
from qlue.reports.cards import card, report_url
from qlue.reports.reading import report_row
from qlue.web.formats import span

ASKING = (Limit(6, 600), Limit(30, 86_400))  # questions to mailboxes from one address of the net


class WatchForm(forms.Form):
    """Where the news shall go."""

    mail = forms.EmailField(
        label=gettext_lazy("Your e-mail"),
        max_length=200,
        error_messages={
            "required": gettext_lazy("Give the e-mail address that the news shall go to."),
            "invalid": gettext_lazy("This is no e-mail address, such as nama@contoh.id."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


@csrf_exempt  # nobody is signed in; all that a forged one does is ask a mailbox, which anybody may
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def watch(request: HttpRequest, city_slug: str, code: str) -> HttpResponse:
    """Asks the mailbox. The answer is the same whether it is known, new, or asked too often."""
    here = _here(request)
    row = watchable(here, code) if settings.EMAIL_HOST else None
    if row is None:
        return _missing(request, code)
    form = WatchForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _form(request, here, row, form, 422 if form.is_bound else 200)
    if wait := _wait(request):
        form.add_error(None, _("Too many requests came from here. Please wait %s.") % span(wait))
        return _form(request, here, row, form, 429)
    ask_to_watch(here, row["id"], form.cleaned_data["mail"])
    words = _("A letter is on its way to that address. Only when its owner presses the link in it does the news begin.")
    messages.success(request, words)
    return HttpResponseRedirect(report_url(here, row["code"]) + "#kabar", status=303)


def _here(request: HttpRequest) -> CityFacts:
    here = city_of(request)
    assert here
    return here


def _missing(request: HttpRequest, code: str) -> HttpResponse:
    return render(request, "reports/missing.html", {"code": code[:20]}, status=404)


def _form(request: HttpRequest, city: CityFacts, row: dict[str, Any], form: WatchForm, status: int) -> HttpResponse:
    return render(request, "channels/watch.html", {"report": card(city, row), "form": form}, status=status)


def _wait(request: HttpRequest) -> int:
    if not settings.RATE_LIMITS:
        return 0
    address = client_address(request)
    return spend_each({f"watch:{limit.seconds}:{address}": limit for limit in ASKING})


@csrf_exempt  # the address itself is the secret
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def watch_yes(request: HttpRequest, city_slug: str, number: int, token: str) -> HttpResponse:
    """The link of the first letter. Programs that look into mail only GET, so the yes is a button."""
    here = _here(request)
    one = held(here, "watch-yes", number, token)
    if one is None:
        return _dead(request)
    if request.method == "POST":
        say_yes(one)
    shown = {"asks": one.waits and request.method != "POST", "yes": True}
    return _page(request, here, one.report_id, shown)


@csrf_exempt  # RFC 8058: the mailbox's own program posts here, without a session
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def watch_stop(request: HttpRequest, city_slug: str, number: int, token: str) -> HttpResponse:
    """The last line of every letter, and the mailbox's own button."""
    here = _here(request)
    one = held(here, "watch-stop", number, token)
    if one is None:
        return _dead(request)
    if request.method == "POST":
        stop(one)
    return _page(request, here, one.report_id, {"asks": request.method != "POST"})


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mail_stop(request: HttpRequest, city_slug: str, number: int, token: str) -> HttpResponse:
    """The same for who reported, or whose address somebody else gave: it goes out of the report."""
    here = _here(request)
    if not is_own(here, "mail-stop", number, token) or report_row(here, number) is None:
        return _dead(request)
    if request.method == "POST":
        stop_reporter_mail(here, number)
    return _page(request, here, number, {"asks": request.method != "POST", "own": True})


def _page(request: HttpRequest, city: CityFacts, number: int, more: dict[str, Any]) -> HttpResponse:
    row = report_row(city, number)
    assert row
    answer = render(request, "channels/watch_answer.html", {"report": card(city, row)} | more)
    answer.headers["Referrer-Policy"], answer.headers["X-Robots-Tag"] = "no-referrer", "noindex, nofollow"
    return answer


def _dead(request: HttpRequest) -> HttpResponse:
    return render(request, "channels/watch_dead.html", status=404)
