"""Hints for officers: on the page of a case, and above the queue."""

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.insight.presentation.hints import (
    CategoryCorrection,
    category_correction,
    confidence_percent,
    duplicate_card,
    misrouted_cards,
)
from qlue.insight.queries.hints import misrouted_reports
from qlue.insight.queries.predictions import LEAST_CONFIDENCE, ReportPrediction, predict_report, report_to_predict
from qlue.insight.records.predictions import PredictedReport
from qlue.kit.ids import report_code, report_id, uuid7
from qlue.people.queries import city_and_member
from qlue.people.rights import may, member_required, scope_of
from qlue.reports.states import OPEN_STATUSES


@dataclass(frozen=True)
class AgencySuggestion:
    """Another agency that the words point to."""

    name: str
    percent: int


@never_cache
@require_safe
@member_required("see_queue")
def case_hint(request: CityRequest, city_slug: str, code: str) -> HttpResponse:
    """For the case page: agency and category that the words mean, where they are others, and what it may repeat."""
    city, member = city_and_member(request)
    report = report_to_predict(city, report_id(code) or 0)
    if report is None or not may(member, "see_queue", report.agency_id):
        raise Http404(code)
    rights = {f"may_{verb}": may(member, verb, report.agency_id) for verb in ("merge", "reroute", "recategorise")}
    context: dict[str, object] = {**rights, "code": report_code(city.code_prefix, report.id), "uuid": uuid7()}
    if report.status in OPEN_STATUSES:  # of a closed case nothing is to be changed
        context |= _case_context(city, report)
    return render(request, "insight/case_hint.html", context)


def _case_context(city: CityFacts, report: PredictedReport) -> dict[str, object]:
    prediction = predict_report(city, report)
    return {
        "other": _other_agency(report, prediction),
        "category": _other_category(city, report, prediction),
        "duplicates": [duplicate_card(city, duplicate) for duplicate in prediction.duplicates],
    }


def _other_agency(report: PredictedReport, prediction: ReportPrediction) -> AgencySuggestion | None:
    """The likeliest agency, where it is confident and not the one that has the report."""
    for agency, confidence in prediction.agencies[:1]:
        if agency.id != report.agency_id and confidence >= LEAST_CONFIDENCE:
            return AgencySuggestion(agency.name, confidence_percent(confidence))
    return None


def _other_category(
    city: CityFacts, report: PredictedReport, prediction: ReportPrediction
) -> CategoryCorrection | None:
    """The likeliest category, where it is confident and not the one that the report has."""
    best = next(iter(prediction.categories), None)
    category = city.category(best.label) if best and best.confidence >= LEAST_CONFIDENCE else None
    return category_correction(city, report.category_id, category.id, best.confidence) if best and category else None


@never_cache
@require_safe
@member_required("see_queue")
def queue_hints(request: CityRequest, city_slug: str) -> HttpResponse:
    """For the queue: waiting cases whose words point to another agency or category."""
    city, member = city_and_member(request)
    cases = misrouted_cards(city, misrouted_reports(city, scope_of(member), LEAST_CONFIDENCE))
    context = {"cases": cases, "may_recategorise": may(member, "recategorise"), "uuid": uuid7()}
    return render(request, "insight/queue_hints.html", context)
