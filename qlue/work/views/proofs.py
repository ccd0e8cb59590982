"""The supervisor's table: before and after side by side, what asks for a second look in words, approve or send back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts
from qlue.kit.ids import uuid7
from qlue.people.models import Membership
from qlue.people.reading import city_and_member
from qlue.people.rights import member_required, scope_of
from qlue.reports.actions import Refused
from qlue.reports.actions.text import MOST_WORDS, tidy
from qlue.reports.cards import card, photo_url
from qlue.work.actions import review
from qlue.work.flags import FLAGS, WEAK
from qlue.work.proof_rows import DONE, OPEN, proof_rows, waiting
from qlue.work.views.common import posts_only

Row = dict[str, Any]


@never_cache
@require_safe
@member_required("review_proof")
def proofs(request: HttpRequest, city_slug: str) -> HttpResponse:
    """Open ones, or with `?tab=selesai` what was reviewed last."""
    return _page(request)


def _page(request: HttpRequest, fault: Row | None = None) -> HttpResponse:
    here, member = city_and_member(request)
    done = request.GET.get("tab") == "selesai"
    agency = scope_of(member)
    found = proof_rows(here, agency, DONE if done else OPEN)
    context = {
        "proofs": [_shown(here, member, row, fault) for row in found],
        "done": done,
        "waiting": waiting(here, agency),
    }
    return render(request, "work/proofs.html", context, status=422 if fault else 200)


def _shown(city: CityFacts, member: Membership, row: Row, fault: Row | None) -> Row:
    secret = row["private"]
    mine = fault if fault and fault["proof"] == row["proof"] else {}
    return card(city, row) | {
        "before_photos": [_picture(city, one, secret=False) for one in row["before"]],
        "after_photos": [_picture(city, one, secret=secret) for one in row["after"]],
        "reasons": [(str(FLAGS[flag]), flag in WEAK) for flag in row["flags"] if flag in FLAGS],
        "own": row["user"] == member.user_id,
        "uuid": uuid7(),
        "typed": mine.get("words", ""),
        "fault": mine.get("fault", ""),
    }


def _picture(city: CityFacts, photo: Any, *, secret: bool) -> Row:
    return {size: photo_url(city, photo, size, secret=secret) for size in ("medium", "large")}


@never_cache
@posts_only
@member_required("review_proof")
def proof_review(request: HttpRequest, city_slug: str, proof: int) -> HttpResponse:
    """Approve, or send back with words."""
    here, member = city_and_member(request)
    good, words = request.POST.get("verdict") == "good", tidy(request.POST.get("words", ""))[:MOST_WORDS]
    try:
        review(city=here, proof_id=proof, by=member, good=good, words=words, uuid=_uuid(request))
    except Refused as refused:
        if refused.field:
            return _page(request, {"proof": proof, "fault": str(refused.message), "words": words})
        messages.warning(request, str(refused.message))
        return redirect("proofs", city_slug=here.slug)
    said = _("Approved.") if good else _("Sent back. The crew and the reporter can read why.")
    messages.success(request, said)
    return redirect("proofs", city_slug=here.slug)


def _uuid(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("uuid", ""))
    except ValueError:
        return uuid7()
