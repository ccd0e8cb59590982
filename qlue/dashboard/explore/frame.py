"""What every tab of the filtered dashboard shows: the way down, the numbers, what can be chosen, what can be taken."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from qlue.atlas.queries import datasets, measures
from qlue.dashboard.explore.layers import MapLayer, map_layers
from qlue.dashboard.explore.state import DATASET_PREFIX, MEASURES, TABS, ExploreState
from qlue.dashboard.presentation.durations import duration_text
from qlue.dashboard.presentation.links import PageLink
from qlue.dashboard.queries.filtered import FilteredSums
from qlue.dashboard.tiles.numbers import NumberCard
from qlue.kit.tables import export_kinds
from qlue.reports.queries.address import SLUG_OF_STATUS
from qlue.reports.states import COLOUR_LABELS, GREEN, RED, YELLOW
from qlue.web import formats


@dataclass(frozen=True)
class MeasureChoice:
    """An option of the form's list of measures."""

    slug: str
    label: object
    current: bool


@dataclass(frozen=True)
class ExploreFrame:
    """The page without the content of its tab; `overlays`: addresses of the shown layers, as the map takes them."""

    state: ExploreState
    tabs: list[PageLink]
    notices: list[str]
    path: list[PageLink]
    layers: list[MapLayer]
    overlays: str
    measures: list[MeasureChoice]
    numbers: list[NumberCard]
    exports: list[PageLink]
    export_formats: list[str]


def explore_frame(state: ExploreState, sums: FilteredSums, rights: frozenset[str]) -> ExploreFrame:
    """Two statements."""
    layers = map_layers(state.city, rights, state.layers)
    return ExploreFrame(
        state=state,
        tabs=[PageLink(label, state.url(tab=slug), slug == state.tab, icon) for slug, label, icon in TABS],
        notices=state.parsed.warnings,
        path=_path_down(state),
        layers=layers,
        overlays=" ".join(layer.url for layer in layers if layer.shown),
        measures=_measure_choices(state, rights),
        numbers=[*_report_cards(state, sums), _filtered_median_card(sums)],
        exports=[PageLink(kind.upper(), state.url("reports-export") + f"&format={kind}") for kind in export_kinds()],
        export_formats=list(export_kinds()),
    )


def _path_down(state: ExploreState) -> list[PageLink]:
    """From the city down to where the person is; each step keeps the rest of the state."""
    area = state.area
    parent = state.city.areas.get(area.parent_id or 0) if area else None
    steps = [step for step in (parent, area) if step]
    whole_city = PageLink(state.city.name, state.url(area=None))
    return [whole_city, *(PageLink(step.name, state.url(area=step.code)) for step in steps)]


def _measure_choices(state: ExploreState, rights: frozenset[str]) -> list[MeasureChoice]:
    sets = datasets(state.city, public_only="see_data" not in rights)
    columns = [(f"{DATASET_PREFIX}{key}", name) for dataset in sets for key, name in measures(dataset)]
    return [MeasureChoice(slug, label, slug == state.measure) for slug, label in [*MEASURES.items(), *columns]]


def _report_cards(state: ExploreState, sums: FilteredSums) -> list[NumberCard]:
    whole = sums.whole
    share = formats.percent_text(whole.overdue, whole.open) if whole.open else ""
    return [
        NumberCard(
            label=_("Came in"),
            value=formats.number_text(whole.n),
            url=state.list_url(),
            icon="inbox",
            colour="blue",
        ),
        _colour_card(state, RED, whole.red, "clock"),
        _colour_card(state, YELLOW, whole.yellow, "progress"),
        NumberCard(
            label=_("Overdue"),
            value=formats.number_text(whole.overdue),
            url=state.list_url(overdue="1"),
            icon="alarm",
            colour="red",
            note=_("%(share)s of what is open") % {"share": share} if share else "",
        ),
        _colour_card(state, GREEN, whole.green, "circle-check"),
    ]


def _colour_card(state: ExploreState, colour: str, n: int, icon: str) -> NumberCard:
    return NumberCard(
        label=str(COLOUR_LABELS[colour]),
        value=formats.number_text(n),
        url=state.list_url(status=SLUG_OF_STATUS[colour]),
        icon=icon,
        colour=colour,
    )


def _filtered_median_card(sums: FilteredSums) -> NumberCard:
    """Without a link: no list shows what was resolved in the time that limits when reports came in."""
    return NumberCard(label=_("Median time"), value=str(duration_text(sums.p50)), icon="hourglass")
