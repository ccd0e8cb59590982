"""What pages ask about models and their hints."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import CityFacts
from qlue.insight.models import TrainedModel
from qlue.insight.serving import serving
from qlue.kit.db import fetch_all
from qlue.kit.ids import report_code

WORDS = {
    "category": _("Which category the words mean"),
    "agency": _("Which agency it is for"),
    "duplicates": _("Which reports mean the same"),
}
# What a person has passed on or corrected is that person's matter.
MISSORTED = """
SELECT r.id, r.category_id, r.agency_id,
    CASE WHEN h.agency_id IS DISTINCT FROM r.agency_id AND h.agency_sure >= %(least)s THEN h.agency_id END,
    h.agency_sure,
    CASE WHEN h.category_id IS DISTINCT FROM r.category_id AND h.category_sure >= %(least)s THEN h.category_id END,
    h.category_sure, r.created_at
FROM reports_report r JOIN insight_hint h ON h.city_id = r.city_id AND h.report_id = r.id
WHERE r.city_id = %(city)s AND r.status IN ('received', 'routed') AND NOT r.private
    AND (%(agency)s::bigint IS NULL OR r.agency_id = %(agency)s)
    AND (h.agency_id IS DISTINCT FROM r.agency_id AND h.agency_sure >= %(least)s
        OR h.category_id IS DISTINCT FROM r.category_id AND h.category_sure >= %(least)s) AND NOT h.moved
    AND NOT EXISTS (SELECT FROM timeline_happening t WHERE t.city_id = r.city_id AND t.report_id = r.id
        AND t.kind IN ('report.rerouted', 'report.recategorised'))
ORDER BY greatest(h.agency_sure, h.category_sure) DESC, r.id DESC LIMIT %(most)s
"""
NIGHTS = 5
WEEK = """
SELECT count(*), count(*) FILTER (WHERE moved), count(*) FILTER (WHERE twin_id IS NOT NULL) FROM insight_hint
WHERE city_id = %s AND at > now() - interval '7 days'
"""


def percent(sure: float) -> int:
    """A confidence for people; no model is ever wholly sure."""
    return min(99, round(100 * sure))


def missorted(city: CityFacts, agency: int | None, least: float, most: int = 8) -> list[dict[str, Any]]:
    """Waiting cases whose words point to another agency, to another category, or both."""
    found = fetch_all(MISSORTED, {"city": city.id, "agency": agency, "least": least, "most": most})
    return [
        {
            "code": report_code(city.code_prefix, number),
            "title": city.categories[category].label,
            "icon": city.categories[category].icon,
            "has": city.agencies[its].short_name if its else "",
            "means": city.agencies[means].short_name if means else "",
            "percent": percent(sure),
            "category": suggested(city, category, right, its_sure),
            "created_at": created_at,
        }
        for number, category, its, means, sure, right, its_sure, created_at in found
    ]


def suggested(city: CityFacts, has: int, category: int | None, sure: float) -> dict[str, Any] | None:
    """Another category as something to press; `seen` is the one that the report has now."""
    known = city.categories.get(category or 0)
    if known is None or not known.active or known.id == has:
        return None
    return {"slug": known.slug, "name": known.label, "percent": percent(sure), "seen": has}


def models_of(city: CityFacts) -> dict[str, Any]:
    """For each kind its model and its last nights; how much was hinted at in a week; what goes by itself."""
    hinted, moved, repeated = fetch_all(WEEK, [city.id])[0]
    return {
        "kinds": [_kind(city, kind) for kind in WORDS],
        "hinted": hinted,
        "moved": moved,
        "repeated": repeated,
        "by_itself": by_itself(city),
    }


def _kind(city: CityFacts, kind: str) -> dict[str, Any]:
    served = serving(city, kind)
    nights = TrainedModel.objects.filter(city_id=city.id, kind=kind).order_by("-id").defer("artefact")[:NIGHTS]
    return {"kind": kind, "word": WORDS[kind], "serves": served.row, "broken": served.broken, "nights": list(nights)}


def by_itself(city: CityFacts) -> list[dict[str, Any]]:
    """The agencies that the pack lets reports go to by themselves, with the threshold, None where history gave none."""
    limits = serving(city, "agency").thresholds
    named = (city.agency(slug) for slug in city.auto.get("route", ()))
    return [{"name": one.name, "limit": limits.get(one.slug)} for one in named if one]
