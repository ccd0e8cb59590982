"""The shapes of what is known about a city; all frozen, shared between threads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from qlue.cities.working_time import Week, closed_days


@dataclass(frozen=True)
class AgencyFacts:
    """`active` is false when a newer pack dropped it; it is kept for old reports."""

    id: int
    slug: str
    name: str
    short_name: str
    phone: str
    email: str
    active: bool


@dataclass(frozen=True)
class OutsideFacts:
    """An authority outside the city; `matters` says in words what is theirs."""

    id: int
    slug: str
    name: str
    email: str
    phone: str
    matters: str
    active: bool


@dataclass(frozen=True)
class CategoryFacts:
    """`agency_id`: the default agency; `words`: the everyday words that mean this category; `form`: one of its own."""

    id: int
    slug: str
    name: str
    name_en: str
    icon: str
    agency_id: int | None
    private: bool
    words: tuple[str, ...]
    active: bool
    form: str = ""

    @property
    def label(self) -> str:
        """The name in the language of the moment."""
        return self.name_en if self.name_en and (get_language() or "id").startswith("en") else self.name


@dataclass(frozen=True)
class AreaFacts:
    """A kecamatan or kelurahan; `lon`/`lat` lie inside it; `parent_id` is a kelurahan's kecamatan."""

    id: int
    code: str
    name: str
    level: str
    parent_id: int | None
    lon: float
    lat: float
    active: bool


@dataclass(frozen=True)
class DeadlineFacts:
    """Hours from the report's arrival; `always` counts every hour, `working` office hours only."""

    respond_hours: float
    resolve_hours: float
    always: bool


@dataclass(frozen=True)
class InterventionFacts:
    """What the pack says a city can do; `name` and `effect` as in `cities.pack.contents.InterventionRow`."""

    slug: str
    name: str
    name_en: str
    categories: tuple[str, ...]
    scale: str
    cost: int | None
    cost_note: str
    weeks: int
    reach_m: int | None
    facility: str
    effect: float | None
    effect_low: float | None
    effect_high: float | None
    source: str
    assumptions: str


NATIONAL_DEADLINE = DeadlineFacts(respond_hours=24.0, resolve_hours=480.0, always=False)
"""Public complaints, national rule: first answer in 3 working days, complaints with a field check in 60."""


@dataclass(frozen=True, eq=False)
class CityFacts:
    """Everything about one city. The dicts hold inactive rows too, after the active ones, for old reports' names."""

    id: int
    slug: str
    name: str
    province: str
    country: str
    tz: ZoneInfo
    code_prefix: str
    lon: float
    lat: float
    zoom: float
    bounds: tuple[float, float, float, float]
    areas_approximate: bool
    joined: bool
    look: Mapping[str, Any] = field(repr=False)
    languages: tuple[str, ...]
    open311: Mapping[str, Any] = field(repr=False)
    auto: Mapping[str, Any] = field(repr=False)
    interventions: tuple[InterventionFacts, ...] = field(repr=False)
    version: str
    week: Week = field(repr=False)
    extra_closed: frozenset[date] = field(repr=False)
    categories: Mapping[int, CategoryFacts] = field(repr=False)
    agencies: Mapping[int, AgencyFacts] = field(repr=False)
    areas: Mapping[int, AreaFacts] = field(repr=False)
    routes: Mapping[tuple[int, int], int] = field(repr=False)
    deadlines: Mapping[int | None, DeadlineFacts] = field(repr=False)
    outside: Mapping[int, OutsideFacts] = field(repr=False, default_factory=dict)

    @property
    def extent(self) -> float:
        """Size of the bounding box in square degrees: the smaller city is asked first."""
        west, south, east, north = self.bounds
        return (east - west) * (north - south)

    def around(self, lon: float, lat: float) -> bool:
        """True when the point lies in the bounding box or about a kilometre outside."""
        west, south, east, north = self.bounds
        return west - 0.01 <= lon <= east + 0.01 and south - 0.01 <= lat <= north + 0.01

    @property
    def timezone(self) -> str:
        """IANA name, such as Asia/Makassar."""
        return self.tz.key

    @cached_property
    def open_categories(self) -> tuple[CategoryFacts, ...]:
        """Those a new report may have, in the pack's order."""
        return tuple(one for one in self.categories.values() if one.active)

    @cached_property
    def open_agencies(self) -> tuple[AgencyFacts, ...]:
        """Those a report may go to, in the pack's order."""
        return tuple(one for one in self.agencies.values() if one.active)

    @cached_property
    def kecamatan(self) -> tuple[AreaFacts, ...]:
        """Active districts by code."""
        return tuple(one for one in self.areas.values() if one.active and one.level == "kecamatan")

    @cached_property
    def kelurahan(self) -> tuple[AreaFacts, ...]:
        """Active sub-districts by code."""
        return tuple(one for one in self.areas.values() if one.active and one.level == "kelurahan")

    @cached_property
    def _slugs(self) -> dict[tuple[str, str], Any]:
        found: dict[tuple[str, str], Any] = {("category", one.slug): one for one in self.categories.values()}
        found |= {("agency", one.slug): one for one in self.agencies.values()}
        return found | {("area", one.code): one for one in self.areas.values()}

    def category(self, slug: str) -> CategoryFacts | None:
        """By slug, active or not."""
        found: CategoryFacts | None = self._slugs.get(("category", slug))
        return found

    def agency(self, slug: str) -> AgencyFacts | None:
        """By slug, active or not."""
        found: AgencyFacts | None = self._slugs.get(("agency", slug))
        return found

    def area(self, code: str) -> AreaFacts | None:
        """By Kemendagri code, active or not."""
        found: AreaFacts | None = self._slugs.get(("area", code))
        return found

    def closed(self, day: date) -> bool:
        """True on a national holiday, a joint holiday or a day that the pack closes."""
        return day in closed_days(self.country, day.year) or day in self.extra_closed
