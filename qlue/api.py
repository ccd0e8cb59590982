"""The public JSON API: `/api/v1/`, described by `/api/v1/openapi.json`.

django-ninja routes and describes; the answers of the hot paths are bytes that PostgreSQL made, so the schemas below
are promises to readers, held by a contract test, not converters.
"""

from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Router, Schema
from ninja.errors import HttpError, ValidationError

from qlue.cities.api import router as cities
from qlue.cities.facts import CityRequest
from qlue.kit.http import json_bytes, problem
from qlue.kit.ids import report_id
from qlue.reports.queries.reports import ReportFilter, list_json
from qlue.reports.views.data import reports_json
from qlue.reports.views.intake import ReportIn
from qlue.things.api import router as things

reports = Router(tags=["reports"])


class ReportOut(Schema):
    """`category` and `agency` are slugs, `area` is a Kemendagri code; `words` are cut after 280 characters in lists."""

    code: str
    status: str
    category: str
    area: str | None
    agency: str | None
    words: str
    landmark: str
    lon: float
    lat: float
    created_at: datetime
    due_at: datetime | None
    resolved_at: datetime | None
    supporters: int


class ReportsOut(Schema):
    """A page, newest first; `next` leads to the following one; `notices` say which filters were not understood."""

    reports: list[ReportOut]
    next: str | None
    notices: list[str] = []


class Taken(Schema):
    """`follow_url` is secret: who has it speaks for the reporter."""

    code: str
    status: str
    url: str
    follow_url: str
    due_at: datetime | None


class Fault(Schema):
    """One field that cannot be taken."""

    field: str
    message: str


class Problem(Schema):
    """RFC 9457, as application/problem+json."""

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: list[Fault] = []


FILTERS = {
    "status": "menunggu, proses, selesai, ditutup, terbuka, or a single state such as in_progress",
    "category": "slug of a category",
    "agency": "slug of an agency",
    "area": "code of a kelurahan or kecamatan",
    "since": "first day, YYYY-MM-DD, in the city's time zone",
    "until": "last day, YYYY-MM-DD",
    "overdue": "1: open and past the deadline",
    "q": "words in the text",
    "before": "from `next` of the page before",
    "limit": "1 to 200, 50 when left out",
}
LISTING = {
    "parameters": [
        {"in": "query", "name": name, "schema": {"type": "string"}, "description": about}
        for name, about in FILTERS.items()
    ]
}
# Described from the struct that decodes the body, so that the document cannot promise another shape.
(_body,), _parts = msgspec.json.schema_components([ReportIn], ref_template="#/components/schemas/{name}")
TAKING = {"requestBody": {"required": True, "content": {"application/json": {"schema": _body}}}}
PROBLEMS: dict[int, Any] = dict.fromkeys((400, 413, 415, 422, 429), Problem)


@reports.get(
    "/{city}/reports", response={200: ReportsOut, 404: Problem}, operation_id="listReports", openapi_extra=LISTING
)
def list_reports(request: CityRequest, city: str) -> HttpResponse:
    """Public reports, newest first."""
    return reports_json(request, city)


@reports.post(
    "/{city}/reports",
    response={200: Taken, 201: Taken, 404: Problem, **PROBLEMS},
    operation_id="submitReport",
    openapi_extra=TAKING,
)
@csrf_exempt  # takes JSON only and looks at no cookie, so there is nothing to forge
def submit_report(request: CityRequest, city: str) -> HttpResponse:
    """Hands in a report. `uuid` is yours: sending it again is answered with the first report (200)."""
    return reports_json(request, city)


@reports.get("/{city}/reports/{code}", response={200: ReportOut, 404: Problem}, operation_id="getReport")
def one_report(request: CityRequest, city: str, code: str) -> HttpResponse:
    """One public report by its code."""
    facts = request.city
    number = report_id(code)
    reports_bytes = list_json(facts, ReportFilter(number=number), 1)[0] if number else b"[]"
    if reports_bytes == b"[]":
        return problem(404, "no-report", _("There is no public report with this code."))
    return json_bytes(request, reports_bytes[1:-1], max_age=5)


api = NinjaAPI(
    title="Qlue",
    version="1",
    description="Report problems to an Indonesian city and read what is done about them. "
    "Errors are problems as RFC 9457 describes them. Times are RFC 3339, positions WGS 84 degrees.",
    docs_url=None,
    urls_namespace="api",
    openapi_extra={
        "components": {"schemas": _parts, "securitySchemes": {"deviceToken": {"type": "http", "scheme": "bearer"}}}
    },
)
api.add_router("", cities)
api.add_router("", reports)
api.add_router("", things)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [{"field": str(fault["loc"][-1]), "message": fault["msg"]} for fault in error.errors]
    return problem(422, "invalid", _("Something in the request is not valid."), errors=errors)


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, "refused", str(error))
