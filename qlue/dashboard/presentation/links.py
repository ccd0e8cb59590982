"""From a number to what it counts: addresses of the public list, in the list's own language."""

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse

from qlue.cities.facts import CityFacts
from qlue.dashboard.queries.spans import Span
from qlue.reports.queries.address import query_from_filter
from qlue.reports.queries.reports import ReportFilter


@dataclass(frozen=True)
class PageLink:
    """One of several ways that a page offers; `current` when it leads to where the person is."""

    label: object
    url: str
    current: bool = False
    icon: str = ""


def list_url(city: CityFacts, report_filter: ReportFilter) -> str:
    """The list that a filter gives."""
    address = reverse("report-list", args=[city.slug])
    query = query_from_filter(city, report_filter)
    return f"{address}?{query}" if query else address


def received_in(span: Span) -> ReportFilter:
    """Reports that came in during the span."""
    return ReportFilter(since=span.start)


def resolved_in(span: Span) -> ReportFilter:
    """Reports that were resolved during the span."""
    return ReportFilter(done_since=span.start)


def received_yesterday(span: Span) -> ReportFilter:
    """Reports that came in on the day before today."""
    return ReportFilter(since=span.midnight - timedelta(days=1), until=span.midnight)
