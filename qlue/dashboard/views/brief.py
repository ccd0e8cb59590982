"""The weekly brief as a page and as a PDF of one or two sheets."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qlue.cities.facts import CityRequest
from qlue.dashboard.brief.content import Brief, brief_context
from qlue.dashboard.brief.pdf import render_pdf
from qlue.dashboard.brief.subscriptions import (
    READING_RIGHT,
    is_stop_token,
    is_subscribed,
    mail_address,
    subscribe_to_brief,
    unsubscribe_from_brief,
)
from qlue.dashboard.brief.weeks import this_week, week_of, weeks_until
from qlue.kit.parts import installed
from qlue.people.queries import city_and_member
from qlue.people.rights import may, member_required
from qlue.web.presentation import charts


@never_cache
@require_safe
@member_required("see_dashboard_staff")
def brief_page(request: CityRequest, city_slug: str) -> HttpResponse:
    """The brief of `?minggu=2026-W46`, of the last whole week without it."""
    city = request.city
    week = week_of(city, request.GET.get("minggu", ""))
    brief = brief_context(city, week)
    context = {
        "brief": brief,
        "mondays": [trend_week.first for trend_week in weeks_until(week, len(brief.trend))],
        "lines": _trend_lines(brief),
        "week": week,
        "earlier": week.shifted(-1).name,
        "later": week.shifted(1).name if week.first < this_week(city).first else "",
        "by_mail": _subscription_choice(request),
        "has_pdf": installed("brief"),
    }
    return render(request, "dashboard/brief.html", context)


def _trend_lines(brief: Brief) -> Sequence[charts.Row]:
    received_counts, resolved_counts = [week.received for week in brief.trend], [week.resolved for week in brief.trend]
    return [
        {"name": brief.headings.received, "colour": "blue", "values": received_counts},
        {"name": brief.headings.resolved, "colour": "green", "values": resolved_counts},
    ]


@never_cache
@require_safe
@member_required("see_dashboard_staff")
def brief_pdf(request: CityRequest, city_slug: str) -> HttpResponse:
    """The same on paper."""
    city = request.city
    week = week_of(city, request.GET.get("minggu", ""))
    if not installed("brief"):  # the page says so
        return redirect(f"{reverse('brief', args=[city.slug])}?minggu={week.name}")
    response = HttpResponse(render_pdf(brief_context(city, week)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{city.slug}-{week.name}.pdf"'
    return response


@dataclass(frozen=True)
class SubscriptionChoice:
    """What the page says of sending it each Monday; `mails`: whether this installation can send mail at all."""

    on: bool
    to: str
    mails: bool


def _subscription_choice(request: HttpRequest) -> SubscriptionChoice | None:
    """None for those who have no right to it."""
    city, member = city_and_member(request)
    if not may(member, READING_RIGHT):
        return None
    return SubscriptionChoice(is_subscribed(city, member.user_id), mail_address(member), bool(settings.EMAIL_HOST))


@never_cache
@require_POST
@member_required(READING_RIGHT)
def brief_subscription(request: CityRequest, city_slug: str) -> HttpResponse:
    """Send it to me each Monday, or (without `want`) no longer."""
    city, member = city_and_member(request)
    if not request.POST.get("want"):
        unsubscribe_from_brief(city, member.user_id)
        messages.success(request, _("You no longer get the weekly brief by e-mail."))
    elif subscribe_to_brief(city, member):
        messages.success(request, _("You get the weekly brief each Monday morning."))
    else:
        messages.warning(request, _("Your account has no e-mail address. An administrator can enter it."))
    return redirect("brief", city_slug=city.slug)


@csrf_exempt  # RFC 8058: the mailbox's own program posts here; the address itself is the secret
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_brief(request: CityRequest, city_slug: str, number: int, token: str) -> HttpResponse:
    """The link in each letter: one press, and no more of them."""
    city = request.city
    if not is_stop_token(city, number, token):
        return render(request, "404.html", status=404)
    # Opening the link alone ends nothing: mailboxes open every link to look for harm.
    if request.method == "POST":
        unsubscribe_from_brief(city, number)
    return render(request, "dashboard/brief_stop.html", {"asks": request.method != "POST"})
