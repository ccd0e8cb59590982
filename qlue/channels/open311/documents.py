"""The documents of GeoReport: where the service is, what can be reported, and the public reports."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from qlue.channels.open311.query import CLOSED, STATUS, RequestFilter
from qlue.cities.facts import CategoryFacts, CityFacts
from qlue.cities.models import City
from qlue.kit.db import fetch_all
from qlue.reports.queries.reports import ReportFilter, filter_clause
from qlue.reports.records import PHOTOS, REPORTS
from qlue.reports.states import STATUS_LABELS
from qlue.timeline.records import EVENTS

AbsoluteUrl = Callable[[str], str]

# The last public event explains the state, where it is one of those whose words are the city's own.
REQUESTS = f"""
SELECT report_code(%(prefix)s, r.id), r.status, r.category_id, r.agency_id, r.area_id, r.words, r.landmark,
    r.created_at, r.updated_at, r.resolved_at, r.due_at, r.lon, r.lat, p.uuid,
    coalesce(h.data->>'reason', h.data->>'words')
FROM {REPORTS} AS r
LEFT JOIN LATERAL (
    SELECT uuid FROM {PHOTOS} AS p WHERE p.city_id = r.city_id AND p.report_id = r.id ORDER BY p.id LIMIT 1) p ON true
LEFT JOIN LATERAL (
    SELECT data, kind FROM {EVENTS} AS h WHERE h.city_id = r.city_id AND h.report_id = r.id AND h.public
    ORDER BY h.id DESC LIMIT 1) h ON h.kind = ANY(%(explaining)s)
WHERE {{where}} ORDER BY r.created_at DESC, r.id DESC LIMIT %(limit)s OFFSET %(offset)s
"""
EXPLAINING_EVENTS = [
    "report.resolved",
    "report.rejected",
    "report.held",
    "report.rerouted",
    "report.recategorised",
    "report.handed_over",
]


def discovery_document(url: str, city: CityFacts | None) -> dict[str, object]:
    """The service discovery file; with a city its own contact."""
    changeset = _w3c_time(City.objects.aggregate(at=Max("loaded_at"))["at"]) or "1970-01-01T00:00:00Z"
    contact = (city.open311.get("contact") or city.name) if city else _("Ask the city whose reports you want.")
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": url,
        "changeset": changeset,
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    key_service = _("The city gives keys for writing: %(contact)s") % {"contact": contact}
    return {"changeset": changeset, "contact": contact, "key_service": key_service, "endpoints": [endpoint]}


def service_list(city: CityFacts) -> list[dict[str, object]]:
    """Every category that can be reported."""
    return [_service_entry(city, category) for category in city.open_categories]


def _service_entry(city: CityFacts, category: CategoryFacts) -> dict[str, object]:
    agency = city.agencies.get(category.agency_id or 0)
    return {
        "service_code": category.slug,
        "service_name": category.label,
        "description": ", ".join(category.words) or category.label,
        "metadata": True,
        "type": "realtime",
        "keywords": ", ".join(category.words),
        "group": agency.name if agency else city.name,
    }


def service_definition(category: CategoryFacts) -> dict[str, object]:
    """Attributes beside the standard's own fields; none of them is required."""
    yes_no = [{"key": "yes", "name": _("Yes")}, {"key": "no", "name": _("No")}]
    private = _("Hide this report from the public? Some categories are always hidden.")
    landmark = _("A landmark that helps to find the place.")
    uuid = _("Your own id of this report. Sent again with the same id, it is answered with the first one.")
    media = _(
        "Send photos as multipart files in the field media: JPEG, PNG or WebP, at most five, 15 MB each."
        " Addresses in media_url are not fetched."
    )
    return {
        "service_code": category.slug,
        "attributes": [
            _attribute_entry(1, "landmark", "string", landmark, []),
            _attribute_entry(2, "private", "singlevaluelist", private, yes_no),
            _attribute_entry(3, "uuid", "string", uuid, []),
            _attribute_entry(4, "media", "string", media, [], is_variable=False),
        ],
    }


