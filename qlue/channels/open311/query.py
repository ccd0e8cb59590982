"""The query of a caller: city, times, lists of codes. What cannot be understood is an error that says how to ask."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _

from qlue.channels.open311.responses import Open311Error
from qlue.cities.facts import CityFacts, all_cities, city_facts
from qlue.kit.clock import now
from qlue.kit.ids import report_id
from qlue.reports.states import COLOURS, OPEN_STATUSES, ReportStatus

MAX_SPAN = timedelta(days=90)
MAX_REQUESTS = 1000  # requests in one answer, as the standard says
MAX_OFFSET = 100_000  # rows that `page` may skip: each of them costs the database as much as one that is shown
# Open is what somebody still has to work on, or will, once the city has joined.
OPEN, CLOSED = "open", "closed"  # the standard's own words
STATUS = {status: OPEN if status in OPEN_STATUSES or status == ReportStatus.UNSERVED else CLOSED for status in COLOURS}
UNENCODED_PLUS = re.compile(r" (?=\d\d:\d\d$)")  # "+08:00" in a query string that was not encoded


@dataclass(frozen=True)
class RequestFilter:
    """Which requests: by id alone, or by time with any of codes and states."""

    since: datetime
    until: datetime
    ids: tuple[int, ...] | None = None
    categories: tuple[int, ...] = ()
    states: tuple[str, ...] = ()
    limit: int = MAX_REQUESTS
    offset: int = 0


def requested_city(query: QueryDict) -> CityFacts:
    """The city of `jurisdiction_id`; it may be left out where only one city is served."""
    slug = query.get("jurisdiction_id", "").strip()
    cities = all_cities()
    if not slug and len(cities) == 1:
        return cities[0]
    slugs = ", ".join(city.slug for city in cities)
    if not slug:
        raise Open311Error(400, _("jurisdiction_id was not provided. Use one of: %(known)s") % {"known": slugs})
    city = city_facts(slug.lower())
    if city is None:
        raise Open311Error(404, _("jurisdiction_id was not found. Use one of: %(known)s") % {"known": slugs})
    return city


def parse_filter(city: CityFacts, query: QueryDict) -> RequestFilter:
    """The arguments of GET requests; `service_request_id` overrides all others."""
    size = _number_field(query, "page_size", MAX_REQUESTS, MAX_REQUESTS)
    offset = (_number_field(query, "page", 1, MAX_OFFSET) - 1) * size
    if offset > MAX_OFFSET:
        raise Open311Error(400, _("This page is too far away. Narrow start_date and end_date instead."))
    codes = _listed_values(query, "service_request_id")
    # An id finds its request whatever its age; the times stand there only because the filter has them.
    since, until = (now() - MAX_SPAN, now()) if codes else _time_range(city, query)
    # 0 is no report's id, so codes that are none find nothing instead of everything.
    ids = tuple(report_id(code) or 0 for code in codes[:MAX_REQUESTS]) if codes else None
    return RequestFilter(since, until, ids, _category_ids(city, query), _report_states(query), size, offset)


def _listed_values(query: QueryDict, name: str) -> list[str]:
    """Comma-delimited, repeated, or both."""
    return [part.strip() for text in query.getlist(name) for part in text.split(",") if part.strip()]


def _number_field(query: QueryDict, name: str, default: int, maximum: int) -> int:
    text = query.get(name, "").strip()
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,6}", text) or not 1 <= int(text) <= maximum:
        raise Open311Error(
            400, _("%(name)s must be a whole number from 1 to %(most)s.") % {"name": name, "most": maximum}
        )
    return int(text)


def _category_ids(city: CityFacts, query: QueryDict) -> tuple[int, ...]:
    codes = _listed_values(query, "service_code")
    unknown = [code for code in codes if city.category(code) is None]
    if unknown:
        raise Open311Error(404, _("service_code was not found: %(codes)s") % {"codes": ", ".join(unknown)[:200]})
    return tuple(category.id for code in codes if (category := city.category(code)))


def _report_states(query: QueryDict) -> tuple[str, ...]:
    statuses = {word.lower() for word in _listed_values(query, "status")}
    if statuses - {"open", "closed"}:
        raise Open311Error(400, _("status must be open or closed."))
    return tuple(state for state, word in STATUS.items() if word in statuses)


def _time_range(city: CityFacts, query: QueryDict) -> tuple[datetime, datetime]:
    """At most 90 days; where one end is missing, 90 days from the other."""
    start, end = (_time_field(city, query, name) for name in ("start_date", "end_date"))
    until = end or (min(now(), start + MAX_SPAN) if start else now())
    since = start or until - MAX_SPAN
    if since > until:
        raise Open311Error(400, _("start_date lies after end_date."))
    if until - since > MAX_SPAN:
        raise Open311Error(400, _("start_date and end_date may not span more than 90 days."))
    return since, until


def _time_field(city: CityFacts, query: QueryDict, name: str) -> datetime | None:
    text = UNENCODED_PLUS.sub("+", query.get(name, "").strip())
    if not text:
        return None
    moment = parse_w3c_time(text, city.tz)
    if moment is None:
        raise Open311Error(400, _("%(name)s must look like 2026-01-31T08:00:00+08:00 or 2026-01-31.") % {"name": name})
    return moment


def parse_w3c_time(text: str, zone: ZoneInfo) -> datetime | None:
    """A W3C date and time with its offset from UTC, or a whole day of the city; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    # A date alone means the city's day; a time without its offset would mean nothing, and is refused.
    if moment.tzinfo is None and len(text) == 10:
        moment = datetime.combine(moment, time(), zone)
    return moment.astimezone(UTC) if moment.tzinfo and 1970 <= moment.year <= 2200 else None
