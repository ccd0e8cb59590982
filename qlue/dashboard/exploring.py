"""Where somebody is in the city's numbers: one state, all of it in the address, so that every tab and drill keeps it.

The reports' filter is `reports.query`'s; beside it stand `ukuran` (what areas are coloured by: a measure of reports, or
`data:<slug>`), `per=1000`, `tingkat`, `lapisan` (layers, repeated) and `tab`.
"""

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qlue.cities.facts import AreaFacts, CityFacts
from qlue.reports.query import Asked, read_query
from qlue.reports.reading import Filter

TABS: tuple[tuple[str, str | Promise, str], ...] = (
    ("wilayah", _("Map and areas"), "map"),
    ("rincian", _("Agencies and categories"), "chart-bar"),
    ("kasus", _("Cases"), "list-details"),
)
MEASURES: dict[str, str | Promise] = {
    "masuk": _("Reports that came in"),
    "terbuka": _("Not finished yet"),
    "terlambat": _("Overdue"),
    "selesai": _("Done"),
}
USUAL_MEASURE, USUAL_PERIOD = "masuk", "90"
LEVELS = ("kecamatan", "kelurahan")
FILTERS = ("status", "category", "area", "agency", "period", "since", "until", "done", "overdue", "q")
OWN = ("ukuran", "per", "tingkat", "lapisan", "tab")
DATA = "data:"


@dataclass(frozen=True)
class State:
    """Everything that the address says. `asked` always has some limit in time."""

    city: CityFacts
    asked: Asked
    measure: str = USUAL_MEASURE
    per: bool = False
    level: str = ""
    layers: tuple[str, ...] = ()
    tab: str = TABS[0][0]
    values: dict[str, str] = field(default_factory=dict)

    @property
    def filter(self) -> Filter:
        """Of reports."""
        return self.asked.for_map()

    @property
    def area(self) -> AreaFacts | None:
        """Where the person has drilled to; None is the whole city."""
        return self.city.areas.get(self.filter.area or 0)

    @property
    def shown_level(self) -> str:
        """What the map colours: kelurahan inside a kecamatan, else as asked."""
        return self.level or ("kelurahan" if self.area else "kecamatan")

    def query(self, **changes: Any) -> str:
        """The address of the same state with other values; None takes one away."""
        own = {
            "ukuran": self.measure if self.measure != USUAL_MEASURE else "",
            "per": "1000" if self.per else "",
            "tingkat": self.level,
            "lapisan": list(self.layers),
            "tab": self.tab,
        }
        said = {**self.values, **own, **changes}
        return urlencode({name: value for name, value in said.items() if value}, doseq=True, safe=":,")

    def url(self, name: str = "dashboard", **changes: Any) -> str:
        """The dashboard, or another page of the city that speaks the same language."""
        return f"{reverse(name, args=[self.city.slug])}?{self.query(**changes)}"

    def list_url(self, **changes: Any) -> str:
        """The list of the reports that are counted."""
        own: dict[str, Any] = dict.fromkeys(OWN)
        return self.url("report-list", **own, **changes)


def is_explored(params: QueryDict) -> bool:
    """True when the address asks for more than the dashboard's first page."""
    return any(params.get(name) for name in (*FILTERS, "tab", "per", "tingkat", "lapisan")) or params.get(
        "ukuran", ""
    ).startswith(DATA)


def state_of(city: CityFacts, params: QueryDict) -> State:
    """What an address says; what it says wrongly is left out and told in `asked.notices`."""
    asked = _limited(city, {name: str(params[name]) for name in FILTERS if params.get(name)})
    measure = params.get("ukuran", "")
    tab, level = params.get("tab", ""), params.get("tingkat", "")
    return State(
        city=city,
        asked=asked,
        measure=measure if measure in MEASURES or measure.startswith(DATA) else USUAL_MEASURE,
        per=params.get("per") == "1000",
        level=level if level in LEVELS else "",
        layers=tuple(dict.fromkeys(one[:60] for one in params.getlist("lapisan")[:12] if one)),
        tab=tab if tab in {slug for slug, _word, _icon in TABS} else TABS[0][0],
        values={name: value for name, value in asked.values.items() if name in FILTERS},
    )


def _limited(city: CityFacts, said: dict[str, str]) -> Asked:
    """With the usual period where nothing that was understood limits the time."""
    asked = read_query(city, said)
    if asked.filter.since or asked.filter.until or asked.filter.done_since:
        return asked
    limited = read_query(city, asked.values | {"period": USUAL_PERIOD})
    return replace(limited, notices=asked.notices)
