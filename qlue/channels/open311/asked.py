"""What a caller asked: the city, times, lists of codes. What cannot be understood is a Fault that says how to ask."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _

from qlue.channels.open311.answers import Fault
from qlue.cities.facts import CityFacts, all_cities, city_facts
from qlue.kit.clock import now
from qlue.kit.ids import report_id
from qlue.reports.states import COLOURS, OPEN

SPAN = timedelta(days=90)
MOST = 1000  # requests in one answer, as the standard says
DEEPEST = 100_000  # rows that may be skipped by `page`
# Open is what somebody still has to work on, or will, once the city has joined.
STATUS = {state: "open" if state in OPEN or state == "unserved" else "closed" for state in COLOURS}
LOST_PLUS = re.compile(r" (?=\d\d:\d\d$)")  # "+08:00" in a query string that was not encoded


@dataclass(frozen=True)
class Wanted:
    """Which requests: by id alone, or by time with any of codes and states."""

    since: datetime
    until: datetime
    ids: tuple[int, ...] | None = None
    categories: tuple[int, ...] = ()
    states: tuple[str, ...] = ()
    limit: int = MOST
    offset: int = 0


def city_of(asked: QueryDict) -> CityFacts:
    """The city of `jurisdiction_id`; it may be left out where only one city is served."""
    slug = asked.get("jurisdiction_id", "").strip()
    served = all_cities()
    if not slug and len(served) == 1:
        return served[0]
    known = ", ".join(city.slug for city in served)
    if not slug:
        raise Fault(400, _("jurisdiction_id was not provided. Use one of: %(known)s") % {"known": known})
    found = city_facts(slug.lower())
    if found is None:
        raise Fault(404, _("jurisdiction_id was not found. Use one of: %(known)s") % {"known": known})
    return found


def wanted(city: CityFacts, asked: QueryDict) -> Wanted:
    """The arguments of GET requests; `service_request_id` overrides all others."""
    size = _number(asked, "page_size", MOST, MOST)
    offset = (_number(asked, "page", 1, DEEPEST) - 1) * size
    if offset > DEEPEST:
        raise Fault(400, _("This page is too far away. Narrow start_date and end_date instead."))
    codes = _list(asked, "service_request_id")
    since, until = (now() - SPAN, now()) if codes else _times(city, asked)
    ids = tuple(report_id(code) or 0 for code in codes[:MOST]) if codes else None
    return Wanted(since, until, ids, _categories(city, asked), _states(asked), size, offset)


def _list(asked: QueryDict, name: str) -> list[str]:
    """Comma-delimited, repeated, or both."""
    return [part.strip() for text in asked.getlist(name) for part in text.split(",") if part.strip()]


def _number(asked: QueryDict, name: str, default: int, most: int) -> int:
    text = asked.get(name, "").strip()
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,6}", text) or not 1 <= int(text) <= most:
        raise Fault(400, _("%(name)s must be a whole number from 1 to %(most)s.") % {"name": name, "most": most})
    return int(text)


def _categories(city: CityFacts, asked: QueryDict) -> tuple[int, ...]:
    codes = _list(asked, "service_code")
    unknown = [code for code in codes if city.category(code) is None]
    if unknown:
        raise Fault(404, _("service_code was not found: %(codes)s") % {"codes": ", ".join(unknown)[:200]})
    return tuple(found.id for code in codes if (found := city.category(code)))


def _states(asked: QueryDict) -> tuple[str, ...]:
    words = {word.lower() for word in _list(asked, "status")}
    if words - {"open", "closed"}:
        raise Fault(400, _("status must be open or closed."))
    return tuple(state for state, word in STATUS.items() if word in words)


def _times(city: CityFacts, asked: QueryDict) -> tuple[datetime, datetime]:
    """At most 90 days; where one end is missing, 90 days from the other."""
    start, end = (_time(city, asked, name) for name in ("start_date", "end_date"))
    until = end or (min(now(), start + SPAN) if start else now())
    since = start or until - SPAN
    if since > until:
        raise Fault(400, _("start_date lies after end_date."))
    if until - since > SPAN:
        raise Fault(400, _("start_date and end_date may not span more than 90 days."))
    return since, until


def _time(city: CityFacts, asked: QueryDict, name: str) -> datetime | None:
    text = LOST_PLUS.sub("+", asked.get(name, "").strip())
    if not text:
        return None
    found = parse_time(text, city.tz)
    if found is None:
        raise Fault(400, _("%(name)s must look like 2026-01-31T08:00:00+08:00 or 2026-01-31.") % {"name": name})
    return found


def parse_time(text: str, zone: ZoneInfo) -> datetime | None:
    """A W3C date and time with its offset from UTC, or a whole day of the city; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.tzinfo is None and len(text) == 10:
        found = datetime.combine(found, time(), zone)
    return found.astimezone(UTC) if found.tzinfo and 1970 <= found.year <= 2200 else None
