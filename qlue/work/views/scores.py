"""Scorecards: how agencies, crews, areas and people do, with intervals; one's own card; objections and answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts
from qlue.kit import tables
from qlue.kit.clock import now
from qlue.people.models import Membership
from qlue.people.reading import city_and_member
from qlue.people.rights import may, member_required, no_right, scope_of
from qlue.reports.actions import Refused
from qlue.work.actions import answer_objection, may_answer, object_to
from qlue.work.models import Objection
from qlue.work.reading import names_of
from qlue.work.score_rows import PERIODS, Card, cards, table, targets_of, whole_card
from qlue.work.views.common import posts_only

WORDS = {
    "agency": gettext_lazy("Agencies"),
    "crew": gettext_lazy("Crews"),
    "person": gettext_lazy("People"),
    "kecamatan": gettext_lazy("Kecamatan"),
    "area": gettext_lazy("Kelurahan"),
}
USUAL = "90"
MOST_OBJECTIONS = 20


@dataclass(frozen=True)
class Asked:
    """What somebody wants to see, within what they may: heads see crews, people and areas of their own agency."""

    dim: str
    period: str
    agency: int | None

    @property
    def days(self) -> int:
        return PERIODS[self.period]


def _asked(request: HttpRequest, member: Membership) -> Asked:
    period = request.GET.get("periode", USUAL)
    dim = request.GET.get("lihat", "agency")
    dim = dim if dim in _dims(member) else "agency"
    return Asked(dim, period if period in PERIODS else USUAL, None if dim == "agency" else scope_of(member))


def _dims(member: Membership) -> list[str]:
    """People are shown to their own head only; the city looks at agencies and crews."""
    return [dim for dim in WORDS if dim != "person" or not may(member, "see_all_agencies")]


@never_cache
@require_safe
@member_required("see_scorecards")
def scorecards(request: HttpRequest, city_slug: str) -> HttpResponse:
    """The table of one dimension."""
    here, member = city_and_member(request)
    asked = _asked(request, member)
    agency = here.agencies.get(asked.agency or 0)
    found, whole = table(here, asked.dim, asked.days, asked.agency)
    context = {
        "cards": found,
        "whole": whole,
        "asked": asked,
        "agency": agency.name if agency else "",
        "what": WORDS[asked.dim],
        "tabs": [(WORDS[dim], _url(here, dim, asked.period), dim == asked.dim) for dim in _dims(member)],
        "periods": [(days, _url(here, asked.dim, name), name == asked.period) for name, days in PERIODS.items()],
        "csv_url": _url(here, asked.dim, asked.period, "scorecards-csv"),
        "objections": _objections(here, member),
        "own_agency": may(member, "lead_crews", member.agency_id) and member.agency_id is not None,
    }
    return render(request, "work/scores.html", context | _foot(here))


def _foot(city: CityFacts) -> dict[str, Any]:
    goal = targets_of(city)
    return {
        "goal": goal,
        "goal_in_time": round(100 * goal.in_time),
        "goal_reopened": round(100 * goal.reopened),
        "at": now(),
    }


def _url(city: CityFacts, dim: str, period: str, name: str = "scorecards") -> str:
    return f"{reverse(name, args=[city.slug])}?{urlencode({'lihat': dim, 'periode': period})}"


@never_cache
@require_safe
@member_required("see_scorecards")
def scorecards_csv(request: HttpRequest, city_slug: str) -> HttpResponseBase:
    """The same table as a file, the numbers plain: shares from 0 to 1, durations in hours."""
    here, member = city_and_member(request)
    asked = _asked(request, member)
    body = tables.written("csv", COLUMNS, _lines(cards(here, asked.dim, asked.days, asked.agency)))
    answer = StreamingHttpResponse(body, content_type=tables.TYPES["csv"])
    name = f"rapor-{here.slug}-{asked.dim}-{asked.period}-{now():%Y%m%d}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


SHARES = ("in_time", "reopened", "disputed")
PERCENTILES = ("answer_p50", "resolve_p50", "resolve_p90")
SPANS = ("answer", "middle", "slow")
COLUMNS: list[tables.Column] = [
    ("rank", "number"), ("name", "text"), ("cases", "number"),
    *((f"{name}_hours{end}", "number") for name in PERCENTILES for end in ("", "_low", "_high")),
    *((f"{name}{end}", "number") for name in SHARES for end in ("", "_low", "_high", "_n")),
    ("in_time_shrunk", "number"), ("backlog", "number"), ("backlog_median_days", "number"),
]  # fmt: skip


def _lines(found: list[Card]) -> Iterator[tables.Row]:
    for one in found:
        spans = [getattr(getattr(one, name), part) for name in SPANS for part in ("value", "low", "high")]
        shares = [getattr(getattr(one, name), part) for name in SHARES for part in ("value", "low", "high", "n")]
        numbers = [None if value is None else round(value, 4) for value in (*spans, *shares, one.fair)]
        yield (one.rank, one.name, one.n, *numbers, one.backlog, one.age_days)


@never_cache
@require_safe
@member_required("work_in_field")
def scorecard_own(request: HttpRequest, city_slug: str) -> HttpResponse:
    """My own card, beside my agency's, which nobody else but my head sees."""
    here, member = city_and_member(request)
    return _own(request, here, member)


