"""What all pages of people at work share."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from qlue.people.models import Membership
from qlue.work.reading import Row, unseen

WAY = 0.004  # degrees around a place that its map shows


def is_fragment(request: HttpRequest) -> bool:
    """True when a script asks for a part of a page that is already open."""
    return "HX-Request" in request.headers


def bell(member: Membership) -> dict[str, Any]:
    """Context of `work/_bell.html`."""
    return {"unseen": unseen(member)}


def place_context(row: Row) -> dict[str, str]:
    """Where a case is, for maps, telephones and people."""
    lon, lat = row["lon"], row["lat"]
    box = (lon - WAY, lat - WAY, lon + WAY, lat + WAY)
    return {
        "geo": f"geo:{lat:.6f},{lon:.6f}?q={lat:.6f},{lon:.6f}({row['code']})",
        "point": f"{lon:.6f},{lat:.6f}",
        "words": f"{lat:.6f}, {lon:.6f}",
        "bounds": ",".join(f"{side:.6f}" for side in box),
    }


def posts_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """405 with a way back: who reloads a form that came back with mistakes asks its address for a page."""

    @wraps(view)
    def guarded(request: HttpRequest, city_slug: str, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST":
            return view(request, city_slug, **kwargs)
        place = {"city_slug": city_slug, "code": kwargs["code"]} if "code" in kwargs else {"city_slug": city_slug}
        back = reverse("case" if "code" in kwargs else "queue", kwargs=place)
        answer = render(request, "work/not_a_page.html", {"back": back}, status=405)
        answer.headers["Allow"] = "POST"
        return answer

    return guarded
