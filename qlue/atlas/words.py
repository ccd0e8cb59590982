"""A join report in words."""

from typing import Any

from django.utils.translation import gettext_lazy as _

WHY = {
    "unknown_code": _("no area of this city has this code"),
    "code_and_name": _("the code and the name belong to different areas"),
    "unknown_name": _("no area of this city has this name"),
    "ambiguous": _("several areas have this name: the kecamatan must say which"),
    "no_area": _("neither code nor name"),
    "no_value": _("no figure"),
    "not_number": _("the figure is no number"),
    "negative": _("the figure is below zero"),
    "twice": _("the area stood on an earlier line already, the one in brackets"),
    "no_name": _("no name"),
    "formula": _("begins with a sign that spreadsheets run as a formula"),
    "no_position": _("no coordinates"),
    "not_position": _("the coordinates are no numbers"),
    "zero_position": _("the coordinates are 0, 0"),
    "swapped": _("longitude and latitude are swapped"),
    "outside": _("lies outside of the city"),
}


def told(report: dict[str, Any]) -> dict[str, Any]:
    """A version's report with its reasons in words; `total` rows, `share` of them matched."""
    counts = report.get("why", {})
    unmatched = sum(counts.values())
    total = report.get("matched", 0) + unmatched
    return {
        "matched": report.get("matched", 0),
        "unmatched": unmatched,
        "total": total,
        "reasons": [{"word": WHY[key], "n": n} for key, n in sorted(counts.items(), key=lambda one: -one[1])],
        "lines": [one | {"word": WHY[one["why"]]} for one in report.get("unmatched", [])],
        "left_out": [one | {"word": WHY[one["why"]]} for one in report.get("left_out", [])],
        "missing": report.get("missing", []),
        "swapped": counts.get("swapped", 0) > total / 2,
    }
