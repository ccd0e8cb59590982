"""The weekly brief as a page and as a PDF of one or two sheets."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qlue.dashboard.brief import mondays, this_week, week_of
from qlue.dashboard.brief_words import told
from qlue.dashboard.mailing import is_own, mail_to, no_more, reader_of, want_brief
from qlue.dashboard.paper import printed
from qlue.dashboard.views.explore import city_in
from qlue.kit.parts import installed
from qlue.people.reading import city_and_member
from qlue.people.rights import may, member_required

READS = "see_scorecards"  # who may have it sent: heads, operators, leadership


@never_cache
@require_safe
@member_required("see_dashboard_staff")
def page(request: HttpRequest, city_slug: str) -> HttpResponse:
    """The brief of `?minggu=2026-W46`, of the last whole week without it."""
    here = city_in(request)
    week = week_of(here, request.GET.get("minggu", ""))
    brief = told(here, week)
    for one in brief["maps"]:
        one["svg"] = mark_safe(one["svg"])  # made by our own hand; every word in it is escaped there
    context: dict[str, Any] = {
        "brief": brief,
        "mondays": mondays(week),
        "lines": [_line(brief, "received", "blue"), _line(brief, "resolved", "green")],
        "week": week,
        "earlier": week.shifted(-1).name,
        "later": week.shifted(1).name if week.first < this_week(here).first else "",
        "by_mail": _by_mail(request),
        "has_pdf": installed("brief"),
    }
    return render(request, "dashboard/brief.html", context)


def _line(brief: dict[str, Any], what: str, colour: str) -> dict[str, Any]:
    return {"name": brief["words"][what], "colour": colour, "values": [one[what] for one in brief["trend"]]}


@never_cache
@require_safe
@member_required("see_dashboard_staff")
def pdf(request: HttpRequest, city_slug: str) -> HttpResponse:
    """The same on paper."""
    here = city_in(request)
    week = week_of(here, request.GET.get("minggu", ""))
    if not installed("brief"):  # the page says so
        return redirect(f"{reverse('brief', args=[here.slug])}?minggu={week.name}")
    answer = HttpResponse(printed(told(here, week)), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{here.slug}-{week.name}.pdf"'
    return answer


def _by_mail(request: HttpRequest) -> dict[str, Any] | None:
    """What the page says of sending it each Monday; None for those who have no right to it."""
    here, member = city_and_member(request)
    if not may(member, READS):
        return None
    return {"on": reader_of(here, member.user_id) is not None, "to": mail_to(member), "mails": settings.EMAIL_HOST}


@never_cache
@require_POST
@member_required(READS)
def by_mail(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Send it to me each Monday, or (without `want`) no longer."""
    here, member = city_and_member(request)
    if not request.POST.get("want"):
        no_more(here, member.user_id)
        messages.success(request, _("You no longer get the weekly brief by e-mail."))
    elif want_brief(here, member):
        messages.success(request, _("You get the weekly brief each Monday morning."))
    else:
        messages.warning(request, _("Your account has no e-mail address. An administrator can enter it."))
    return redirect("brief", city_slug=here.slug)


@csrf_exempt  # RFC 8058: the mailbox's own program posts here; the address itself is the secret
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, city_slug: str, number: int, token: str) -> HttpResponse:
    """The link in each letter: one press, and no more of them."""
    here = city_in(request)
    if not is_own(here, number, token):
        return render(request, "404.html", status=404)
    if request.method == "POST":
        no_more(here, number)
    return render(request, "dashboard/brief_stop.html", {"asks": request.method != "POST"})
