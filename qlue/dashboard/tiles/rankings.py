"""The tiles that rank: agencies, categories and kelurahan, the most first, each number with the list behind it."""

from dataclasses import dataclass, replace

from qlue.cities.facts import CityFacts
from qlue.dashboard.presentation.durations import duration_text
from qlue.dashboard.presentation.links import list_url, received_in, resolved_in
from qlue.dashboard.queries.overview import (
    AgencyNumbers,
    CategoryNumbers,
    agency_numbers,
    area_counts,
    category_numbers,
)
from qlue.dashboard.queries.spans import span_of
from qlue.dashboard.tiles.viewer import MEASURES, AreaMeasure, Viewer
from qlue.reports.queries.reports import ReportFilter
from qlue.reports.states import COLOUR_LABELS, GREEN, RED, YELLOW
from qlue.web import formats
from qlue.web.presentation import charts

CATEGORIES_IN_SIGHT = 6
AREAS_IN_SIGHT, AREAS_LISTED = 5, 20  # the map knows them all


@dataclass(frozen=True)
class BarPart:
    """A rectangle of a bar, in percent of its track."""

    colour: str
    x: str
    width: str


def stacked_parts(parts: tuple[tuple[str, int], ...], whole: int) -> list[BarPart]:
    """Rectangles side by side, as wide as their share of `whole`."""
    bar, x = [], 0.0
    for colour, n in parts:
        width = 100 * n / whole if whole else 0
        bar.append(BarPart(colour, charts.svg_percent(x), charts.svg_percent(width)))
        x += width
    return bar


@dataclass(frozen=True)
class AgencyCell:
    """A number in an agency's row; `colour` is the cell's class."""

    colour: str
    n: int
    url: str


@dataclass(frozen=True)
class AgencyWorkRow:
    """An agency's line in the table; the bar shows its open work against that of the agency with the most."""

    name: str
    long_name: str
    url: str
    cells: list[AgencyCell]
    time: str
    parts: list[BarPart]


@dataclass(frozen=True)
class AgenciesTile:
    """What the template `opd` shows: the rows and the heads of three columns."""

    agencies: list[AgencyWorkRow]
    waiting: object
    working: object
    done: object


def agencies_tile(viewer: Viewer) -> AgenciesTile:
    agencies = agency_numbers(viewer.city)
    # Bars compare agencies with each other, so the longest one fills its track.
    largest = max((agency.open for agency in agencies), default=0)
    return AgenciesTile(
        agencies=[_agency_row(viewer.city, agency, largest) for agency in agencies],
        waiting=COLOUR_LABELS[RED],
        working=COLOUR_LABELS[YELLOW],
        done=COLOUR_LABELS[GREEN],
    )


def _agency_row(city: CityFacts, numbers: AgencyNumbers, largest: int) -> AgencyWorkRow:
    agency, reports = city.agencies[numbers.key], ReportFilter(agency=numbers.key)
    done_filter = replace(resolved_in(span_of(city)), agency=numbers.key)
    return AgencyWorkRow(
        name=agency.short_name or agency.name,
        long_name=agency.name,
        url=list_url(city, reports),
        cells=[
            AgencyCell("red", numbers.red, list_url(city, replace(reports, status=RED))),
            AgencyCell("yellow", numbers.yellow, list_url(city, replace(reports, status=YELLOW))),
            AgencyCell("late", numbers.overdue, list_url(city, replace(reports, overdue=True))),
            AgencyCell("green", numbers.done, list_url(city, done_filter)),
        ],
        time=str(duration_text(numbers.p50)),
        parts=stacked_parts((("red", numbers.red), ("yellow", numbers.yellow)), largest),
    )


@dataclass(frozen=True, kw_only=True)
class RankingRow:
    """A bar with its number and the list behind it; `open` a second number with a list of its own."""

    label: str
    n: int
    url: str
    parts: list[BarPart]
    icon: str = ""
    note: str = ""
    share: str = ""
    open: int = 0
    open_url: str = ""


@dataclass(frozen=True)
class RankingTile:
    """What the templates of rankings show: rows in sight, and those behind "more"."""

    rows: list[RankingRow]
    rest: list[RankingRow]


def categories_tile(viewer: Viewer) -> RankingTile:
    categories = category_numbers(viewer.city)
    largest = max((category.received for category in categories), default=0)
    total = sum(category.received for category in categories)
    rows = [_category_bar(viewer.city, category, largest, total) for category in categories]
    return RankingTile(rows[:CATEGORIES_IN_SIGHT], rows[CATEGORIES_IN_SIGHT:])


def _category_bar(city: CityFacts, numbers: CategoryNumbers, largest: int, total: int) -> RankingRow:
    category = city.categories[numbers.key]
    return RankingRow(
        label=category.label,
        icon=category.icon,
        n=numbers.received,
        url=list_url(city, replace(received_in(span_of(city)), category=numbers.key)),
        share=formats.percent_text(numbers.received, total),
        open=numbers.open,
        open_url=list_url(city, ReportFilter(category=numbers.key, status="open")),
        parts=stacked_parts((("blue", numbers.received),), largest),
    )


@dataclass(frozen=True)
class AreasTile(RankingTile):
    """The kelurahan with the most, and the measure by which they have it."""

    measure: AreaMeasure


def areas_tile(viewer: Viewer) -> AreasTile:
    city, measure = viewer.city, MEASURES[viewer.measure]
    counts = area_counts(city, measure.name)
    largest = max(counts.values(), default=0)
    report_filter = measure.filter(span_of(city))
    rows = [
        RankingRow(
            label=city.areas[area_id].name,
            note=_kecamatan_name(city, area_id),
            n=n,
            url=list_url(city, replace(report_filter, area=area_id)),
            parts=stacked_parts((("blue", n),), largest),
        )
        for area_id, n in list(counts.items())[:AREAS_LISTED]
    ]
    return AreasTile(rows[:AREAS_IN_SIGHT], rows[AREAS_IN_SIGHT:], measure)


def area_link(city: CityFacts, measure: AreaMeasure) -> str:
    """The list behind an area of the map, with `{code}` where the map's script puts its code."""
    return f"{list_url(city, measure.filter(span_of(city)))}&area={{code}}"


def _kecamatan_name(city: CityFacts, area_id: int) -> str:
    parent = city.areas.get(city.areas[area_id].parent_id or 0)
    return parent.name if parent else ""
