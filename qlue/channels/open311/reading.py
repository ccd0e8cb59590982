"""What GeoReport shows: where the service is, what can be reported, and the public reports."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from qlue.channels.open311.asked import STATUS, Wanted
from qlue.cities.facts import CategoryFacts, CityFacts
from qlue.cities.models import City
from qlue.kit.db import fetch_all
from qlue.reports.reading import Filter, where
from qlue.reports.states import STATUS_WORDS

Link = Callable[[str], str]

# The last public words about a state are its explanation; a reporter's own words are not an explanation.
REQUESTS = """
SELECT report_code(%(prefix)s, r.id), r.status, r.category_id, r.agency_id, r.area_id, r.words, r.landmark,
    r.created_at, r.updated_at, r.resolved_at, r.due_at, r.lon, r.lat, p.uuid,
    coalesce(h.data->>'reason', h.data->>'words')
FROM reports_report r
LEFT JOIN LATERAL (
    SELECT uuid FROM reports_photo p WHERE p.city_id = r.city_id AND p.report_id = r.id ORDER BY p.id LIMIT 1) p ON true
LEFT JOIN LATERAL (
    SELECT data, kind FROM timeline_happening h WHERE h.city_id = r.city_id AND h.report_id = r.id AND h.public
    ORDER BY h.id DESC LIMIT 1) h ON h.kind = ANY(%(explaining)s)
WHERE {where} ORDER BY r.created_at DESC, r.id DESC LIMIT %(limit)s OFFSET %(offset)s
"""
EXPLAINING = [
    "report.resolved",
    "report.rejected",
    "report.held",
    "report.rerouted",
    "report.recategorised",
    "report.handed_over",
]


def discovery(url: str, city: CityFacts | None) -> dict[str, Any]:
    """The service discovery file; with a city its own contact."""
    changed = _w3(City.objects.aggregate(at=Max("loaded_at"))["at"]) or "1970-01-01T00:00:00Z"
    contact = (city.open311.get("contact") or city.name) if city else _("Ask the city whose reports you want.")
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": url,
        "changeset": changed,
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    key_service = _("The city gives keys for writing: %(contact)s") % {"contact": contact}
    return {"changeset": changed, "contact": contact, "key_service": key_service, "endpoints": [endpoint]}


def services(city: CityFacts) -> list[dict[str, Any]]:
    """Every category that can be reported."""
    return [_service(city, category) for category in city.open_categories]


def _service(city: CityFacts, category: CategoryFacts) -> dict[str, Any]:
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


def definition(category: CategoryFacts) -> dict[str, Any]:
    """What may be said beside the standard's own fields; nothing of it is required."""
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
            _attribute(1, "landmark", "string", landmark, []),
            _attribute(2, "private", "singlevaluelist", private, yes_no),
            _attribute(3, "uuid", "string", uuid, []),
            _attribute(4, "media", "string", media, [], asks=False),
        ],
    }


def _attribute(
    order: int, code: str, datatype: str, description: str, values: list[dict[str, str]], *, asks: bool = True
) -> dict[str, Any]:
    return {
        "variable": asks,
        "code": code,
        "datatype": datatype,
        "required": False,
        "datatype_description": None,
        "order": order,
        "description": description,
        "values": values,
    }


def requests(city: CityFacts, wanted: Wanted, link: Link) -> list[dict[str, Any]]:
    """Public reports, newest first; `link` makes an absolute address of a path. In the city's scope; one statement."""
    clause, values = _where(city, wanted)
    more = {"prefix": city.code_prefix, "explaining": EXPLAINING, "limit": wanted.limit, "offset": wanted.offset}
    return [_request(city, row, link) for row in fetch_all(REQUESTS.format(where=clause), values | more)]


def _where(city: CityFacts, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    if wanted.ids is not None:
        clause, values = where(city, Filter())
        return f"{clause} AND r.id = ANY(%(ids)s)", values | {"ids": list(wanted.ids)}
    clause, values = where(city, Filter(since=wanted.since))
    clause, values = f"{clause} AND r.created_at <= %(last)s", values | {"last": wanted.until}
    for column, name, chosen in (("category_id", "codes", wanted.categories), ("status", "states", wanted.states)):
        if chosen:
            clause, values = f"{clause} AND r.{column} = ANY(%({name})s)", values | {name: list(chosen)}
    return clause, values


def _request(city: CityFacts, row: tuple[Any, ...], link: Link) -> dict[str, Any]:
    code, status, category, agency, area, words, landmark, created, updated, resolved, due, lon, lat, photo, why = row
    service, by = city.categories[category], city.agencies.get(agency)
    closed = STATUS[status] == "closed"
    return {
        "service_request_id": code,
        "status": STATUS[status],
        "status_notes": f"{STATUS_WORDS[status]}: {why}" if why else str(STATUS_WORDS[status]),
        "service_name": service.label,
        "service_code": service.slug,
        "description": words,
        "agency_responsible": by.name if by else None,
        "service_notice": None,
        "requested_datetime": _w3(created, city),
        "updated_datetime": _w3((closed and resolved) or updated, city),
        "expected_datetime": _w3(due, city),
        "address": address(city, area, landmark),
        "address_id": city.areas[area].code if area in city.areas else None,
        "zipcode": None,
        "lat": lat,
        "long": lon,
        "media_url": link(f"/{city.slug}/foto/{photo}/large.jpg") if photo else None,
    }


def address(city: CityFacts, area_id: int | None, landmark: str) -> str:
    """From the most specific to the most general: landmark, kelurahan, kecamatan, city."""
    area = city.areas.get(area_id or 0)
    district = city.areas.get(area.parent_id or 0) if area else None
    parts = (landmark, area.name if area else "", district.name if district else "", city.name)
    return ", ".join(part for part in parts if part)


def _w3(at: datetime | None, city: CityFacts | None = None) -> str | None:
    """Date, time and offset, to the second."""
    if at is None:
        return None
    written = at.astimezone(city.tz if city else UTC).isoformat(timespec="seconds")
    return written.replace("+00:00", "Z")
