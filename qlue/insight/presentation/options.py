"""Recommendations, as a card and with everything behind them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qlue.cities.facts import CityFacts
from qlue.insight.models import Option
from qlue.insight.presentation.amounts import ColourBadge, effect_text, interval_text, rupiah
from qlue.insight.presentation.labels import BASES, CAVEATS, EVIDENCE, GRADES, MISSING
from qlue.insight.presentation.places import area_name, public_list_url
from qlue.web import formats

CALM = {"rate_usual"}  # caveats that are no warning


@dataclass(frozen=True)
class PromiseCard:
    """What is expected in `weeks` weeks: fewer reports, as text with an interval; a pilot promises nothing."""

    pilot: bool
    weeks: int
    mean: str = ""
    span: str = ""


@dataclass(frozen=True)
class GradeBadge:
    """How good the data behind a recommendation are, as a letter."""

    letter: str
    colour: str
    sign: str


@dataclass(frozen=True)
class EvidenceNumber:
    """How many reports speak for a recommendation; `url`: the public list that shows them."""

    n: int
    label: str
    url: str


@dataclass(frozen=True)
class OptionCard:
    """A recommendation as a card; `hot`: how many significant hot spots of the category lie in the area."""

    option: Option
    url: str
    title: str
    where: str
    category: str
    category_slug: str
    category_icon: str
    promise: PromiseCard
    cost: str
    basis: ColourBadge
    grade: GradeBadge
    grade_label: str
    evidence: Sequence[EvidenceNumber]
    hot: int | None


def option_card(city: CityFacts, option: Option) -> OptionCard:
    """A recommendation as a card."""
    category = city.categories.get(option.category_id)
    colour, label, icon = BASES[option.basis]
    return OptionCard(
        option=option,
        url=reverse("insight-option", args=[city.slug, option.pk]),
        title=option.name,
        where=option_place(city, option),
        category=category.label if category else "",
        category_slug=category.slug if category else "",
        category_icon=category.icon if category else "flag",
        promise=promise_card(option.avoided, option.avoided_low, option.avoided_high, option.weeks),
        cost=rupiah(option.cost) or _("not filled in yet"),
        basis=ColourBadge(colour, icon, str(label)),
        grade=GradeBadge(option.grade, *GRADES[option.grade]),
        grade_label=_("Data grade %(letter)s") % {"letter": option.grade},
        evidence=[
            EvidenceNumber(number["n"], str(EVIDENCE[number["kind"]]), public_list_url(city, number["query"]))
            for number in option.body.get("evidence", ())
        ],
        hot=option.body.get("hot", 0),
    )


def option_place(city: CityFacts, option: Option) -> str:
    """The kecamatan, or how many places."""
    if name := area_name(city, option.area_id):
        return name
    n = len(option.body.get("sites", ()))
    return ngettext("%(n)d place", "%(n)d places", n) % {"n": n}


def promise_card(mean: float | None, low: float | None, high: float | None, weeks: int) -> PromiseCard:
    """What is expected: mean, interval, in how many weeks; a pilot promises nothing."""
    if mean is None:
        return PromiseCard(pilot=True, weeks=weeks)
    return PromiseCard(False, weeks, formats.number_text(round(mean)), interval_text(low, high))


def option_detail(city: CityFacts, option: Option) -> dict[str, object]:
    """The fields of the card and everything behind it, for the template.

    The body of an option from an earlier version may lack keys.
    """
    body = option.body
    effect = body.get("effect")
    return {
        **vars(option_card(city, option)),
        "need": formats.number_text(body.get("need_week", 0.0), 1),
        "effect": effect_text(effect) if effect else "",
        "measured": effect["n"] if effect else 0,
        "missing": [MISSING[code] for code in body.get("missing", ())],
        "caveats": [{"label": CAVEATS[code], "calm": code in CALM} for code in body.get("caveats", ())],
        "rate": formats.number_text(body["rate"], 1) if body.get("rate") is not None else "",
        "people": body.get("people"),
        "trend": _trend_text(body.get("trend")),
        "assumptions": _split_assumptions(body.get("assumptions", "")),
        "source": body.get("source", ""),
        "cost_note": body.get("cost_note", ""),
        "units": body.get("units", 1),
        "sites": body.get("sites", ()),
        "covered": [formats.percent_text(share, 1) for share in body.get("covered", ())],
        "proven": body.get("proven", True),
        "expected": formats.number_text(round(option.expected)),
    }


def _split_assumptions(text: str) -> list[str]:
    return [assumption.strip() for assumption in text.split(";") if assumption.strip()]


def _trend_text(trend: float | None) -> str:
    if trend is None:
        return ""
    share = round(100 * (trend - 1))
    if not share:
        return _("next week as usual")
    return (_("next week %(n)d %% more") if share > 0 else _("next week %(n)d %% fewer")) % {"n": abs(share)}


def sites_layer(option: Option) -> dict[str, object]:
    """The places that an option proposes, as a GeoJSON layer of the map."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": _("Place %(n)d") % {"n": n}, "note": site["area"], "colour": "blue"},
            "geometry": {"type": "Point", "coordinates": [site["lon"], site["lat"]]},
        }
        for n, site in enumerate(option.body.get("sites", ()), 1)
    ]
    return {"type": "FeatureCollection", "features": features}
