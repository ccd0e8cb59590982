"""Scorecards: how agencies, crews, areas and people do, with intervals; one's own card; objections and answers."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit import tables
from qlue.kit.clock import now
from qlue.people.models import Membership
from qlue.people.queries import city_and_member
from qlue.people.rights import may, member_required, no_right, scope_of
from qlue.reports.actions import ActionRefused
from qlue.work.actions import answer_objection, create_objection, may_answer_objection
from qlue.work.models import Objection
from qlue.work.presentation.objections import objection_cards
from qlue.work.presentation.scorecards import CSV_COLUMNS, csv_rows
from qlue.work.queries.scorecards import PERIODS, scorecard_table, scorecards, targets_of, total_card
from qlue.work.views.http import posts_only

DIMENSION_LABELS = {
    "agency": gettext_lazy("Agencies"),
    "crew": gettext_lazy("Crews"),
    "person": gettext_lazy("People"),
    "kecamatan": gettext_lazy("Kecamatan"),
    "area": gettext_lazy("Kelurahan"),
}
# A quarter: long enough for intervals that say something, short enough to see a change.
DEFAULT_PERIOD = "90"


@dataclass(frozen=True)
class ScoreFilter:
    """What the address asks for, within what the member may see: heads see their own agency's crews, people, areas."""

    dimension: str
    period: str
    agency: int | None

    @property
    def days(self) -> int:
        """The period in days."""
        return PERIODS[self.period]


def _read_score_filter(request: HttpRequest, member: Membership) -> ScoreFilter:
    period = request.GET.get("periode", DEFAULT_PERIOD)
    dimension = request.GET.get("lihat", "agency")
    dimension = dimension if dimension in _visible_dimensions(member) else "agency"
    # Agencies are compared with each other, so everybody who sees scorecards sees all of them.
    agency = None if dimension == "agency" else scope_of(member)
    return ScoreFilter(dimension, period if period in PERIODS else DEFAULT_PERIOD, agency)


def _visible_dimensions(member: Membership) -> list[str]:
    """People are shown to their own head only; the city looks at agencies and crews."""
    return [name for name in DIMENSION_LABELS if name != "person" or not may(member, "see_all_agencies")]


@never_cache
@require_safe
@member_required("see_scorecards")
def scorecards_page(request: CityRequest, city_slug: str) -> HttpResponse:
    """The table of one dimension."""
    city, member = city_and_member(request)
    score_filter = _read_score_filter(request, member)
    agency = city.agencies.get(score_filter.agency or 0)
    cards, total = scorecard_table(city, score_filter.dimension, score_filter.days, score_filter.agency)
    context: dict[str, object] = {
        "cards": cards,
        "total": total,
        "score_filter": score_filter,
        "agency": agency.name if agency else "",
        "dimension_label": DIMENSION_LABELS[score_filter.dimension],
        "tabs": [
            (DIMENSION_LABELS[name], _scores_url(city, name, score_filter.period), name == score_filter.dimension)
            for name in _visible_dimensions(member)
        ],
        "periods": [
            (days, _scores_url(city, score_filter.dimension, name), name == score_filter.period)
            for name, days in PERIODS.items()
        ],
        "csv_url": _scores_url(city, score_filter.dimension, score_filter.period, "scorecards-csv"),
        "objections": objection_cards(city, member),
        "own_agency": may(member, "lead_crews", member.agency_id) and member.agency_id is not None,
    }
    return render(request, "work/scores.html", context | _foot_context(city))


def _foot_context(city: CityFacts) -> dict[str, object]:
    """Context of `work/_score_foot.html`."""
    targets = targets_of(city)
    # The names of two of these stand in a translated sentence.
    return {
        "targets": targets,
        "goal_in_time": round(100 * targets.in_time),
        "goal_reopened": round(100 * targets.reopened),
        "at": now(),
    }


def _scores_url(city: CityFacts, dimension: str, period: str, name: str = "scorecards") -> str:
    return f"{reverse(name, args=[city.slug])}?{urlencode({'lihat': dimension, 'periode': period})}"


