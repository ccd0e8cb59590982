"""What insight's pages show of a row: words, numbers and addresses, ready for a template."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qlue.cities.facts import CityFacts
from qlue.insight.models import Decision, Forecast, HotSpot, Option
from qlue.insight.policy.ranking import MILLION
from qlue.insight.wording import BASES, CAVEATS, EVIDENCE, GRADES, MISSING, PROBLEMS
from qlue.reports.query import query_from_filter
from qlue.reports.reading import Filter
from qlue.web import formats

BILLION = 1000 * MILLION
CALM = {"rate_usual"}  # caveats that warn of nothing
STATES = {
    Decision.State.ACCEPTED: ("blue", "circle-check"),
    Decision.State.RECORDED: ("blue", "notebook"),
    Decision.State.DECLINED: ("grey", "circle-minus"),
    Decision.State.WITHDRAWN: ("grey", "x"),
}

Card = dict[str, Any]


def rupiah(amount: int | None) -> str:
    """`Rp60 juta`, `Rp1,2 miliar`; empty when it is not known."""
    if amount is None:
        return ""
    if amount >= BILLION:
        return _("Rp%(n)s billion") % {"n": formats.number(amount / BILLION, 1)}
    return _("Rp%(n)s million") % {"n": formats.number(amount / MILLION, 0 if amount >= 10 * MILLION else 1)}


def list_url(city: CityFacts, query: str) -> str:
    """The public list with this query."""
    return f"{reverse('report-list', args=[city.slug])}?{query}"


def span(low: float | None, high: float | None) -> str:
    """`12–31`; whole numbers, the smaller first."""
    if low is None or high is None:
        return ""
    least, most = sorted((round(low), round(high)))
    return formats.number(least) if least == most else f"{formats.number(least)}–{formats.number(most)}"


def option_card(city: CityFacts, option: Option) -> Card:
    """A recommendation as a card."""
    category = city.categories.get(option.category_id)
    colour, word, sign = BASES[option.basis]
    return {
        "option": option,
        "url": reverse("insight-option", args=[city.slug, option.pk]),
        "title": option.name,
        "where": where(city, option),
        "category": category.label if category else "",
        "category_slug": category.slug if category else "",
        "category_icon": category.icon if category else "flag",
        "promise": promise(option.avoided, option.avoided_low, option.avoided_high, option.weeks),
        "cost": rupiah(option.cost) or _("not filled in yet"),
        "basis": {"colour": colour, "word": word, "sign": sign},
        "grade": {"letter": option.grade, "colour": GRADES[option.grade][0], "sign": GRADES[option.grade][1]},
        "grade_word": _("Data grade %(letter)s") % {"letter": option.grade},
        "evidence": [
            {"n": one["n"], "word": EVIDENCE[one["kind"]], "url": list_url(city, one["query"])}
            for one in option.body.get("evidence", ())
        ],
        "hot": option.body.get("hot", 0),
    }


def area_name(city: CityFacts, key: int | None) -> str:
    """Empty where there is none."""
    found = city.areas.get(key or 0)
    return found.name if found else ""


def where(city: CityFacts, option: Option) -> str:
    """The kecamatan, or how many places."""
    if name := area_name(city, option.area_id):
        return name
    n = len(option.body.get("sites", ()))
    return ngettext("%(n)d place", "%(n)d places", n) % {"n": n}


def promise(mean: float | None, low: float | None, high: float | None, weeks: int) -> Card:
    """What is expected: the middle, the interval, in how many weeks; for a pilot nothing."""
    if mean is None:
        return {"pilot": True, "weeks": weeks}
    return {"pilot": False, "mean": formats.number(round(mean)), "span": span(low, high), "weeks": weeks}


def option_detail(city: CityFacts, option: Option) -> Card:
    """Everything behind a recommendation."""
    body = option.body
    effect = body.get("effect")
    return option_card(city, option) | {
        "need": formats.number(body.get("need_week", 0.0), 1),
        "effect": effect_words(effect) if effect else "",
        "measured": effect["n"] if effect else 0,
        "missing": [MISSING[code] for code in body.get("missing", ())],
        "caveats": [{"word": CAVEATS[code], "calm": code in CALM} for code in body.get("caveats", ())],
        "rate": formats.number(body["rate"], 1) if body.get("rate") is not None else "",
        "people": body.get("people"),
        "trend": _trend(body.get("trend")),
        "assumptions": [one.strip() for one in body.get("assumptions", "").split(";") if one.strip()],
        "source": body.get("source", ""),
        "cost_note": body.get("cost_note", ""),
        "units": body.get("units", 1),
        "sites": body.get("sites", ()),
        "covered": [formats.percent(share, 1) for share in body.get("covered", ())],
        "proven": body.get("proven", True),
        "expected": formats.number(round(option.expected)),
    }


def effect_words(effect: dict[str, Any]) -> str:
    """`turun 21% (0–42%)` of a relative change."""
    mean, low, high = (-effect[name] for name in ("mean", "high", "low"))
    least, most = formats.number(round(100 * low)), formats.number(round(100 * high))
    words = _("%(mean)s %% fewer reports (%(low)s to %(high)s %%)")
    return words % {"mean": formats.number(round(100 * mean)), "low": least, "high": most}


def _trend(trend: float | None) -> str:
    if trend is None:
        return ""
    share = round(100 * (trend - 1))
    if not share:
        return _("next week as usual")
    return (_("next week %(n)d %% more") if share > 0 else _("next week %(n)d %% fewer")) % {"n": abs(share)}


def decision_row(city: CityFacts, decision: Decision) -> Card:
    """Promise and result beside each other."""
    colour, sign = STATES[Decision.State(decision.state)]
    category = city.categories.get(decision.category_id)
    names = [city.areas[one].name for one in decision.areas if one in city.areas]
    promised = decision.promise
    return {
        "decision": decision,
        "title": decision.name,
        "where": ", ".join(names[:3]) or city.name,
        "category": category.label if category else "",
        "state": {"colour": colour, "sign": sign, "word": decision.get_state_display()},
        "cost": rupiah(decision.cost),
        "promise": effect_words(promised["effect"]) if promised.get("effect") else "",
        "result": result(decision),
        "withdraw": decision.state in (Decision.State.ACCEPTED, Decision.State.RECORDED) and not decision.final,
    }


def result(decision: Decision) -> Card:
    """What came of it so far; `verdict` is a badge."""
    found = decision.result
    if decision.state not in (Decision.State.ACCEPTED, Decision.State.RECORDED):
        return {}
    if not found or "problem" in found:
        return {"words": PROBLEMS[found.get("problem", "too_early")], "verdict": None}
    weeks = ngettext("after %(n)d week", "after %(n)d weeks", found["weeks"]) % {"n": found["weeks"]}
    return {"words": effect_words(found), "weeks": weeks, "verdict": verdict(decision)}


def verdict(decision: Decision) -> Card:
    """Kept when the whole interval of the result shows a fall and reaches what was promised."""
    found, promised = decision.result, decision.promise.get("effect")
    if found["low"] > 0:
        return {"colour": "red", "sign": "trending-up", "word": _("More reports than without")}
    if found["high"] >= 0:
        return {"colour": "grey", "sign": "help-circle", "word": _("No difference to be seen")}
    if promised and found["low"] > promised["mean"]:
        return {"colour": "yellow", "sign": "trending-down", "word": _("Helped, less than promised")}
    return {"colour": "green", "sign": "circle-check", "word": _("Helped")}


def spot_rows(city: CityFacts, spots: Iterable[HotSpot]) -> list[Card]:
    """Hot spots as lines of a table."""
    return [
        {
            "rank": one.rank,
            "place": area_name(city, one.area_id) or "–",
            "expected": formats.number(one.expected, 1),
            "recent": one.recent,
            "sure": one.sure,
            "url": list_url(city, query_from_filter(city, spot_filter(city, one))),
        }
        for one in spots
    ]


def spot_filter(city: CityFacts, spot: HotSpot) -> Filter:
    """The reports of a hot spot's square in the 28 days before it was found."""
    midnight = datetime.combine(spot.run.made_at.astimezone(city.tz).date(), time(), city.tz)
    box = (spot.west, spot.south, spot.east, spot.north)
    return Filter(category=spot.category_id, bbox=box, since=midnight - timedelta(days=28), until=midnight)


