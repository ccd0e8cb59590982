"""What is known about a city, as records; all of them frozen, for threads share them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from qlue.cities.calendar.week import Week
from qlue.cities.calendar.working_time import closed_days
from qlue.cities.records import AutoSettings


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
class AuthorityFacts:
    """An authority outside the city; `matters`: a text that says what it is responsible for."""

    id: int
    slug: str
    name: str
    email: str
    phone: str
    matters: str
    active: bool


@dataclass(frozen=True)
class CategoryFacts:
    """`agency_id`: the default agency; `words`: everyday words that mean this category; `form`: its special form."""

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
        """The name in the active language."""
        # A pack may leave the English name out; the name of a category is never translated by gettext.
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


# The national rule for public complaints: a first answer in 3 working days, the end of one with a field check in 60.
NATIONAL_DEADLINE = DeadlineFacts(respond_hours=24.0, resolve_hours=480.0, always=False)


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
    theme: Mapping[str, Any] = field(repr=False)
    languages: tuple[str, ...]
    open311: Mapping[str, Any] = field(repr=False)
    auto: AutoSettings = field(repr=False)
    interventions: tuple[InterventionFacts, ...] = field(repr=False)
    version: str
    week: Week = field(repr=False)
    closed_dates: frozenset[date] = field(repr=False)
    categories: Mapping[int, CategoryFacts] = field(repr=False)
    agencies: Mapping[int, AgencyFacts] = field(repr=False)
    areas: Mapping[int, AreaFacts] = field(repr=False)
    routes: Mapping[tuple[int, int], int] = field(repr=False)
    deadlines: Mapping[int | None, DeadlineFacts] = field(repr=False)
    authorities: Mapping[int, AuthorityFacts] = field(repr=False, default_factory=dict)

    @property
    def extent(self) -> float:
        """Size of the bounding box in square degrees: by it the smaller of two cities is searched first."""
        west, south, east, north = self.bounds
        return (east - west) * (north - south)

    def is_near(self, lon: float, lat: float) -> bool:
        """True when the point lies in the bounding box or about a kilometre outside."""
        # A hundredth of a degree is far more than the 100 m that `area_at` allows, and costs nothing.
        west, south, east, north = self.bounds
        return west - 0.01 <= lon <= east + 0.01 and south - 0.01 <= lat <= north + 0.01

    @property
    def timezone(self) -> str:
        """IANA name, such as Asia/Makassar."""
        return self.tz.key

    @cached_property
    def open_categories(self) -> tuple[CategoryFacts, ...]:
        """Those a new report may have, in the pack's order."""
        return tuple(category for category in self.categories.values() if category.active)

    @cached_property
    def open_agencies(self) -> tuple[AgencyFacts, ...]:
        """Those a report may go to, in the pack's order."""
        return tuple(agency for agency in self.agencies.values() if agency.active)

    @cached_property
    def kecamatan(self) -> tuple[AreaFacts, ...]:
        """Active districts by code."""
        return tuple(area for area in self.areas.values() if area.active and area.level == "kecamatan")

    @cached_property
    def kelurahan(self) -> tuple[AreaFacts, ...]:
        """Active sub-districts by code."""
        return tuple(area for area in self.areas.values() if area.active and area.level == "kelurahan")

    # Lists of old reports look slugs up row by row, so each table of slugs is built once per snapshot.
    @cached_property
    def _categories_by_slug(self) -> dict[str, CategoryFacts]:
        return {category.slug: category for category in self.categories.values()}

    @cached_property
    def _agencies_by_slug(self) -> dict[str, AgencyFacts]:
        return {agency.slug: agency for agency in self.agencies.values()}

    @cached_property
    def _areas_by_code(self) -> dict[str, AreaFacts]:
        return {area.code: area for area in self.areas.values()}

    def category(self, slug: str) -> CategoryFacts | None:
        """By slug, active or not."""
        return self._categories_by_slug.get(slug)

    def agency(self, slug: str) -> AgencyFacts | None:
        """By slug, active or not."""
        return self._agencies_by_slug.get(slug)

    def area(self, code: str) -> AreaFacts | None:
        """By Kemendagri code, active or not."""
        return self._areas_by_code.get(code)

    def is_closed(self, day: date) -> bool:
        """True on a national holiday, a joint holiday or a day that the pack closes."""
        return day in closed_days(self.country, day.year) or day in self.closed_dates
