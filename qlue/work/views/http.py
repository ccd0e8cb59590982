"""What requests to these pages have in common."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse


def is_fragment(request: HttpRequest) -> bool:
    """True when a script asks for a part of a page that is already open."""
    return "HX-Request" in request.headers


def posts_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """405 with a way back: who reloads a form that came back with mistakes asks its address for a page."""

    @wraps(view)
    def wrapper(request: HttpRequest, city_slug: str, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST":
            return view(request, city_slug, **kwargs)
        address = {"city_slug": city_slug, "code": kwargs["code"]} if "code" in kwargs else {"city_slug": city_slug}
        back = reverse("case" if "code" in kwargs else "queue", kwargs=address)
        response = render(request, "work/not_a_page.html", {"back": back}, status=405)
        response.headers["Allow"] = "POST"
        return response

    return wrapper