def _own(request: HttpRequest, city: CityFacts, member: Membership, fault: str = "", typed: str = "") -> HttpResponse:
    period = request.GET.get("periode", request.POST.get("periode", USUAL))
    period = period if period in PERIODS else USUAL
    days = PERIODS[period]
    found = cards(city, "person", days, key=member.user_id)
    address = reverse("scorecard-own", args=[city.slug])
    context = {
        "card": found[0] if found else None,
        "whole": whole_card(city, days, member.agency_id),
        "period": period,
        "periods": [(n, f"{address}?periode={name}", name == period) for name, n in PERIODS.items()],
        "objections": _objections(city, member, mine=True),
        "fault": fault,
        "typed": typed,
    }
    return render(request, "work/score_own.html", context | _foot(city), status=422 if fault else 200)


@never_cache
@posts_only
@member_required("work_in_field")
def objection(request: HttpRequest, city_slug: str) -> HttpResponse:
    """I object: to my own card, or as a head to my agency's."""
    here, member = city_and_member(request)
    card, words = request.POST.get("card", "person"), request.POST.get("words", "")
    period = request.POST.get("periode", USUAL)
    days = PERIODS.get(period, PERIODS[USUAL])
    try:
        numbers = _numbers(here, member, card, days)
        object_to(city=here, by=member, card=card, period=str(days), numbers=numbers, words=words)
    except Refused as refused:
        if card != "agency":
            return _own(request, here, member, str(refused.message), words)
        messages.warning(request, str(refused.message))
        return redirect("scorecards", city_slug=here.slug)
    messages.success(request, _("Your objection is kept with the numbers as they stand now, and will be answered."))
    return redirect("scorecards" if card == "agency" else "scorecard-own", city_slug=here.slug)


def _numbers(city: CityFacts, member: Membership, card: str, days: int) -> dict[str, Any]:
    """What the card said at this moment."""
    found = whole_card(city, days, member.agency_id) if card == "agency" else None
    found = found or next(iter(cards(city, "person", days, key=member.user_id)), None)
    if found is None:
        return {}
    return {"n": found.n, "in_time": found.in_time.value, "reopened": found.reopened.value, "p50": found.middle.value}


@never_cache
@posts_only
@member_required("see_scorecards")
def objection_answer(request: HttpRequest, city_slug: str, number: int) -> HttpResponse:
    """The answer to an objection."""
    here, member = city_and_member(request)
    one = Objection.objects.filter(city_id=here.id, id=number).first()
    if one is not None and not may_answer(member, one):
        return no_right(request)
    try:
        answer_objection(city=here, number=number, by=member, words=request.POST.get("words", ""))
        messages.success(request, _("Answered."))
    except Refused as refused:
        messages.warning(request, str(refused.message))
    return redirect(f"{reverse('scorecards', args=[here.slug])}#keberatan")


def _objections(city: CityFacts, member: Membership, *, mine: bool = False) -> list[dict[str, Any]]:
    """Mine, or those that I may answer or have made; the open ones first."""
    found = Objection.objects.filter(city_id=city.id)
    if mine or not may(member, "see_all_agencies"):
        found = found.filter(user_id=member.user_id) if mine else found.filter(agency_id=member.agency_id)
    newest = list(found.order_by("answered_at", "-created_at")[:MOST_OBJECTIONS])
    newest = [one for one in newest if mine or one.user_id == member.user_id or may_answer(member, one)]
    names = names_of([part for one in newest for part in (one.user_id, one.answered_by_id)])
    agencies = {key: agency.name for key, agency in city.agencies.items()}
    return [
        {
            "one": one,
            "who": names.get(one.user_id, ""),
            "of": agencies.get(one.key, "") if one.card == "agency" else names.get(one.key, ""),
            "answered_by": names.get(one.answered_by_id or 0, ""),
            "may_answer": not one.answered_at and not mine and may_answer(member, one),
        }
        for one in newest
    ]
