"""The week's figures as words, maps and tables: one dict for the page and for the PDF."""

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qlue.atlas.reading import datasets
from qlue.cities.facts import CityFacts
from qlue.dashboard.brief import Sums, Week, figures
from qlue.dashboard.maps import area_map
from qlue.dashboard.tiles import duration
from qlue.kit.clock import now
from qlue.web import formats
from qlue.web.look import colour_of
from qlue.web.ramps import RAMP, steps

SHOWN = 8


def told(city: CityFacts, week: Week) -> dict[str, Any]:
    """Plain texts, lists and SVG; nothing of it is a template or a program."""
    found = figures(city, week)
    days = f"{formats.day(week.first, city.tz)} – {formats.day(week.last, city.tz)}"
    return {
        "lang": (get_language() or "id")[:2],
        "colour": colour_of(city.look),
        "sign": city.look.get("logo") or city.name,
        "title": _("%(city)s: the week in figures") % {"city": city.name},
        "subtitle": _("%(days)s (week %(week)s)") % {"days": days, "week": week.name},
        "example": _example(city) if found["people"] else "",
        "footer": _("Qlue · made %(at)s") % {"at": formats.full(now(), city.tz)},
        "note": _note(city),
        "words": _headings(),
        "tiles": _tiles(found),
        "maps": _maps(city, found),
        "trend": [
            {"word": formats.short_day(day, city.tz), "received": came, "resolved": went}
            for day, came, went in found["trend"]
        ],
        "areas": _areas(city, found),
        "topics": _topics(city, found),
        "agencies": _agencies(city, found),
    }


def _note(city: CityFacts) -> str:
    said = _("Public reports only. Open and overdue are as of now; the others are of this week.")
    return f"{said} {_('The borders are approximate.')}" if city.areas_approximate else said


def _headings() -> dict[str, str]:
    return {
        "where": _("Where"),
        "trend": _("Twelve weeks"),
        "received": _("Came in"),
        "resolved": _("Done"),
        "areas": _("Kelurahan with the most"),
        "topics": _("Topics above the usual"),
        "agencies": _("Agencies"),
        "calm": _("No topic stands out this week."),
    }


def _example(city: CityFacts) -> str:
    """Said where made-up people are what numbers are divided by."""
    people = [one for one in datasets(city) if one.topic == "population"]
    return _("The population is a made-up example.") if people and all(one.example for one in people) else ""


def _tiles(found: dict[str, Any]) -> list[dict[str, str]]:
    city: Sums = found["city"]
    held = found["now"]
    value, unit = duration(found["times"].get(0))
    return [
        {
            "label": _("Came in"),
            "value": formats.number(city.received),
            "note": _change(city.received, city.received_before),
        },
        {
            "label": _("Done"),
            "value": formats.number(city.resolved),
            "note": _change(city.resolved, city.resolved_before),
        },
        {"label": _("Open now"), "value": formats.number(held.red + held.yellow), "note": ""},
        {
            "label": _("Overdue now"),
            "value": formats.number(held.overdue),
            "note": formats.percent(held.overdue, held.red + held.yellow) if held.overdue else "",
        },
        {"label": _("Median time"), "value": f"{value} {unit}".strip(), "note": _("of what was done")},
    ]


def _change(n: int, before: int) -> str:
    if not before:
        return _("none the week before")
    sign = "+" if n >= before else "−"
    change = formats.percent(abs(n - before), before)
    return _("%(change)s on the week before") % {"change": f"{sign}{change}"}


def _maps(city: CityFacts, found: dict[str, Any]) -> list[dict[str, Any]]:
    maps = [_map(city, _("Reports that came in"), found["received"], found["received"], 0)]
    if found["people"]:
        whole = _by_kecamatan(city, found["received"])
        rates = {key: n * 1000 / found["people"][key] for key, n in whole.items() if found["people"].get(key)}
        maps.append(_map(city, _("Reports per 1,000 people"), found["per"], rates, 2))
    return maps


def _map(
    city: CityFacts, title: str, values: dict[int, float], labels: dict[int, float], digits: int
) -> dict[str, Any]:
    """Kelurahan are coloured, kecamatan have their number written on them."""
    ends = steps(values.values())
    numbers = labels if digits else _by_kecamatan(city, labels)
    said = {key: formats.number(n, digits) for key, n in numbers.items()}
    shown = {area.id: 0.0 for area in city.kelurahan} | values
    words = [{"colour": RAMP[n], "word": f"≤ {formats.number(end, digits)}"} for n, end in enumerate(ends, 1)]
    return {
        "title": title,
        "svg": area_map(city, shown, ends, said),
        "legend": [{"colour": RAMP[0], "word": "0"}, *words],
    }


def _by_kecamatan(city: CityFacts, values: dict[int, float]) -> dict[int, float]:
    sums: dict[int, float] = {area.id: 0.0 for area in city.kecamatan}
    for key, n in values.items():
        parent = city.areas[key].parent_id
        if parent in sums:
            sums[parent] += n
    return sums


def _areas(city: CityFacts, found: dict[str, Any]) -> dict[str, Any]:
    worst = sorted(found["received"].items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN]
    head = [_("Kelurahan"), _("Came in"), _("Overdue"), _("per 1,000")]
    lines = [
        [
            _place(city, key),
            formats.number(n),
            formats.number(found["overdue"].get(key, 0)),
            formats.number(found["per"][key], 2) if key in found["per"] else "–",
        ]
        for key, n in worst
        if n
    ]
    return {"head": head, "rows": lines}


def _place(city: CityFacts, key: int) -> str:
    area = city.areas[key]
    parent = city.areas.get(area.parent_id or 0)
    return f"{area.name}, {parent.name}" if parent else area.name


def _topics(city: CityFacts, found: dict[str, Any]) -> dict[str, Any]:
    head = [_("Category"), _("This week"), _("Usual")]
    lines = [
        [city.categories[key].label, formats.number(one.received), formats.number(one.usual, 1)]
        for key, one, _excess in found["hot"]
    ]
    return {"head": head, "rows": lines}


def _agencies(city: CityFacts, found: dict[str, Any]) -> dict[str, Any]:
    head = [_("Agency"), _("Came in"), _("Done"), _("Open now"), _("Overdue now"), _("Median time")]
    sums, none = found["sums"]["agency"], Sums()
    lines = [
        [
            city.agencies[one.key].short_name,
            formats.number(sums.get(one.key, none).received),
            formats.number(sums.get(one.key, none).resolved),
            formats.number(one.red + one.yellow),
            formats.number(one.overdue),
            " ".join(duration(found["times"].get(one.key))).strip(),
        ]
        for one in found["agencies"][:14]
    ]
    return {"head": head, "rows": lines}
