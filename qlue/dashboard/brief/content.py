"""What the brief says: the week's figures as texts, maps and tables, the same for the page and for the PDF."""

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qlue.atlas.models import Topic
from qlue.atlas.queries import datasets
from qlue.cities.facts import CityFacts
from qlue.dashboard.brief.figures import WHOLE_CITY, BriefFigures, HotTopic, WeekCounts, brief_figures
from qlue.dashboard.brief.maps import area_map
from qlue.dashboard.brief.weeks import Week
from qlue.dashboard.presentation.durations import duration_text
from qlue.dashboard.queries.overview import AgencyNumbers
from qlue.kit.clock import now
from qlue.web import formats
from qlue.web.presentation.colour_ramps import RAMP, class_limits
from qlue.web.presentation.theme import theme_colour

AREAS_LISTED, AGENCIES_LISTED = 8, 14  # so that the whole brief fits on two sheets


@dataclass(frozen=True)
class BriefTile:
    """A number with its label and a remark."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class LegendStep:
    """A colour of a map and what it stands for."""

    colour: str
    label: str


@dataclass(frozen=True)
class BriefMap:
    """A coloured map as SVG with its legend."""

    title: str
    svg: str
    legend: list[LegendStep]


@dataclass(frozen=True)
class TrendWeek:
    """What came in and was done in the week that begins on the day `label`."""

    label: str
    received: int
    resolved: int


@dataclass(frozen=True)
class BriefTable:
    """A table of texts, with a head for each column."""

    head: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class BriefHeadings:
    """The headings, and what is said where a table would be empty."""

    where: str
    trend: str
    received: str
    resolved: str
    areas: str
    topics: str
    agencies: str
    calm: str


@dataclass(frozen=True)
class Brief:
    """Everything that is printed. Field names are those that `templates/dashboard/brief.typ` reads as JSON."""

    lang: str
    colour: str
    sign: str
    title: str
    subtitle: str
    example: str
    footer: str
    note: str
    headings: BriefHeadings
    tiles: list[BriefTile]
    maps: list[BriefMap]
    trend: list[TrendWeek]
    areas: BriefTable
    topics: BriefTable
    agencies: BriefTable


def brief_context(city: CityFacts, week: Week) -> Brief:
    """Plain texts, lists and SVG; nothing of it is a template or a program."""
    figures = brief_figures(city, week)
    days = f"{formats.day(week.first, city.tz)} – {formats.day(week.last, city.tz)}"
    return Brief(
        lang=(get_language() or "id")[:2],
        colour=theme_colour(city.theme),
        sign=city.theme.get("logo") or city.name,
        title=_("%(city)s: the week in figures") % {"city": city.name},
        subtitle=_("%(days)s (week %(week)s)") % {"days": days, "week": week.name},
        example=_example_warning(city) if figures.people else "",
        footer=_("Qlue · made %(at)s") % {"at": formats.full(now(), city.tz)},
        note=_footnote(city),
        headings=_headings(),
        tiles=_number_tiles(figures),
        maps=_area_maps(city, figures),
        trend=[TrendWeek(formats.short_day(flow.day, city.tz), flow.received, flow.resolved) for flow in figures.trend],
        areas=_areas_table(city, figures),
        topics=_topics_table(city, figures.hot_topics),
        agencies=_agencies_table(city, figures),
    )


def _footnote(city: CityFacts) -> str:
    note = _("Public reports only. Open and overdue are as of now; the others are of this week.")
    return f"{note} {_('The borders are approximate.')}" if city.areas_approximate else note


def _headings() -> BriefHeadings:
    return BriefHeadings(
        where=_("Where"),
        trend=_("Twelve weeks"),
        received=_("Came in"),
        resolved=_("Done"),
        areas=_("Kelurahan with the most"),
        topics=_("Topics above the usual"),
        agencies=_("Agencies"),
        calm=_("No topic stands out this week."),
    )


def _example_warning(city: CityFacts) -> str:
    """Said where made-up people are what numbers are divided by."""
    populations = [dataset for dataset in datasets(city) if dataset.topic == Topic.POPULATION]
    made_up = bool(populations) and all(dataset.example for dataset in populations)
    return _("The population is a made-up example.") if made_up else ""


def _number_tiles(figures: BriefFigures) -> list[BriefTile]:
    week, current = figures.city, figures.now.public
    median = duration_text(figures.median_hours.get(WHOLE_CITY))
    share = formats.percent_text(current.overdue, current.open) if current.overdue else ""
    return [
        BriefTile(_("Came in"), formats.number_text(week.received), _change(week.received, week.received_before)),
        BriefTile(_("Done"), formats.number_text(week.resolved), _change(week.resolved, week.resolved_before)),
        BriefTile(_("Open now"), formats.number_text(current.open), ""),
        BriefTile(_("Overdue now"), formats.number_text(current.overdue), share),
        BriefTile(_("Median time"), str(median), _("of what was done")),
    ]


def _change(n: int, before: int) -> str:
    if not before:
        return _("none the week before")
    sign = "+" if n >= before else "−"
    change = formats.percent_text(abs(n - before), before)
    return _("%(change)s on the week before") % {"change": f"{sign}{change}"}


def _area_maps(city: CityFacts, figures: BriefFigures) -> list[BriefMap]:
    kecamatan_counts = _by_kecamatan(city, figures.received)
    maps = [_area_map(city, _("Reports that came in"), figures.received, kecamatan_counts, 0)]
    if figures.people:
        # A kecamatan's rate is worked out from its own people: rates of kelurahan do not add up.
        rates = {key: n * 1000 / figures.people[key] for key, n in kecamatan_counts.items() if figures.people.get(key)}
        maps.append(_area_map(city, _("Reports per 1,000 people"), figures.per_thousand, rates, 2))
    return maps


def _area_map(
    city: CityFacts, title: str, values: dict[int, float], kecamatan: dict[int, float], digits: int
) -> BriefMap:
    """Kelurahan are coloured by `values`, kecamatan have their number written on them."""
    ends = class_limits(values.values())
    labels = {key: formats.number_text(n, digits) for key, n in kecamatan.items()}
    # Where nothing came in the map says "none": white would mean that nothing is known.
    colours = {area.id: 0.0 for area in city.kelurahan} | values
    legend = [LegendStep(RAMP[n], f"≤ {formats.number_text(end, digits)}") for n, end in enumerate(ends, 1)]
    return BriefMap(title, area_map(city, colours, ends, labels), [LegendStep(RAMP[0], "0"), *legend])


def _by_kecamatan(city: CityFacts, values: dict[int, float]) -> dict[int, float]:
    sums: dict[int, float] = {area.id: 0.0 for area in city.kecamatan}
    for key, n in values.items():
        parent = city.areas[key].parent_id
        if parent in sums:
            sums[parent] += n
    return sums


def _areas_table(city: CityFacts, figures: BriefFigures) -> BriefTable:
    head = [_("Kelurahan"), _("Came in"), _("Overdue"), _("per 1,000")]
    areas = sorted(figures.received.items(), key=lambda area: (-area[1], area[0]))[:AREAS_LISTED]
    return BriefTable(head, [_brief_area_cells(city, figures, area_id) for area_id, n in areas if n])


def _brief_area_cells(city: CityFacts, figures: BriefFigures, area_id: int) -> list[str]:
    rate = figures.per_thousand.get(area_id)
    return [
        _place_name(city, area_id),
        formats.number_text(figures.received[area_id]),
        formats.number_text(figures.overdue.get(area_id, 0)),
        "–" if rate is None else formats.number_text(rate, 2),
    ]


def _place_name(city: CityFacts, area_id: int) -> str:
    area = city.areas[area_id]
    # Kelurahan of one name exist in several kecamatan.
    parent = city.areas.get(area.parent_id or 0)
    return f"{area.name}, {parent.name}" if parent else area.name


def _topics_table(city: CityFacts, topics: list[HotTopic]) -> BriefTable:
    head = [_("Category"), _("This week"), _("Usual")]
    rows = [
        [
            city.categories[topic.category_id].label,
            formats.number_text(topic.counts.received),
            formats.number_text(topic.counts.usual, 1),
        ]
        for topic in topics
    ]
    return BriefTable(head, rows)


def _agencies_table(city: CityFacts, figures: BriefFigures) -> BriefTable:
    head = [_("Agency"), _("Came in"), _("Done"), _("Open now"), _("Overdue now"), _("Median time")]
    agencies = figures.agencies[:AGENCIES_LISTED]
    return BriefTable(head, [_agency_cells(city, figures, numbers) for numbers in agencies])


def _agency_cells(city: CityFacts, figures: BriefFigures, numbers: AgencyNumbers) -> list[str]:
    week = figures.agency_counts.get(numbers.key, WeekCounts())
    return [
        city.agencies[numbers.key].short_name,
        formats.number_text(week.received),
        formats.number_text(week.resolved),
        formats.number_text(numbers.open),
        formats.number_text(numbers.overdue),
        str(duration_text(figures.median_hours.get(numbers.key))),
    ]
