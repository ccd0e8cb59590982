"""The weekly brief as a page and as a PDF of one or two sheets."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qlue.dashboard.brief import this_week, week_of
from qlue.dashboard.brief_words import told
from qlue.dashboard.views.explore import city_in
from qlue.people.rights import member_required

SOURCE = Path(__file__).parent.parent / "templates" / "dashboard" / "brief.typ"


@never_cache
@require_safe
@member_required("see_dashboard_staff")
def page(request: HttpRequest, city: str) -> HttpResponse:
    """The brief of `?minggu=2026-W46`, of the last whole week without it."""
    here = city_in(request)
    week = week_of(here, request.GET.get("minggu", ""))
    brief = told(here, week)
    for one in brief["maps"]:
        one["svg"] = mark_safe(one["svg"])  # made by our own hand; every word in it is escaped there
    top = max((n for one in brief["trend"] for n in (one["received"], one["resolved"])), default=0) or 1
    bars = [one | {"up": _tall(one["received"], top), "down": _tall(one["resolved"], top)} for one in brief["trend"]]
    context: dict[str, Any] = {
        "brief": brief,
        "bars": bars,
        "week": week,
        "earlier": week.shifted(-1).name,
        "later": week.shifted(1).name if week.first < this_week(here).first else "",
    }
    return render(request, "dashboard/brief.html", context)


def _tall(n: int, top: int) -> dict[str, str]:
    """Height and place of a bar in a drawing of 60 units."""
    height = 60 * n / top
    return {"height": f"{height:.1f}", "y": f"{60 - height:.1f}"}


@never_cache
@require_safe
@member_required("see_dashboard_staff")
def pdf(request: HttpRequest, city: str) -> HttpResponse:
    """The same on paper."""
    here = city_in(request)
    week = week_of(here, request.GET.get("minggu", ""))
    answer = HttpResponse(printed(told(here, week)), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{here.slug}-{week.name}.pdf"'
    return answer


def printed(brief: dict[str, Any]) -> bytes:
    """A PDF; fonts are embedded, and neither the network nor the system's fonts are looked at."""
    import typst

    made: bytes = typst.compile(_source(), ignore_system_fonts=True, sys_inputs={"data": json.dumps(brief)})
    return made


@cache
def _source() -> bytes:
    return SOURCE.read_bytes()
