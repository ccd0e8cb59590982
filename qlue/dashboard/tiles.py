"""The tiles of the dashboard: name -> what its template shows. Each is made once, for the page and for live updates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from qlue.channels.reading.alerts import waiting_alerts
from qlue.cities.facts import CityFacts
from qlue.dashboard import reading
from qlue.dashboard.links import done_since_first, list_url, since_first, yesterday
from qlue.kit.clock import now
from qlue.people.rights import may
from qlue.reports.cards import card
from qlue.reports.reading import Filter, list_rows
from qlue.reports.states import COLOUR_WORDS, GREEN, RED, YELLOW
from qlue.web import charts, formats

LATEST = 5
JUST_NOW = 5  # seconds that need no number
SHOWN = 6
AREAS_SHOWN, AREAS_MORE = 5, 20

Context = dict[str, Any]


@dataclass(frozen=True)
class Look:
    """Who looks at which city: `staff` also hear how many private reports there are."""

    city: CityFacts
    staff: bool = False
    measure: str = "terbuka"


@dataclass(frozen=True)
class Measure:
    """What areas can be coloured by: the roll-up's name, words for it, and the list behind an area's number."""

    name: str
    word: Promise
    unit: Promise
    filter: Callable[[reading.Span], dict[str, Any]]


MEASURES = {
    "terbuka": Measure("open", gettext_lazy("Open now"), gettext_lazy("open reports"), lambda span: {"status": "open"}),
    "terlambat": Measure(
        "overdue", gettext_lazy("Overdue"), gettext_lazy("overdue reports"), lambda span: {"overdue": True}
    ),
    "masuk": Measure("received", gettext_lazy("Came in"), gettext_lazy("reports in 30 days"), since_first),
    "selesai": Measure("done", COLOUR_WORDS[GREEN], gettext_lazy("done in 30 days"), done_since_first),
}


def look_of(request: HttpRequest) -> Look:
    """What this request asks for; an unknown measure is the usual one."""
    asked = request.GET.get("ukuran", "")
    staff = may(getattr(request, "member", None) or None, "see_dashboard_staff")
    city: CityFacts = request.city  # type: ignore[attr-defined]
    return Look(city, staff, asked if asked in MEASURES else "terbuka")


def render(request: HttpRequest, name: str, look: Look) -> str:
    """A tile's HTML."""
    own = {"name": name, "address": _address(name, look), "look": look}
    return render_to_string(f"dashboard/tiles/{name}.html", own | TILES[name](look), request)


def _address(name: str, look: Look) -> str:
    address = reverse("dashboard-tile", args=[look.city.slug, name])
    return f"{address}?ukuran={look.measure}" if name == "kelurahan" else address


def _numbers(look: Look) -> Context:
    city, span, found = look.city, reading.span_of(look.city), reading.numbers(look.city)
    hidden = found.hidden if look.staff else {}
    done = list_url(city, **done_since_first(span))
    waiting, going = list_url(city, status="red"), list_url(city, status="yellow")
    overdue, month = list_url(city, overdue=True), _("in the last 30 days")
    share = formats.percent(found.overdue, found.red + found.yellow)
    late = _("%(share)s of what is open") % {"share": share} if found.overdue else ""
    new = _number(_("New today"), found.today, list_url(city, since=span.midnight), "inbox", "blue")
    before = _("Yesterday: %(n)s") % {"n": formats.number(found.yesterday)}
    return {
        "numbers": [
            new | {"note": before, "note_url": list_url(city, **yesterday(span)), "hidden": hidden.get("today")},
            _number(str(COLOUR_WORDS[RED]), found.red, waiting, "clock", "red", hidden=hidden.get("red")),
            _number(str(COLOUR_WORDS[YELLOW]), found.yellow, going, "progress", "yellow", hidden=hidden.get("yellow")),
            _number(_("Overdue"), found.overdue, overdue, "alarm", "red", late, hidden.get("overdue")),
            _number(str(COLOUR_WORDS[GREEN]), found.done, done, "circle-check", "green", month, hidden.get("done")),
            _typical_time(found, done),
        ]
    }


def _number(
    label: str, value: int, url: str, sign: str, colour: str, note: str = "", hidden: int | None = None
) -> Context:
    text = formats.number(value)
    return {"label": label, "value": text, "url": url, "sign": sign, "colour": colour, "note": note, "hidden": hidden}


def _typical_time(found: reading.Numbers, url: str) -> Context:
    value, unit = duration(found.p50)
    note = _("9 of 10 within %(span)s") % {"span": " ".join(duration(found.p90))} if found.p90 else ""
    label = _("Median time")
    return {"label": label, "value": value, "unit": unit, "url": url, "sign": "hourglass", "colour": "", "note": note}


def duration(hours: float | None) -> tuple[str, str]:
    """A duration as a number and its unit: `36`, `jam`; from two days on in days with one decimal."""
    if hours is None:
        return "–", ""
    if hours < 1:
        minutes = max(1, round(hours * 60))
        return formats.number(minutes), ngettext("minute", "minutes", minutes)
    if hours < 48:
        return formats.number(round(hours)), ngettext("hour", "hours", round(hours))
    return formats.number(hours / 24, 1), ngettext("day", "days", 2)


