"""Labels of a join report."""

from typing import Any

from django.utils.translation import gettext_lazy as _

REASON_LABELS = {
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


def join_summary(report: dict[str, Any]) -> dict[str, Any]:
    """A version's report (`JoinResult.report`) for pages, with a label for each reason."""
    counts = report.get("why", {})
    unmatched_count = sum(counts.values())
    total = report.get("matched", 0) + unmatched_count
    return {
        "matched": report.get("matched", 0),
        "unmatched": unmatched_count,
        "total": total,
        "reasons": [{"word": REASON_LABELS[key], "n": n} for key, n in sorted(counts.items(), key=lambda row: -row[1])],
        "lines": [row | {"word": REASON_LABELS[row["why"]]} for row in report.get("unmatched", [])],
        "left_out": [row | {"word": REASON_LABELS[row["why"]]} for row in report.get("left_out", [])],
        "missing": report.get("missing", []),
        # Most rows swapped: the page offers to swap the two columns.
        "swapped": counts.get("swapped", 0) > total / 2,
    }
