"""The supervisor's table: before and after side by side, what asks for a second look in words, approve or send back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityRequest
from qlue.kit.text import MOST_WORDS, tidy
from qlue.people.queries import city_and_member
from qlue.people.rights import member_required, scope_of
from qlue.reports.actions import ActionRefused
from qlue.work.actions import review_proof
from qlue.work.forms.base import uuid_or_new
from qlue.work.presentation.proofs import FailedVerdict, proof_card
from qlue.work.queries.proofs import OPEN_STATES, REVIEWED_STATES, count_open_proofs, list_proofs
from qlue.work.views.http import posts_only


@never_cache
@require_safe
@member_required("review_proof")
def proofs_page(request: CityRequest, city_slug: str) -> HttpResponse:
    """Open ones, or with `?tab=selesai` what was reviewed last."""
    return _render_proofs(request)


def _render_proofs(request: HttpRequest, failed_verdict: FailedVerdict | None = None) -> HttpResponse:
    """The table; `failed_verdict` comes back in the form of its proof."""
    city, member = city_and_member(request)
    shows_reviewed = request.GET.get("tab") == "selesai"
    agency = scope_of(member)
    proofs = list_proofs(city, agency, REVIEWED_STATES if shows_reviewed else OPEN_STATES)
    context = {
        "proofs": [proof_card(city, member, proof, failed_verdict) for proof in proofs],
        "done": shows_reviewed,
        "waiting": count_open_proofs(city, agency),
    }
    return render(request, "work/proofs.html", context, status=422 if failed_verdict else 200)


@never_cache
@posts_only
@member_required("review_proof")
def proof_review(request: CityRequest, city_slug: str, proof: int) -> HttpResponse:
    """Approve, or send back with a message."""
    city, member = city_and_member(request)
    is_approved = request.POST.get("verdict") == "good"
    message, uuid = tidy(request.POST.get("words", ""))[:MOST_WORDS], uuid_or_new(request.POST.get("uuid", ""))
    try:
        review_proof(city=city, proof_id=proof, actor=member, is_approved=is_approved, message=message, uuid=uuid)
    except ActionRefused as refusal:
        if refusal.field:
            return _render_proofs(request, FailedVerdict(proof, message, str(refusal.message)))
        messages.warning(request, str(refusal.message))
        return redirect("proofs", city_slug=city.slug)
    success = _("Approved.") if is_approved else _("Sent back. The crew and the reporter can read why.")
    messages.success(request, success)
    return redirect("proofs", city_slug=city.slug)
