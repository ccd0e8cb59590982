"""From a number to what it counts: addresses of the public list, in the list's own language."""

from datetime import timedelta
from typing import Any

from django.urls import reverse

from qlue.cities.facts import CityFacts
from qlue.dashboard.reading import Span
from qlue.reports.query import query_from_filter
from qlue.reports.reading import Filter


def list_url(city: CityFacts, **wanted: Any) -> str:
    """The list that a `Filter` with these fields gives."""
    address = reverse("report-list", args=[city.slug])
    query = query_from_filter(city, Filter(**wanted))
    return f"{address}?{query}" if query else address


def since_first(span: Span) -> dict[str, Any]:
    """Filter: reports that came in during the span."""
    return {"since": span.midnight - (span.today - span.first)}


def done_since_first(span: Span) -> dict[str, Any]:
    """Filter: reports that were resolved during the span."""
    return {"done_since": span.midnight - (span.today - span.first)}


def yesterday(span: Span) -> dict[str, Any]:
    """Filter: reports that came in yesterday."""
    return {"since": span.midnight - timedelta(days=1), "until": span.midnight}
