"""The dashboard under a filter: city, kecamatan, kelurahan, case; one state in the address for all of it."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from qlue.atlas.models import Dataset, Shape, Topic
from qlue.atlas.reading import datasets, indicators, per_thousand, population
from qlue.atlas.reading import measures as of_dataset
from qlue.cities.facts import AreaFacts, CityFacts
from qlue.dashboard import filtered
from qlue.dashboard.exploring import DATA, MEASURES, TABS, State, state_of
from qlue.dashboard.fronts import core_bounds
from qlue.dashboard.layers import layers
from qlue.dashboard.tiles import duration
from qlue.kit.http import json_bytes, to_json
from qlue.kit.tables import kinds
from qlue.reports.cards import card, photo_url
from qlue.reports.filter_form import FilterForm
from qlue.reports.reading import list_rows
from qlue.reports.states import COLOUR_WORDS, GREEN, RED, YELLOW
from qlue.web import formats
from qlue.web.ramps import steps

CASES, FEW = 24, 6


def rights_in(request: HttpRequest) -> frozenset[str]:
    """The verbs of whoever asks; none for residents."""
    found: frozenset[str] = getattr(request, "rights", frozenset())
    return found


def city_in(request: HttpRequest) -> CityFacts:
    """The city of the URL."""
    city: CityFacts = request.city  # type: ignore[attr-defined]
    return city


def explore(request: HttpRequest) -> HttpResponse:
    """One page for every filter."""
    state, rights = state_of(city_in(request), request.GET), rights_in(request)
    found = filtered.sums(state.city, state.filter)
    context = _frame(state, rights) | {"numbers": _numbers(state, found)} | CONTENT[state.tab](state, found, rights)
    return render(request, "dashboard/explore.html", context)


def _frame(state: State, rights: frozenset[str]) -> dict[str, Any]:
    tabs = [
        {"word": word, "icon": icon, "url": state.url(tab=slug), "current": slug == state.tab}
        for slug, word, icon in TABS
    ]
    over = layers(state.city, rights, state.layers)
    return {
        "state": state,
        "tabs": tabs,
        "form": FilterForm(state.city, state.values),
        "notices": state.asked.notices,
        "path": _path(state),
        "layers": over,
        "measures": _measures(state, rights),
        "exports": [{"word": one.upper(), "url": state.url("reports-export") + f"&format={one}"} for one in kinds()],
        "indicator_exports": [{"word": one.upper(), "format": one} for one in kinds()],
    }


def _path(state: State) -> list[dict[str, str]]:
    """From the city down to where the person is; each step keeps the rest of the state."""
    steps_down = [{"word": state.city.name, "url": state.url(area=None)}]
    area = state.area
    parent = state.city.areas.get(area.parent_id or 0) if area else None
    return steps_down + [{"word": one.name, "url": state.url(area=one.code)} for one in (parent, area) if one]


def _measures(state: State, rights: frozenset[str]) -> list[dict[str, Any]]:
    of_data = datasets(state.city, public_only="see_data" not in rights)
    every = [*MEASURES.items(), *((f"{DATA}{key}", word) for one in of_data for key, word in of_dataset(one))]
    return [{"slug": slug, "word": word, "current": slug == state.measure} for slug, word in every]


def _numbers(state: State, found: filtered.Sums) -> list[dict[str, Any]]:
    value, unit = duration(found.p50)
    shares = formats.percent(found.all["overdue"], found.open) if found.open else ""
    return [
        {"label": _("Came in"), "value": found.all["n"], "url": state.list_url(), "sign": "inbox", "colour": "blue"},
        _tile(state, COLOUR_WORDS[RED], found.all[RED], "menunggu", "clock", "red"),
        _tile(state, COLOUR_WORDS[YELLOW], found.all[YELLOW], "proses", "progress", "yellow"),
        {"label": _("Overdue"), "value": found.all["overdue"], "url": state.list_url(overdue="1"), "sign": "alarm",
         "colour": "red", "note": _("%(share)s of what is open") % {"share": shares} if shares else ""},
        _tile(state, COLOUR_WORDS[GREEN], found.all[GREEN], "selesai", "circle-check", "green"),
        {"label": _("Median time"), "text": f"{value} {unit}", "sign": "hourglass", "colour": ""},
    ]  # fmt: skip


def _tile(state: State, word: Any, n: int, status: str, sign: str, colour: str) -> dict[str, Any]:
    return {"label": word, "value": n, "url": state.list_url(status=status), "sign": sign, "colour": colour}


def values_of(state: State, found: filtered.Sums, rights: frozenset[str]) -> tuple[dict[int, float], str, bool]:
    """What areas are coloured by: area -> number, its unit, and whether areas without a number are unknown."""
    unit, partial = str(MEASURES.get(state.measure, "")), False
    if state.measure in MEASURES:
        values = filtered.by_area(found, state.measure)
    else:
        one = _dataset(state, rights)
        values = indicators(state.city, slug=one.slug).get(state.measure.removeprefix(DATA), {}) if one else {}
        unit, partial = (one.unit or one.name if one else ""), True
    if state.per and _can_per(state, rights):
        values = per_thousand(values, population(state.city))
        unit, partial = _("%(what)s per 1,000 people") % {"what": unit}, True
    return values, unit, partial


def _dataset(state: State, rights: frozenset[str]) -> Dataset | None:
    slug, _dot, _part = state.measure.removeprefix(DATA).partition(".")
    found = Dataset.objects.filter(city_id=state.city.id, slug=slug, current__isnull=False).first()
    return found if found and (found.public or "see_data" in rights) else None


def _can_per(state: State, rights: frozenset[str]) -> bool:
    """Shares and people themselves are not counted for each 1,000 people."""
    if state.measure in MEASURES:
        return True
    one = _dataset(state, rights)
    return bool(one and (one.shape == Shape.PLACES or one.sums) and one.topic != Topic.POPULATION)


def areas_json(request: HttpRequest) -> HttpResponse:
    """The same numbers for the map's colours."""
    state, rights = state_of(city_in(request), request.GET), rights_in(request)
    found = filtered.sums(state.city, state.filter) if state.measure in MEASURES else filtered.Sums()
    values, unit, partial = values_of(state, found, rights)
    inside = {area.id for area in _inside(state)}
    shown = {key: value for key, value in values.items() if key in inside}
    body = {"areas": shown, "max": max(shown.values(), default=0), "unit": unit, "partial": partial}
    return json_bytes(request, to_json(body | {"steps": steps(shown.values())}), public=not rights)


