"""Storing what the models say of new reports; where a city wants it, the model also routes a report by itself."""

from collections.abc import Sequence
from dataclasses import fields

from django.utils.translation import gettext as _

from qlue.cities.facts import AgencyFacts, CityFacts
from qlue.insight.queries.predictions import ReportPrediction, predict_reports, reports_of_events
from qlue.insight.records.hints import NewHint
from qlue.insight.records.predictions import PredictedReport
from qlue.insight.registry.lookup import served_model
from qlue.kit.db import execute
from qlue.reports.actions import ActionRefused, Actor, transition
from qlue.reports.states import ReportStatus

SYSTEM = Actor(granted=frozenset({"reroute"}))
WAITING = (ReportStatus.RECEIVED, ReportStatus.ROUTED)  # once an agency has accepted a report, only people move it
NEVER = 2.0  # above every confidence

# A job may run twice. `moved` stays true then: the second run finds the report at the agency it was routed to.
UPSERT_HINTS = """
INSERT INTO insight_hint (city_id, report_id, agency_id, agency_sure, category_id, category_sure, twin_id, twin_sure,
    moved, at)
SELECT %(city)s, h.*, now() FROM unnest(%(report_id)s::bigint[], %(agency_id)s::bigint[], %(agency_sure)s::float8[],
    %(category_id)s::bigint[], %(category_sure)s::float8[], %(twin_id)s::bigint[], %(twin_sure)s::float8[],
    %(moved)s::bool[]) AS h
ON CONFLICT (report_id) DO UPDATE SET agency_id = excluded.agency_id, agency_sure = excluded.agency_sure,
    category_id = excluded.category_id, category_sure = excluded.category_sure, twin_id = excluded.twin_id,
    twin_sure = excluded.twin_sure, moved = insight_hint.moved OR excluded.moved, at = excluded.at
"""


def write_hints(city: CityFacts, events: Sequence[int]) -> int:
    """Writes a hint for each public report that these timeline events are about; may run again. Returns how many.

    The connection is in the city's scope.
    """
    reports = reports_of_events(city, events)
    if not reports:
        return 0
    hints = [
        _new_hint(city, report, prediction, is_routed=_auto_route(city, report, prediction))
        for report, prediction in zip(reports, predict_reports(city, reports), strict=True)
    ]
    columns = {column.name: [getattr(hint, column.name) for hint in hints] for column in fields(NewHint)}
    return execute(UPSERT_HINTS, {"city": city.id, **columns})


def _auto_route(city: CityFacts, report: PredictedReport, prediction: ReportPrediction) -> bool:
    """Reroutes the report to the agency that the model is confident of, where the pack allows it."""
    best = next(iter(prediction.agencies), None)
    if best is None or not may_auto_route(city, report, *best):
        return False
    reason = _("Sorted by its words: %(percent)d %% sure.") % {"percent": round(100 * best[1])}
    try:
        transition(city=city, report_id=report.id, verb="reroute", actor=SYSTEM, agency=best[0].id, reason=reason)
    except ActionRefused:  # somebody was faster
        return False
    return True


def may_auto_route(city: CityFacts, report: PredictedReport, agency: AgencyFacts, confidence: float) -> bool:
    """Off unless the pack names the agency in `[auto] route`, and only above the threshold that history gave it."""
    if agency.slug not in city.auto.route or agency.id == report.agency_id:
        return False
    if report.status not in WAITING or city.categories[report.category_id].private:
        return False
    return confidence >= served_model(city, "agency").thresholds.get(agency.slug, NEVER)


def _new_hint(city: CityFacts, report: PredictedReport, prediction: ReportPrediction, *, is_routed: bool) -> NewHint:
    agency, agency_confidence = next(iter(prediction.agencies), (None, 0.0))
    guess = next(iter(prediction.categories), None)
    duplicate = next(iter(prediction.duplicates), None)
    category = city.category(guess.label) if guess else None
    return NewHint(
        report_id=report.id,
        agency_id=agency.id if agency else None,
        agency_sure=agency_confidence,
        category_id=category.id if category else None,
        category_sure=guess.confidence if guess and category else 0.0,
        twin_id=duplicate.id if duplicate else None,
        twin_sure=duplicate.confidence if duplicate else 0.0,
        moved=is_routed,
    )
