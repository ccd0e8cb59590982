"""Labels of a join report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

StrOrPromise = str | Promise
REASON_LABELS: Mapping[str, StrOrPromise] = {
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


@dataclass(frozen=True)
class ReportedCell:
    """A cell that was not used: where it stands, what it says, why not, and the areas it may have meant."""

    line: int
    column: str
    content: str
    label: StrOrPromise
    near: Sequence[Mapping[str, str]]  # each with `code` and `name`


@dataclass(frozen=True)
class JoinSummary:
    """A join report for pages; of `lines` and `left_out` it has the first ones only, the counts are of all."""

    matched: int
    unmatched: int
    total: int
    reasons: list[tuple[int, StrOrPromise]]
    lines: list[ReportedCell]
    left_out: list[ReportedCell]
    missing: list[str]
    swapped: bool


def join_summary(report: Mapping[str, Any]) -> JoinSummary:
    """A version's stored report (`JoinResult.report`), with a label for each reason."""
    counts = report.get("why", {})
    unmatched_count = sum(counts.values())
    total = report.get("matched", 0) + unmatched_count
    return JoinSummary(
        matched=report.get("matched", 0),
        unmatched=unmatched_count,
        total=total,
        reasons=[(n, REASON_LABELS[key]) for key, n in sorted(counts.items(), key=lambda row: -row[1])],
        lines=[_reported_cell(row) for row in report.get("unmatched", [])],
        left_out=[_reported_cell(row) for row in report.get("left_out", [])],
        missing=report.get("missing", []),
        # Most rows swapped: the page offers to swap the two columns.
        swapped=counts.get("swapped", 0) > total / 2,
    )


def _reported_cell(row: Mapping[str, Any]) -> ReportedCell:
    # Reports stay as the release wrote them that made the version: older ones lack the column.
    label = REASON_LABELS[row["why"]]
    return ReportedCell(row["line"], row.get("column", ""), row.get("what", ""), label, row.get("near", []))
