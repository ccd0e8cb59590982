"""What the models say of stored reports: category, agency, and which earlier report each may repeat."""

from collections.abc import Sequence
from dataclasses import dataclass

from qlue.cities.facts import AgencyFacts, CityFacts
from qlue.insight.duplicates.candidates import Duplicate, DuplicateQuery, find_duplicates_of_each
from qlue.insight.duplicates.score import WORTH_SHOWING
from qlue.insight.records.predictions import PredictedReport
from qlue.insight.registry.lookup import served_model
from qlue.insight.sorting.classifier import Classifier, Prediction
from qlue.insight.sorting.cold_start import known_facts
from qlue.kit.db import fetch_record, fetch_records
from qlue.reports.records import PHOTOS, REPORTS
from qlue.timeline.records import EVENTS

MOST_DUPLICATES = 3
LEAST_CONFIDENCE = 0.6  # below, no officer is shown a hint
PREDICTED_REPORTS = f"""
SELECT r.id, r.words, r.landmark, r.category_id, r.area_id, r.agency_id, r.status, r.lon, r.lat, r.created_at,
    (SELECT array_agg(p.dhash) FROM {PHOTOS} AS p WHERE p.city_id = r.city_id AND p.report_id = r.id
        AND p.kind = 'before' AND p.dhash IS NOT NULL) AS picture_hashes
FROM {REPORTS} AS r WHERE r.city_id = %(city)s AND NOT r.private AND {{which}} ORDER BY r.id
"""
BY_EVENT = f"r.id IN (SELECT report_id FROM {EVENTS} AS event WHERE city_id = %(city)s AND id = ANY(%(events)s))"


@dataclass(frozen=True)
class ReportPrediction:
    """What the models say of one report; the best guess stands first, each agency with its confidence."""

    agencies: list[tuple[AgencyFacts, float]]
    categories: list[Prediction]
    duplicates: list[Duplicate]


def reports_of_events(city: CityFacts, events: Sequence[int]) -> list[PredictedReport]:
    """The public reports that these timeline events are about, as `predict_reports` wants them."""
    sql = PREDICTED_REPORTS.format(which=BY_EVENT)
    return fetch_records(PredictedReport, sql, {"city": city.id, "events": list(events)})


def report_to_predict(city: CityFacts, number: int) -> PredictedReport | None:
    """A public report as `predict_report` wants it."""
    sql = PREDICTED_REPORTS.format(which="r.id = %(number)s")
    return fetch_record(PredictedReport, sql, {"city": city.id, "number": number})


def predict_report(city: CityFacts, report: PredictedReport) -> ReportPrediction:
    """What all models say of one report."""
    return predict_reports(city, [report])[0]


def predict_reports(city: CityFacts, reports: Sequence[PredictedReport]) -> list[ReportPrediction]:
    """The same for several reports, with as many statements as for one."""
    agency, category = served_model(city, "agency").classifier, served_model(city, "category").classifier
    duplicates_of_each = find_duplicates_of_each(city, [_duplicate_query(report) for report in reports], WORTH_SHOWING)
    return [
        ReportPrediction(
            agencies=_predict_agencies(city, agency, report) if agency else [],
            # Not told the category of the report: what its words mean is asked, whatever the reporter chose.
            categories=category.predict(report.words) if category else [],
            duplicates=duplicates[:MOST_DUPLICATES],
        )
        for report, duplicates in zip(reports, duplicates_of_each, strict=True)
    ]


def _predict_agencies(
    city: CityFacts, classifier: Classifier, report: PredictedReport
) -> list[tuple[AgencyFacts, float]]:
    facts = known_facts(city, report.category_id, report.area_id)
    predictions = classifier.predict(report.words, facts)
    # A model may still know an agency that the city has dropped since.
    agencies = ((city.agency(prediction.label), prediction.confidence) for prediction in predictions)
    return [(agency, confidence) for agency, confidence in agencies if agency and agency.active]


def _duplicate_query(report: PredictedReport) -> DuplicateQuery:
    return DuplicateQuery(
        lon=report.lon,
        lat=report.lat,
        category=report.category_id,
        agency=report.agency_id or 0,
        text=f"{report.words[:600]} {report.landmark}",  # cut as in the statement that finds candidates
        picture_hashes=report.picture_hashes or (),
        number=report.id,
        at=report.created_at,
    )