def _agencies(look: Look) -> Context:
    found = reading.agencies(look.city)
    most = max((one.red + one.yellow for one in found), default=0)
    rows = [_agency(look.city, one, most) for one in found]
    return {"agencies": rows, "waiting": COLOUR_WORDS[RED], "going": COLOUR_WORDS[YELLOW], "done": COLOUR_WORDS[GREEN]}


def _agency(city: CityFacts, one: reading.AgencyNumbers, most: int) -> Context:
    agency = city.agencies[one.key]
    span, key = reading.span_of(city), {"agency": one.key}
    return {
        "name": agency.short_name or agency.name,
        "long_name": agency.name,
        "url": list_url(city, **key),
        "cells": [
            {"colour": "red", "n": one.red, "url": list_url(city, status="red", **key)},
            {"colour": "yellow", "n": one.yellow, "url": list_url(city, status="yellow", **key)},
            {"colour": "late", "n": one.overdue, "url": list_url(city, overdue=True, **key)},
            {"colour": "green", "n": one.done, "url": list_url(city, **done_since_first(span), **key)},
        ],
        "time": " ".join(duration(one.p50)),
        "parts": _stacked((("red", one.red), ("yellow", one.yellow)), most),
    }


def _stacked(parts: tuple[tuple[str, int], ...], whole: int) -> list[Context]:
    """Rectangles side by side, in percent of `whole`."""
    placed, x = [], 0.0
    for colour, n in parts:
        width = 100 * n / whole if whole else 0
        placed.append({"colour": colour, "x": charts.pc(x), "width": charts.pc(width)})
        x += width
    return placed


def _categories(look: Look) -> Context:
    city, span = look.city, reading.span_of(look.city)
    found = reading.categories(city)
    most = max((counts["received"] for _key, counts in found), default=0)
    total = sum(counts["received"] for _key, counts in found)
    rows = [
        {
            "label": city.categories[key].label,
            "icon": city.categories[key].icon,
            "n": counts["received"],
            "url": list_url(city, category=key, **since_first(span)),
            "share": formats.percent(counts["received"], total),
            "open": counts["open"],
            "open_url": list_url(city, category=key, status="open"),
            "parts": _stacked((("blue", counts["received"]),), most),
        }
        for key, counts in found
    ]
    return {"rows": rows[:SHOWN], "rest": rows[SHOWN:]}


def _areas(look: Look) -> Context:
    city, measure = look.city, MEASURES[look.measure]
    found = reading.areas(city, measure.name)
    wanted = measure.filter(reading.span_of(city))
    most = max(found.values(), default=0)
    rows = [
        {
            "label": city.areas[key].name,
            "note": _kecamatan(city, key),
            "n": n,
            "url": list_url(city, area=key, **wanted),
            "parts": _stacked((("blue", n),), most),
        }
        for key, n in list(found.items())[:AREAS_MORE]  # the map knows them all
    ]
    return {"rows": rows[:AREAS_SHOWN], "rest": rows[AREAS_SHOWN:], "measure": measure}


def area_link(city: CityFacts, measure: Measure) -> str:
    """The list behind an area of the map, with `{code}` where its code goes."""
    plain = list_url(city, **measure.filter(reading.span_of(city)))
    return f"{plain}&area={{code}}"


def _kecamatan(city: CityFacts, key: int) -> str:
    parent = city.areas.get(city.areas[key].parent_id or 0)
    return parent.name if parent else ""


def _series(look: Look) -> Context:
    city, span, found = look.city, reading.span_of(look.city), reading.series(look.city)
    return {
        "days": found.days,
        "lines": [
            {"name": _("Came in"), "colour": "blue", "values": found.received},
            {"name": COLOUR_WORDS[GREEN], "colour": "green", "values": found.resolved},
        ],
        "totals": [
            {"word": _("came in"), "n": sum(found.received), "url": list_url(city, **since_first(span))},
            {"word": _("done"), "n": sum(found.resolved), "url": list_url(city, **done_since_first(span))},
        ],
    }


def _latest(look: Look) -> Context:
    cases = [card(look.city, row) for row in list_rows(look.city, Filter(), limit=LATEST)]
    return {"cases": cases, "list_url": list_url(look.city)}


def _emergencies(look: Look) -> Context:
    """For staff only: what waits for somebody to take it."""
    found = waiting_alerts(look.city) if look.staff else []
    return {"waiting": found, "alerts_url": reverse("alerts", kwargs={"city_slug": look.city.slug})}


def _freshness(look: Look) -> Context:
    changed_at = reading.tallies([look.city])[look.city.id].changed_at
    if changed_at is None:
        return {}
    seconds = max(0, int((now() - changed_at).total_seconds()))
    if JUST_NOW <= seconds < formats.MINUTE:
        return {"changed_at": changed_at, "words": _("Changed %(n)d s ago") % {"n": seconds}}
    return {"changed_at": changed_at, "words": _("Changed %(ago)s") % {"ago": formats.ago(changed_at, look.city.tz)}}


TILES: Mapping[str, Callable[[Look], Context]] = {
    "darurat": _emergencies,
    "angka": _numbers,
    "opd": _agencies,
    "kategori": _categories,
    "kelurahan": _areas,
    "seri": _series,
    "terbaru": _latest,
    "segar": _freshness,
}
