"""interventions.csv: what a city can do about what is reported, with cost and what is known of its effect."""

from collections.abc import Collection
from pathlib import Path

from django.utils.translation import gettext as _

from qlue.cities.pack.contents import InterventionRow
from qlue.cities.pack.faults import Findings
from qlue.cities.pack.files import read_pack_csv
from qlue.cities.pack.row import CsvRow, refuse_duplicates

FILE = "interventions.csv"
NEEDED = ("slug", "name", "categories", "scale", "weeks")
NUMBERS = ("cost", "reach_m", "effect", "effect_low", "effect_high")
WORDS = ("name_en", "cost_note", "facility", "source", "assumptions")
SCALES = ("area", "site")
FACILITIES = ("", "health", "schools", "worship", "offices", "public")
MAX_COST = 10**15  # rupiah
MAX_WEEKS = 104  # two years; after longer nobody can say what a change came from


def read_interventions(folder: Path, categories: Collection[str], findings: Findings) -> list[InterventionRow]:
    """The library that the city starts with; `categories` are the known slugs."""
    rows = read_pack_csv(folder, FILE, NEEDED, findings, NUMBERS + WORDS) or []
    refuse_duplicates(rows, "slug")
    return [_intervention_row(row, categories) for row in rows]


def _intervention_row(row: CsvRow, categories: Collection[str]) -> InterventionRow:
    slugs = tuple(dict.fromkeys(filter(None, map(str.strip, row.raw("categories").replace(",", ";").split(";")))))
    if not slugs or any(slug not in categories for slug in slugs):
        row.fault(_("categories must name categories of this city, with semicolons between."))
    scale = row.choice("scale", SCALES, _("area or site"))
    reach = _whole_number(row, "reach_m", 10, 20_000)
    if scale == "site" and reach is None:
        row.fault(_("A site needs reach_m, the metres that it serves."))
    return InterventionRow(
        slug=row.slug("slug"),
        name=row.text("name", 120),
        name_en=row.text("name_en", 120, empty=True),
        categories=slugs,
        scale=scale,
        cost=_whole_number(row, "cost", 0, MAX_COST),
        cost_note=row.text("cost_note", 300, empty=True),
        weeks=_whole_number(row, "weeks", 1, MAX_WEEKS) or 12,  # a wrong cell has its fault; 12 lets the check go on
        reach_m=reach,
        facility=row.choice("facility", FACILITIES, ", ".join(FACILITIES[1:])) if row.raw("facility") else "",
        **_effect_shares(row),
        source=row.text("source", 300, empty=True),
        assumptions=row.text("assumptions", 500, empty=True),
    )


def _effect_shares(row: CsvRow) -> dict[str, float | None]:
    """A fall as a share; without a source it is nothing that may be promised."""
    shares = {name: _share_cell(row, name) for name in ("effect", "effect_low", "effect_high")}
    mean, low, high = shares.values()
    if mean is not None and not row.raw("source"):
        row.fault(_("An effect needs its source."))
    if mean is None and (low is not None or high is not None):
        row.fault(_("effect_low and effect_high need an effect between them."))
    if mean is not None and not (mean if low is None else low) <= mean <= (mean if high is None else high):
        row.fault(_("effect must lie between effect_low and effect_high."))
    return shares


def _share_cell(row: CsvRow, column: str) -> float | None:
    value = row.number(column) if row.raw(column) else None
    if value is not None and not -1 <= value < 1:
        row.fault(_("%(column)s is a share of the reports, such as 0.2 for a fifth less.") % {"column": column})
    return value


def _whole_number(row: CsvRow, column: str, least: int, most: int) -> int | None:
    value = row.number(column) if row.raw(column) else None
    if value is None:
        return None
    if not least <= value <= most or value != int(value):
        limits = {"column": column, "least": least, "most": most}
        row.fault(_("%(column)s must be a whole number from %(least)d to %(most)d.") % limits)
        return least
    return int(value)
