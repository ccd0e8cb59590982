"""Where somebody is in the city's numbers: one state, all of it in the address, so that every tab and drill keeps it.

The reports' filter is that of `reports.queries.address`; beside it stand `ukuran` (what areas are coloured by: a
measure of reports, or `data:<slug>`), `per=1000`, `tingkat`, `lapisan` (layers, repeated) and `tab`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import AreaFacts, CityFacts
from qlue.reports.queries.address import ParsedQuery, read_query
from qlue.reports.queries.reports import ReportFilter

AREAS_TAB, DETAILS_TAB, CASES_TAB = "wilayah", "rincian", "kasus"
# (word in the address, label, icon)
TABS: tuple[tuple[str, Promise, str], ...] = (
    (AREAS_TAB, _("Map and areas"), "map"),
    (DETAILS_TAB, _("Agencies and categories"), "chart-bar"),
    (CASES_TAB, _("Cases"), "list-details"),
)
MEASURES: dict[str, Promise] = {
    "masuk": _("Reports that came in"),
    "terbuka": _("Not finished yet"),
    "terlambat": _("Overdue"),
    "selesai": _("Done"),
}
USUAL_MEASURE, USUAL_PERIOD = "masuk", "90"
KECAMATAN, KELURAHAN = "kecamatan", "kelurahan"
FILTERS = ("status", "category", "area", "agency", "period", "since", "until", "done", "overdue", "q")
DATASET_PREFIX = "data:"
# `None` takes a parameter out of an address. The list, and the map's points, know nothing of the dashboard's own ones.
WITHOUT_VIEW: Mapping[str, None] = dict.fromkeys(("ukuran", "per", "tingkat", "lapisan", "tab"))
# Of what an address may say as often as it likes: nobody needs more, and each costs work.
MAX_LAYERS, MAX_LAYER_SLUG = 12, 60


@dataclass(frozen=True)
class ExploreState:
    """Everything that the address says. `parsed` always has some limit in time."""

    city: CityFacts
    parsed: ParsedQuery
    measure: str = USUAL_MEASURE
    per: bool = False
    level: str = ""
    layers: tuple[str, ...] = ()
    tab: str = AREAS_TAB
    values: dict[str, str] = field(default_factory=dict)

    @property
    def filter(self) -> ReportFilter:
        """Of reports."""
        return self.parsed.for_map()

    @property
    def area(self) -> AreaFacts | None:
        """Where the person has drilled to; None is the whole city."""
        return self.city.areas.get(self.filter.area or 0)

    @property
    def shown_level(self) -> str:
        """What the map colours: as the address says, else kelurahan inside a kecamatan and kecamatan in the city."""
        return self.level or (KELURAHAN if self.area else KECAMATAN)

    def query_string(self, **changes: str | None) -> str:
        """The address of the same state with other values; None takes one away."""
        view: dict[str, str | list[str] | None] = {
            # The usual measure is left out, so that a plain filter has a short address.
            "ukuran": self.measure if self.measure != USUAL_MEASURE else "",
            "per": "1000" if self.per else "",
            "tingkat": self.level,
            "lapisan": list(self.layers),
            "tab": self.tab,
        }
        parameters = {**self.values, **view, **changes}
        return urlencode({name: text for name, text in parameters.items() if text}, doseq=True, safe=":,")

    def url(self, name: str = "dashboard", **changes: str | None) -> str:
        """The dashboard, or another page of the city that speaks the same language."""
        return f"{reverse(name, args=[self.city.slug])}?{self.query_string(**changes)}"

    def list_url(self, **changes: str | None) -> str:
        """The list of the reports that are counted."""
        return self.url("report-list", **WITHOUT_VIEW, **changes)


def is_explored(params: QueryDict) -> bool:
    """True when the address asks for more than the dashboard's first page."""
    if any(params.get(name) for name in (*FILTERS, "tab", "per", "tingkat", "lapisan")):
        return True
    return params.get("ukuran", "").startswith(DATASET_PREFIX)


def read_explore_state(city: CityFacts, params: QueryDict) -> ExploreState:
    """What an address says; what it says wrongly is left out and told in `parsed.warnings`."""
    query = _limited_query(city, {name: str(params[name]) for name in FILTERS if params.get(name)})
    measure, level, tab = (params.get(name, "") for name in ("ukuran", "tingkat", "tab"))
    # A dataset's slug is not looked up here: where nothing has it, the map stays without colours.
    is_measure = measure in MEASURES or measure.startswith(DATASET_PREFIX)
    return ExploreState(
        city=city,
        parsed=query,
        measure=measure if is_measure else USUAL_MEASURE,
        per=params.get("per") == "1000",
        level=level if level in (KECAMATAN, KELURAHAN) else "",
        layers=_layer_slugs(params),
        tab=tab if tab in {slug for slug, _label, _icon in TABS} else AREAS_TAB,
        values={name: text for name, text in query.values.items() if name in FILTERS},
    )


def _layer_slugs(params: QueryDict) -> tuple[str, ...]:
    """Each once, in the order in which they are named: their colours depend on it."""
    slugs = params.getlist("lapisan")[:MAX_LAYERS]
    return tuple(dict.fromkeys(slug[:MAX_LAYER_SLUG] for slug in slugs if slug))


def _limited_query(city: CityFacts, values: dict[str, str]) -> ParsedQuery:
    """With the usual period where nothing that was understood limits the time: reports themselves are counted."""
    query = read_query(city, values)
    if query.filter.since or query.filter.until or query.filter.done_since:
        return query
    limited_query = read_query(city, query.values | {"period": USUAL_PERIOD})
    # The second reading sees only what the first understood, so the warnings are those of the first.
    return replace(limited_query, warnings=query.warnings)