def _inside(state: State) -> list[AreaFacts]:
    """The areas of the shown level where the person is."""
    city, area = state.city, state.area
    if area is None:
        return list(city.kecamatan if state.shown_level == "kecamatan" and city.kecamatan else city.kelurahan)
    below = [one for one in city.kelurahan if one.parent_id == area.id]
    return below or [area]


def _areas(state: State, found: filtered.Sums, rights: frozenset[str]) -> dict[str, Any]:
    values, unit, _partial = values_of(state, found, rights)
    people = population(state.city)
    none = dict.fromkeys(filtered.COUNTS, 0)
    rows = [
        {
            "area": area,
            "url": state.url(area=area.code, tingkat=None, tab="kasus" if area.level == "kelurahan" else state.tab),
            "value": values.get(area.id),
            "people": people.get(area.id),
            **filtered.as_row(found.area.get(area.id, none)),
        }
        for area in _inside(state)
    ]
    rows.sort(key=lambda row: (row["value"] is None, -(row["value"] or 0), row["area"].name))
    level = rows[0]["area"].level if rows else "kelurahan"
    return {
        "rows": rows,
        "unit": unit,
        "digits": digits_for(row["value"] for row in rows),
        "can_per": _can_per(state, rights) and bool(people),
        "level": level,
        "bounds": _bounds(state),
        "choropleth": state.url("dashboard-areas"),
        "overlays": " ".join(one.url for one in layers(state.city, rights, state.layers) if one.shown),
        "points": state.url("report-map", **dict.fromkeys(("ukuran", "per", "tingkat", "lapisan", "tab"))),
        "show_points": "laporan" in state.layers,
        "area_link": state.url(area="KODE", tingkat=None).replace("KODE", "{code}"),
        "levels": [
            {"word": word, "url": state.url(tingkat=slug), "current": state.shown_level == slug}
            for slug, word in (("kecamatan", _("By kecamatan")), ("kelurahan", _("By kelurahan")))
        ] if state.area is None else [],
    }  # fmt: skip


def digits_for(values: Iterable[float | None]) -> int:
    """Decimals that tell these numbers apart: none for counts, two where most are small."""
    some = [value for value in values if value]
    if all(value == round(value) for value in some):
        return 0
    return 2 if max(some) < 10 else 1


def _bounds(state: State) -> str:
    """The whole city, or around the points of where the person is."""
    area = state.area
    if area is None:
        return core_bounds(state.city)
    parts = [one for one in state.city.kelurahan if area.id in (one.id, one.parent_id)] or [area]
    lons, lats = [one.lon for one in parts], [one.lat for one in parts]
    return f"{min(lons) - 0.015:.5f},{min(lats) - 0.015:.5f},{max(lons) + 0.015:.5f},{max(lats) + 0.015:.5f}"


def _details(state: State, found: filtered.Sums, rights: frozenset[str]) -> dict[str, Any]:
    city = state.city
    agencies = [(city.agencies[key], n) for key, n in found.agency.items() if key in city.agencies]
    categories = [(city.categories[key], n) for key, n in found.category.items() if key in city.categories]
    return {
        "agencies": _ranked([(one.short_name, state.url(agency=one.slug), n) for one, n in agencies]),
        "categories": _ranked([(one.label, state.url(category=one.slug), n) for one, n in categories]),
    }


def _ranked(some: list[tuple[str, str, filtered.Counts]]) -> list[dict[str, Any]]:
    """Stacked bars, the most first."""
    words = ((RED, COLOUR_WORDS[RED]), (YELLOW, COLOUR_WORDS[YELLOW]), (GREEN, COLOUR_WORDS[GREEN]))
    return [
        {
            "label": label,
            "url": url,
            "value": counts["n"],
            "parts": [{"colour": colour, "value": counts[colour], "word": word} for colour, word in words],
        }
        for label, url, counts in sorted(some, key=lambda one: -one[2]["n"])
    ]


def _cases(state: State, found: filtered.Sums, rights: frozenset[str]) -> dict[str, Any]:
    cards = [card(state.city, row) for row in list_rows(state.city, state.filter, CASES)]
    for one in cards:
        one["photo_url"] = photo_url(state.city, one["photo"], "thumb") if one["photo"] else ""
    return {"cards": cards, "list_url": state.list_url()}


CONTENT = {"wilayah": _areas, "rincian": _details, "kasus": _cases}
