"""The content of each tab of the filtered dashboard."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from qlue.atlas.queries import population
from qlue.cities.facts import AreaFacts
from qlue.dashboard.explore.areas import area_values, areas_inside, can_per_thousand, digits_for
from qlue.dashboard.explore.state import (
    AREAS_TAB,
    CASES_TAB,
    DETAILS_TAB,
    KECAMATAN,
    KELURAHAN,
    WITHOUT_VIEW,
    ExploreState,
)
from qlue.dashboard.presentation.bounds import area_bounds_text, core_bounds_text
from qlue.dashboard.presentation.links import PageLink
from qlue.dashboard.queries.filtered import FilteredSums, ReportCounts
from qlue.reports.presentation.cards import ReportCard, report_card
from qlue.reports.queries.reports import list_reports
from qlue.reports.states import COLOUR_LABELS, GREEN, RED, YELLOW
from qlue.web.presentation import charts

CASES = 24
POINTS_LAYER = "laporan"  # the reports themselves as points, a layer like the others in the address


@dataclass(frozen=True)
class AreaTableRow:
    """An area in the table; `value` None where it is unknown."""

    area: AreaFacts
    url: str
    value: float | None
    counts: ReportCounts


@dataclass(frozen=True)
class AreasTab:
    """The map and its table; `area_link` has `{code}` where the map's script puts an area's code."""

    rows: list[AreaTableRow]
    unit: str
    digits: int
    can_per: bool
    level: str
    bounds: str
    choropleth: str
    points: str
    show_points: bool
    area_link: str
    levels: list[PageLink]


def areas_tab(state: ExploreState, sums: FilteredSums, rights: frozenset[str]) -> AreasTab:
    areas = area_values(state, sums, rights)
    rows = [_area_table_row(state, area, areas.values.get(area.id), sums) for area in areas_inside(state)]
    # What is unknown comes last: it would stand among the zeros.
    rows.sort(key=lambda row: (row.value is None, -(row.value or 0), row.area.name))
    return AreasTab(
        rows=rows,
        unit=areas.unit,
        digits=digits_for(row.value for row in rows),
        can_per=can_per_thousand(state, rights) and bool(population(state.city)),
        level=rows[0].area.level if rows else KELURAHAN,
        bounds=area_bounds_text(state.city, state.area) if state.area else core_bounds_text(state.city),
        choropleth=state.url("dashboard-areas"),
        points=state.url("report-map", **WITHOUT_VIEW),
        show_points=POINTS_LAYER in state.layers,
        # The placeholder goes through the encoding of addresses as letters, for braces would not survive it.
        area_link=state.url(area="KODE", tingkat=None).replace("KODE", "{code}"),
        levels=_level_links(state),
    )


def _area_table_row(state: ExploreState, area: AreaFacts, value: float | None, sums: FilteredSums) -> AreaTableRow:
    # Below a kelurahan there is no smaller area, only its cases.
    tab = CASES_TAB if area.level == KELURAHAN else state.tab
    url = state.url(area=area.code, tingkat=None, tab=tab)
    return AreaTableRow(area, url, value, sums.areas.get(area.id, ReportCounts()))


def _level_links(state: ExploreState) -> list[PageLink]:
    """Inside an area there is one level only."""
    if state.area is not None:
        return []
    return [
        PageLink(label, state.url(tingkat=level), state.shown_level == level)
        for level, label in ((KECAMATAN, _("By kecamatan")), (KELURAHAN, _("By kelurahan")))
    ]


@dataclass(frozen=True)
class DetailsTab:
    """Stacked bars, as `charts.bars` takes them."""

    agencies: list[charts.Row]
    categories: list[charts.Row]


def details_tab(state: ExploreState, sums: FilteredSums, rights: frozenset[str]) -> DetailsTab:
    city = state.city
    # Key 0 stands for reports that no agency has yet.
    agencies = [(city.agencies[key], counts) for key, counts in sums.agencies.items() if key in city.agencies]
    categories = [(city.categories[key], counts) for key, counts in sums.categories.items() if key in city.categories]
    return DetailsTab(
        agencies=_bars_by_count(
            (agency.short_name, state.url(agency=agency.slug), counts) for agency, counts in agencies
        ),
        categories=_bars_by_count(
            (category.label, state.url(category=category.slug), counts) for category, counts in categories
        ),
    )


def _bars_by_count(bars: Iterable[tuple[str, str, ReportCounts]]) -> list[charts.Row]:
    """(label, address, counts) as stacked bars, the most first; what was closed without work has no colour."""
    return [
        {
            "label": label,
            "url": url,
            "value": counts.n,
            "parts": [
                {"colour": RED, "value": counts.red, "word": COLOUR_LABELS[RED]},
                {"colour": YELLOW, "value": counts.yellow, "word": COLOUR_LABELS[YELLOW]},
                {"colour": GREEN, "value": counts.green, "word": COLOUR_LABELS[GREEN]},
            ],
        }
        for label, url, counts in sorted(bars, key=lambda bar: -bar[2].n)
    ]


@dataclass(frozen=True)
class CasesTab:
    """The newest reports under the filter, and the list of all of them."""

    cards: list[ReportCard]
    list_url: str


def cases_tab(state: ExploreState, sums: FilteredSums, rights: frozenset[str]) -> CasesTab:
    reports = list_reports(state.city, state.filter, CASES)
    return CasesTab([report_card(state.city, report, thumbnail=True) for report in reports], state.list_url())


TAB_CONTENT: Mapping[str, Callable[[ExploreState, FilteredSums, frozenset[str]], object]] = {
    AREAS_TAB: areas_tab,
    DETAILS_TAB: details_tab,
    CASES_TAB: cases_tab,
}