@never_cache
@require_safe
@member_required("see_scorecards")
def scorecards_csv(request: CityRequest, city_slug: str) -> HttpResponseBase:
    """The same table as a file, the numbers plain: shares from 0 to 1, durations in hours."""
    city, member = city_and_member(request)
    score_filter = _read_score_filter(request, member)
    cards = scorecards(city, score_filter.dimension, score_filter.days, score_filter.agency)
    response = StreamingHttpResponse(
        tables.export_table("csv", CSV_COLUMNS, csv_rows(cards)), content_type=tables.MEDIA_TYPES["csv"]
    )
    name = f"rapor-{city.slug}-{score_filter.dimension}-{score_filter.period}-{now():%Y%m%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@never_cache
@require_safe
@member_required("work_in_field")
def scorecard_own(request: CityRequest, city_slug: str) -> HttpResponse:
    """My own card, beside my agency's, which nobody else but my head sees."""
    city, member = city_and_member(request)
    return _render_own_card(request, city, member)


def _render_own_card(
    request: HttpRequest, city: CityFacts, member: Membership, fault: str = "", typed_text: str = ""
) -> HttpResponse:
    """`fault`: why the objection that was sent, `typed_text`, could not be stored."""
    period = request.GET.get("periode", request.POST.get("periode", DEFAULT_PERIOD))
    period = period if period in PERIODS else DEFAULT_PERIOD
    days = PERIODS[period]
    cards = scorecards(city, "person", days, key=member.user_id)
    address = reverse("scorecard-own", args=[city.slug])
    context: dict[str, object] = {
        "card": cards[0] if cards else None,
        "total": total_card(city, days, member.agency_id),
        "period": period,
        "periods": [(n, f"{address}?periode={name}", name == period) for name, n in PERIODS.items()],
        "objections": objection_cards(city, member, own_only=True),
        "fault": fault,
        "typed": typed_text,
    }
    return render(request, "work/score_own.html", context | _foot_context(city), status=422 if fault else 200)


@never_cache
@posts_only
@member_required("work_in_field")
def objection_new(request: CityRequest, city_slug: str) -> HttpResponse:
    """I object: to my own card, or as a head to my agency's."""
    city, member = city_and_member(request)
    card, message = request.POST.get("card", "person"), request.POST.get("words", "")
    period = request.POST.get("periode", DEFAULT_PERIOD)
    days = PERIODS.get(period, PERIODS[DEFAULT_PERIOD])
    try:
        numbers = _card_numbers(city, member, card, days)
        create_objection(city=city, actor=member, card=card, period=str(days), numbers=numbers, message=message)
    except ActionRefused as refusal:
        if card != "agency":
            return _render_own_card(request, city, member, str(refusal.message), message)
        messages.warning(request, str(refusal.message))
        return redirect("scorecards", city_slug=city.slug)
    messages.success(request, _("Your objection is kept with the numbers as they stand now, and will be answered."))
    return redirect("scorecards" if card == "agency" else "scorecard-own", city_slug=city.slug)


def _card_numbers(city: CityFacts, member: Membership, card: str, days: int) -> dict[str, float | None]:
    """What the card says at this moment; the keys are stored with the objection."""
    scorecard = total_card(city, days, member.agency_id) if card == "agency" else None
    scorecard = scorecard or next(iter(scorecards(city, "person", days, key=member.user_id)), None)
    if scorecard is None:
        return {}
    return {
        "n": scorecard.n,
        "in_time": scorecard.in_time.value,
        "reopened": scorecard.reopened.value,
        "p50": scorecard.resolve_median.value,
    }


@never_cache
@posts_only
@member_required("see_scorecards")
def objection_answer(request: CityRequest, city_slug: str, number: int) -> HttpResponse:
    """The answer to an objection."""
    city, member = city_and_member(request)
    objection = Objection.objects.filter(city_id=city.id, id=number).first()
    if objection is not None and not may_answer_objection(member, objection):
        return no_right(request)
    try:
        answer_objection(city=city, objection_id=number, actor=member, message=request.POST.get("words", ""))
        messages.success(request, _("Answered."))
    except ActionRefused as refusal:
        messages.warning(request, str(refusal.message))
    return redirect(f"{reverse('scorecards', args=[city.slug])}#keberatan")
