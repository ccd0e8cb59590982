"""Referrals to authorities outside the city: a new one, a new link, withdrawing."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qlue.cities.facts import CityFacts, CityRequest
from qlue.people.models import Membership
from qlue.people.queries import city_and_member
from qlue.people.rights import may, member_required, no_right
from qlue.reports.actions import ActionRefused
from qlue.reports.records import ReportRecord
from qlue.work.actions import refer_external, renew_referral_link, withdraw_referral
from qlue.work.forms.referrals import ReferralAddressForm, ReferralForm
from qlue.work.views.transfers import is_accepted, render_form, report_or_404


@never_cache
@member_required("refer_external")
def referral_new(request: CityRequest, city_slug: str, code: str) -> HttpResponse:
    """Asks an authority outside about a report."""
    city, member = city_and_member(request)
    report = report_or_404(city, code)
    if not may(member, "refer_external", report.agency_id):
        return no_right(request)
    form = ReferralForm(city, report, request.POST if request.method == "POST" else None)
    if request.method == "POST" and is_accepted(form, lambda: _refer(city, member, report, form)):
        messages.success(request, _success_message(form))
        return redirect("case", city.slug, report.code)
    return render_form(request, "work/outside_new.html", form, report)


def _refer(city: CityFacts, member: Membership, report: ReportRecord, form: ReferralForm) -> None:
    refer_external(city=city, report_id=report.id, actor=member, **form.action_input())


def _success_message(form: ReferralForm) -> str:
    if email := form.action_input()["email"]:
        return _("The link is made and goes to %(address)s. How the letter fares stands on the case's page.") % {
            "address": email
        }
    return _("The link is made. Send it to the authority; it stands on the case's page.")


@never_cache
@require_POST
@member_required("refer_external")
def referral_action(request: CityRequest, city_slug: str, number: int, verb: str) -> HttpResponse:
    """A new link, or the question withdrawn."""
    city, member = city_and_member(request)
    if verb not in ("renew", "withdraw"):
        raise Http404(verb)
    try:
        if verb == "withdraw":
            withdraw_referral(city=city, referral_id=number, actor=member)
            messages.success(request, _("Taken back."))
        elif (form := ReferralAddressForm(request.POST)).is_valid():
            renew_referral_link(city=city, referral_id=number, actor=member, email=form.cleaned_data["email"])
            messages.success(request, _("A new link; the former one is void."))
        else:
            messages.warning(request, _("This is no e-mail address; nothing was changed."))
    except ActionRefused as refusal:
        messages.warning(request, str(refusal.message))
    return redirect("handovers", city.slug)
