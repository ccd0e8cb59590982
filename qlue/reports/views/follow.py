"""`/<city>/laporan/<code>/ikuti/<token>/`: the reporter's own page; whoever holds it confirms or disputes."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.ids import report_id, same_token
from qlue.kit.text import MOST_WORDS, tidy
from qlue.reports.actions import ActionRefused, Actor, follow_token, transition
from qlue.reports.actions.limits import ANSWER_LIMITS
from qlue.reports.presentation.cards import follow_url
from qlue.reports.queries.reports import find_contact, find_report
from qlue.reports.records import ContactRecord, ReportRecord
from qlue.reports.states import TRANSITIONS
from qlue.reports.views.common import refused, seconds_until_allowed
from qlue.reports.views.new import TOO_MUCH
from qlue.reports.views.page import missing_report, report_page
from qlue.web.formats import span

VERBS = ("confirm", "dispute")


@csrf_exempt  # the address itself is the secret: who could forge a request to it could as well just send one
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: CityRequest, city_slug: str, code: str, token: str) -> HttpResponse:
    """The page, and the reporter's answer to "resolved"."""
    facts = request.city
    number = report_id(code)
    row = find_report(facts, number) if number is not None else None
    # The same answer for a wrong token and for a report that does not exist: codes can be counted through.
    if row is None or not same_token(token, follow_token(facts, row.uuid)):
        return missing_report(request, code)
    answer = _take_answer(request, facts, row, token) if request.method == "POST" else _follow_page(request, facts, row)
    return secret(answer)


def secret(answer: HttpResponse) -> HttpResponse:
    """The address must not reach caches, search engines or other sites."""
    add_never_cache_headers(answer)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _follow_page(
    request: HttpRequest, city: CityFacts, row: ReportRecord, status: int = 200, **more: Any
) -> HttpResponse:
    context = report_page(request, city, row, secret=True) | {
        "follow": True,
        "new": request.GET.get("baru", ""),
        "contact": _masked(find_contact(city, row.id)),
        "follow_link": request.build_absolute_uri(request.path),
        "personal_url": f"{request.path}data/",
        "may_confirm": row.status in TRANSITIONS["confirm"].sources,
        "may_dispute": row.status in TRANSITIONS["dispute"].sources,
        "most_words": MOST_WORDS,
    }
    return render(request, "reports/follow.html", context | more, status=status)


def _masked(contact: ContactRecord | None) -> list[str]:
    """Enough to recognise one's own, too little to learn somebody else's from a forwarded link."""
    texts = (contact.name, contact.email, contact.phone) if contact else ()
    return [f"{text[:2]}•••{text[-2:]}" if len(text) > 5 else "•••" for text in texts if text]


def _take_answer(request: CityRequest, city: CityFacts, row: ReportRecord, token: str) -> HttpResponse:
    try:
        data = request.POST
    except TOO_MUCH:
        return refused(request, 413, "too-large", _("That was too much at once."), _("Go back and write less."))
    verb, words = data.get("verb", ""), data.get("words", "")
    if wait := seconds_until_allowed(request, "answer", ANSWER_LIMITS):
        trouble = _("Too many answers came from here. Please wait %s, then send again.") % span(wait)
        answer = _follow_page(request, city, row, 429, trouble=trouble, typed=words)
        answer.headers["Retry-After"] = str(wait)
        return answer
    if trouble := _trouble(verb, words):
        return _follow_page(request, city, row, 422, trouble=trouble, typed=words)
    return _apply_answer(request, city, row, verb, words, token)


def _trouble(verb: str, words: str) -> str:
    if verb not in VERBS:
        return _("Choose one of the two answers.")
    if "\0" in words:
        return _("This holds a character (NUL) that no text has.")
    if len(tidy(words)) > MOST_WORDS:
        return _("At most %(n)d characters, please.") % {"n": MOST_WORDS}
    if verb == "dispute" and not tidy(words):
        return _("Say in a few words what is still wrong, so that the agency knows what to do.")
    return ""


def _apply_answer(
    request: HttpRequest, city: CityFacts, row: ReportRecord, verb: str, words: str, token: str
) -> HttpResponse:
    try:
        transition(city=city, report_id=row.id, verb=verb, actor=Actor(reporter=True), words=tidy(words))
    except ActionRefused as no:
        # As it is now, and with what was typed: somebody else was faster, and the words must not be lost.
        fresh = find_report(city, row.id) or row
        return _follow_page(request, city, fresh, 409, trouble=str(no.message), typed=words)
    thanks = {
        "confirm": _("Thank you. The report is closed as done."),
        "dispute": _("Thank you. The report is open again, and the agency sees your answer."),
    }
    messages.success(request, thanks[verb])
    # 303, so that reloading the page does not send the answer again.
    answer = HttpResponseRedirect(follow_url(city, row.code, token))
    answer.status_code = 303
    return answer