def _attribute_entry(
    order: int, code: str, datatype: str, description: str, values: list[dict[str, str]], *, is_variable: bool = True
) -> dict[str, object]:
    return {
        "variable": is_variable,
        "code": code,
        "datatype": datatype,
        "required": False,
        "datatype_description": None,
        "order": order,
        "description": description,
        "values": values,
    }


def request_list(city: CityFacts, request_filter: RequestFilter, link: AbsoluteUrl) -> list[dict[str, object]]:
    """Public reports, newest first; `link` makes an absolute address of a path. In the city's scope; one statement."""
    clause, values = _where_clause(city, request_filter)
    parameters = {
        "prefix": city.code_prefix,
        "explaining": EXPLAINING_EVENTS,
        "limit": request_filter.limit,
        "offset": request_filter.offset,
    }
    rows = fetch_all(REQUESTS.format(where=clause), values | parameters)
    return [_request_entry(city, RequestRow(*row), link) for row in rows]


def _where_clause(city: CityFacts, request_filter: RequestFilter) -> tuple[str, dict[str, object]]:
    # Through the list's own filter, so that nothing comes out here that the public list does not show.
    if request_filter.ids is not None:
        clause, values = filter_clause(city, ReportFilter())
        return f"{clause} AND r.id = ANY(%(ids)s)", values | {"ids": list(request_filter.ids)}
    clause, values = filter_clause(city, ReportFilter(since=request_filter.since))
    clause, values = f"{clause} AND r.created_at <= %(last)s", values | {"last": request_filter.until}
    for column, name, choices in (
        ("category_id", "codes", request_filter.categories),
        ("status", "states", request_filter.states),
    ):
        if choices:
            clause, values = f"{clause} AND r.{column} = ANY(%({name})s)", values | {name: list(choices)}
    return clause, values


@dataclass(frozen=True)
class RequestRow:
    """One row of REQUESTS, in the order of its columns."""

    code: str
    status: str
    category_id: int
    agency_id: int | None
    area_id: int | None
    description: str
    landmark: str
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None
    due_at: datetime | None
    lon: float
    lat: float
    photo: UUID | None
    reason: str | None


def _request_entry(city: CityFacts, row: RequestRow, link: AbsoluteUrl) -> dict[str, object]:
    service, agency = city.categories[row.category_id], city.agencies.get(row.agency_id or 0)
    label, area = STATUS_LABELS[row.status], city.areas.get(row.area_id or 0)
    is_closed = STATUS[row.status] == CLOSED
    return {
        "service_request_id": row.code,
        "status": STATUS[row.status],
        "status_notes": f"{label}: {row.reason}" if row.reason else str(label),
        "service_name": service.label,
        "service_code": service.slug,
        "description": row.description,
        "agency_responsible": agency.name if agency else None,
        "service_notice": None,
        "requested_datetime": _w3c_time(row.created_at, city),
        # For a closed request the standard wants the time when it was closed.
        "updated_datetime": _w3c_time((is_closed and row.resolved_at) or row.updated_at, city),
        "expected_datetime": _w3c_time(row.due_at, city),
        "address": full_address(city, row.area_id, row.landmark),
        "address_id": area.code if area else None,
        "zipcode": None,
        "lat": row.lat,
        "long": row.lon,
        "media_url": link(f"/{city.slug}/foto/{row.photo}/large.jpg") if row.photo else None,
    }


def full_address(city: CityFacts, area_id: int | None, landmark: str) -> str:
    """From the most specific to the most general: landmark, kelurahan, kecamatan, city."""
    area = city.areas.get(area_id or 0)
    district = city.areas.get(area.parent_id or 0) if area else None
    parts = (landmark, area.name if area else "", district.name if district else "", city.name)
    return ", ".join(part for part in parts if part)


def _w3c_time(at: datetime | None, city: CityFacts | None = None) -> str | None:
    """Date, time and offset, to the second."""
    if at is None:
        return None
    text = at.astimezone(city.tz if city else UTC).isoformat(timespec="seconds")
    return text.replace("+00:00", "Z")
