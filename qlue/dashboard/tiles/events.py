"""The tiles that say what happens: a line of 30 days, the latest reports, emergencies, and how fresh all of it is."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from qlue.channels.presentation.alerts import AlertCard, alert_card
from qlue.channels.queries.alerts import waiting_alerts
from qlue.dashboard.presentation.links import list_url, received_in, resolved_in
from qlue.dashboard.queries.national import city_tallies
from qlue.dashboard.queries.overview import daily_flow
from qlue.dashboard.queries.spans import span_of
from qlue.dashboard.tiles.viewer import Viewer
from qlue.kit.clock import now
from qlue.reports.presentation.cards import ReportCard, report_card
from qlue.reports.queries.reports import ReportFilter, list_reports
from qlue.reports.states import COLOUR_LABELS, GREEN
from qlue.web import formats
from qlue.web.presentation import charts

LATEST = 5
JUST_NOW = 5  # seconds that need no number


@dataclass(frozen=True)
class SeriesTotal:
    """A number beside the chart, with the list behind it."""

    label: str
    n: int
    url: str


@dataclass(frozen=True)
class SeriesTile:
    """What the template `seri` shows; `lines` as `web.presentation.charts.daily_series` takes them."""

    days: list[date]
    lines: list[charts.Row]
    totals: list[SeriesTotal]


def series_tile(viewer: Viewer) -> SeriesTile:
    city, span, flow = viewer.city, span_of(viewer.city), daily_flow(viewer.city)
    received_counts, resolved_counts = [day.received for day in flow], [day.resolved for day in flow]
    return SeriesTile(
        days=[day.day for day in flow],
        lines=[
            {"name": _("Came in"), "colour": "blue", "values": received_counts},
            {"name": COLOUR_LABELS[GREEN], "colour": "green", "values": resolved_counts},
        ],
        totals=[
            SeriesTotal(_("came in"), sum(received_counts), list_url(city, received_in(span))),
            SeriesTotal(_("done"), sum(resolved_counts), list_url(city, resolved_in(span))),
        ],
    )


@dataclass(frozen=True)
class LatestTile:
    """What the template `terbaru` shows."""

    cases: list[ReportCard]
    list_url: str


def latest_tile(viewer: Viewer) -> LatestTile:
    reports = list_reports(viewer.city, ReportFilter(), limit=LATEST)
    return LatestTile([report_card(viewer.city, report) for report in reports], list_url(viewer.city, ReportFilter()))


@dataclass(frozen=True)
class EmergenciesTile:
    """What the template `darurat` shows: emergencies that nobody has taken, for staff only."""

    waiting: list[AlertCard]
    alerts_url: str


def emergencies_tile(viewer: Viewer) -> EmergenciesTile:
    # The tile is on everybody's page, so that a member's page changes by itself; for residents it stays empty.
    alerts = waiting_alerts(viewer.city) if viewer.staff else []
    # The tile shows no names of people, so none are looked up.
    cards = [alert_card(viewer.city, alert, {}) for alert in alerts]
    return EmergenciesTile(cards, reverse("alerts", kwargs={"city_slug": viewer.city.slug}))


@dataclass(frozen=True)
class FreshnessTile:
    """What the template `segar` shows: when a public report last changed, None before the first."""

    changed_at: datetime | None = None
    text: str = ""


def freshness_tile(viewer: Viewer) -> FreshnessTile:
    changed_at = city_tallies([viewer.city])[viewer.city.id].changed_at
    if changed_at is None:
        return FreshnessTile()
    # The database's clock may be ahead of ours: never less than nothing.
    seconds = max(0, int((now() - changed_at).total_seconds()))
    if JUST_NOW <= seconds < formats.MINUTE:
        return FreshnessTile(changed_at, _("Changed %(n)d s ago") % {"n": seconds})
    return FreshnessTile(changed_at, _("Changed %(ago)s") % {"ago": formats.ago(changed_at, viewer.city.tz)})