def geojson(city: CityFacts, spots: Iterable[HotSpot]) -> dict[str, Any]:
    """Squares as a layer of the map: where, how much, the address of the reports; sure ones filled strongly."""
    return {"type": "FeatureCollection", "features": [_feature(city, one) for one in spots]}


def spot_told(city: CityFacts, one: HotSpot) -> Card:
    """What a square says when it is tapped."""
    row = spot_rows(city, [one])[0]
    words = _("%(recent)s in 28 days, %(expected)s expected in the next")
    note = words % {"recent": formats.number(one.recent), "expected": row["expected"]}
    weight = 0.8 if one.sure else 0.2
    return {"name": row["place"], "note": note, "url": row["url"], "colour": "red", "weight": weight, "rank": one.rank}


def sites_geojson(option: Option) -> dict[str, Any]:
    """The places that an option proposes."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": _("Place %(n)d") % {"n": n}, "note": site["area"], "colour": "blue"},
            "geometry": {"type": "Point", "coordinates": [site["lon"], site["lat"]]},
        }
        for n, site in enumerate(option.body.get("sites", ()), 1)
    ]
    return {"type": "FeatureCollection", "features": features}


def _feature(city: CityFacts, one: HotSpot) -> dict[str, Any]:
    ring = [[one.west, one.south], [one.east, one.south], [one.east, one.north], [one.west, one.north]]
    told = spot_told(city, one)
    geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    return {"type": "Feature", "id": one.rank, "properties": told, "geometry": geometry}


def week_rows(city: CityFacts, weeks: Iterable[Forecast], most: int = 10) -> list[Card]:
    """Where, or of which kind, most is expected next week."""
    order = sorted(weeks, key=lambda one: -one.mean)[:most]
    return [
        {
            "name": city.categories[one.category_id].label if one.category_id else area_name(city, one.area_id),
            "mean": formats.number(one.mean, 1),
            "span": f"{formats.number(one.low, 1)}–{formats.number(one.high, 1)}",
            "before": formats.number(one.before, 1),
            "off": formats.number(one.off, 1) if one.off is not None else "–",
            "url": list_url(city, query_from_filter(city, Filter(area=one.area_id, category=one.category_id))),
        }
        for one in order
        if one.mean > 0
    ]


def coming_weeks(city: CityFacts, rows: Iterable[Forecast]) -> list[Card]:
    """Tables of the next week: by kecamatan, by category, by kelurahan; `short` names what is too young to be told."""
    weeks = [one for one in rows if one.area_id or one.category_id]
    if not weeks:
        return []
    by_area = {one.area_id: one for one in weeks if one.area_id}
    by_category = {one.category_id: one for one in weeks if one.category_id}
    kelurahan = [by_area[area.id] for area in city.kelurahan if area.id in by_area]
    return [
        _weeks_of(city, _("Kecamatan"), [(one.id, one.name) for one in city.kecamatan], by_area),
        _weeks_of(city, _("Category"), [(one.id, one.label) for one in city.open_categories], by_category),
        {"head": _("Kelurahan"), "rows": week_rows(city, kelurahan), "short": [], "count": 0},
    ]


def _weeks_of(city: CityFacts, head: str, units: list[tuple[int, str]], known: dict[int, Forecast]) -> Card:
    short = [name for unit, name in units if unit not in known]
    told = [known[unit] for unit, _name in units if unit in known]
    return {"head": head, "rows": week_rows(city, told), "short": short, "count": len(short)}
