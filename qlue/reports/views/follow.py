"""`/<city>/laporan/<code>/ikuti/<token>/`: the reporter's own page; whoever holds it confirms or disputes."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from qlue.cities.facts import CityFacts
from qlue.kit.ids import report_id, same_token
from qlue.reports.actions import Mover, Refused, move, token_for
from qlue.reports.actions.text import MOST_WORDS, tidy
from qlue.reports.cards import follow_url
from qlue.reports.limits import ANSWERS
from qlue.reports.reading import contact_row, report_row
from qlue.reports.states import MOVES
from qlue.reports.views.common import city_in, refused, wait_of
from qlue.reports.views.new import TOO_MUCH
from qlue.reports.views.page import missing, page_of
from qlue.web.formats import span

VERBS = ("confirm", "dispute")


@csrf_exempt  # the address itself is the secret: who could forge a request to it could as well just send one
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, city_slug: str, code: str, token: str) -> HttpResponse:
    """The page, and the reporter's answer to "resolved"."""
    facts = city_in(request)
    number = report_id(code)
    row = report_row(facts, number) if number is not None else None
    if row is None or not same_token(token, token_for(facts, row["uuid"])):
        return missing(request, code)
    answer = _answered(request, facts, row, token) if request.method == "POST" else _shown(request, facts, row)
    return secret(answer)


def secret(answer: HttpResponse) -> HttpResponse:
    """The address must not reach caches, search engines or other sites."""
    add_never_cache_headers(answer)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _shown(request: HttpRequest, city: CityFacts, row: dict[str, Any], status: int = 200, **more: Any) -> HttpResponse:
    context = page_of(request, city, row, secret=True) | {
        "follow": True,
        "new": request.GET.get("baru", ""),
        "contact": _masked(contact_row(city, row["id"])),
        "follow_link": request.build_absolute_uri(request.path),
        "personal_url": f"{request.path}data/",
        "may_confirm": row["status"] in MOVES["confirm"].sources,
        "may_dispute": row["status"] in MOVES["dispute"].sources,
        "most_words": MOST_WORDS,
    }
    return render(request, "reports/follow.html", context | more, status=status)


def _masked(contact: dict[str, str] | None) -> list[str]:
    """Enough to recognise one's own, too little to learn somebody else's from a forwarded link."""
    return [f"{text[:2]}•••{text[-2:]}" if len(text) > 5 else "•••" for text in (contact or {}).values() if text]


def _answered(request: HttpRequest, city: CityFacts, row: dict[str, Any], token: str) -> HttpResponse:
    try:
        sent = request.POST
    except TOO_MUCH:
        return refused(request, 413, "too-large", _("That was too much at once."), _("Go back and write less."))
    verb, words = sent.get("verb", ""), sent.get("words", "")
    if wait := wait_of(request, "answer", ANSWERS):
        trouble = _("Too many answers came from here. Please wait %s, then send again.") % span(wait)
        answer = _shown(request, city, row, 429, trouble=trouble, typed=words)
        answer.headers["Retry-After"] = str(wait)
        return answer
    if trouble := _trouble(verb, words):
        return _shown(request, city, row, 422, trouble=trouble, typed=words)
    return _moved(request, city, row, verb, words, token)


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


def _moved(
    request: HttpRequest, city: CityFacts, row: dict[str, Any], verb: str, words: str, token: str
) -> HttpResponse:
    try:
        move(city=city, report_id=row["id"], verb=verb, by=Mover(reporter=True), words=tidy(words))
    except Refused as no:
        fresh = report_row(city, row["id"]) or row
        return _shown(request, city, fresh, 409, trouble=str(no.message), typed=words)
    thanks = {
        "confirm": _("Thank you. The report is closed as done."),
        "dispute": _("Thank you. The report is open again, and the agency sees your answer."),
    }
    messages.success(request, thanks[verb])
    answer = HttpResponseRedirect(follow_url(city, row["code"], token))
    answer.status_code = 303
    return answer
