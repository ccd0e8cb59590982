"""`/<city>/laporan.rss` and `.atom`: the list, with the same filters, for feed readers."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts, CityRequest
from qlue.kit.text import tidy
from qlue.reports.presentation.cards import ReportCard, report_card
from qlue.reports.queries.address import query_from_filter, read_query
from qlue.reports.queries.reports import PAGE, list_reports

MAX_AGE = 60  # seconds; feed readers of many people come at the full hour


@require_safe
def rss(request: CityRequest, city_slug: str) -> HttpResponse:
    return _feed(request, Rss201rev2Feed)


@require_safe
def atom(request: CityRequest, city_slug: str) -> HttpResponse:
    return _feed(request, Atom1Feed)


def _feed(request: CityRequest, kind: type[Atom1Feed] | type[Rss201rev2Feed]) -> HttpResponse:
    city = request.city
    report_filter = read_query(city, request.GET).filter
    query = query_from_filter(city, report_filter)
    page = request.build_absolute_uri(reverse("report-list", args=[city.slug]))
    feed = kind(
        title=_("Reports from %(city)s") % {"city": city.name},
        link=f"{page}?{query}" if query else page,
        description=_("What residents report, and what the city does about it."),
        language=get_language(),
        feed_url=request.build_absolute_uri(),
    )
    for row in list_reports(city, report_filter, PAGE):
        _add_feed_item(feed, request, city, report_card(city, row))
    return _feed_response(request, feed)


def _add_feed_item(feed: SyndicationFeed, request: HttpRequest, city: CityFacts, report: ReportCard) -> None:
    place = ", ".join(filter(None, (report.area_name, report.kecamatan_name)))
    feed.add_item(
        title=tidy(f"{report.title}, {place}" if place else report.title),
        link=request.build_absolute_uri(report.url),
        description=tidy(f"{report.status_word}. {report.words}"),
        # A tag URI, for addresses may move to another domain, and readers would show every report again.
        unique_id=f"tag:qlue,2026:{city.slug}/{report.code}",
        unique_id_is_permalink=False,
        pubdate=report.created_at,
        updateddate=report.updated_at,
        categories=[report.title, str(report.status_word)],
        author_name=report.agency_name or city.name,
    )


def _feed_response(request: HttpRequest, feed: Atom1Feed | Rss201rev2Feed) -> HttpResponse:
    answer = HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
    answer.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    set_response_etag(answer)
    return cast(HttpResponse, get_conditional_response(request, etag=answer.headers["ETag"], response=answer))
