"""`/<city>/laporan.rss` and `.atom`: the list, with the same filters, for feed readers."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qlue.cities.facts import CityFacts
from qlue.reports.actions.text import tidy
from qlue.reports.cards import card
from qlue.reports.query import query_from_filter, read_query
from qlue.reports.reading import PAGE, list_rows
from qlue.reports.views.common import city_in

MAX_AGE = 60


@require_safe
def rss(request: HttpRequest, city_slug: str) -> HttpResponse:
    return _feed(request, Rss201rev2Feed)


@require_safe
def atom(request: HttpRequest, city_slug: str) -> HttpResponse:
    return _feed(request, Atom1Feed)


def _feed(request: HttpRequest, kind: type[Atom1Feed] | type[Rss201rev2Feed]) -> HttpResponse:
    city = city_in(request)
    wanted = read_query(city, request.GET).filter
    query = query_from_filter(city, wanted)
    page = request.build_absolute_uri(reverse("report-list", args=[city.slug]))
    feed = kind(
        title=_("Reports from %(city)s") % {"city": city.name},
        link=f"{page}?{query}" if query else page,
        description=_("What residents report, and what the city does about it."),
        language=get_language(),
        feed_url=request.build_absolute_uri(),
    )
    for row in list_rows(city, wanted, PAGE):
        feed.add_item(**_item(request, city, card(city, row)))
    return _sent(request, feed)


def _item(request: HttpRequest, city: CityFacts, one: dict[str, Any]) -> dict[str, Any]:
    place = ", ".join(filter(None, (one["area_name"], one["kecamatan_name"])))
    return {
        "title": tidy(f"{one['title']}, {place}" if place else one["title"]),
        "link": request.build_absolute_uri(one["url"]),
        "description": tidy(f"{one['status_word']}. {one['words']}"),
        "unique_id": f"tag:qlue,2026:{city.slug}/{one['code']}",
        "unique_id_is_permalink": False,
        "pubdate": one["created_at"],
        "updateddate": one["updated_at"],
        "categories": [one["title"], str(one["status_word"])],
        "author_name": one["agency_name"] or city.name,
    }


def _sent(request: HttpRequest, feed: Atom1Feed | Rss201rev2Feed) -> HttpResponse:
    answer = HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
    answer.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    set_response_etag(answer)
    return cast(HttpResponse, get_conditional_response(request, etag=answer.headers["ETag"], response=answer))
