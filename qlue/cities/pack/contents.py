"""What a pack says, parsed: plain data, still without database ids."""

from dataclasses import dataclass, field
from typing import Any

import shapely


@dataclass(frozen=True)
class AgencyRow:
    slug: str
    name: str
    short_name: str
    phone: str
    email: str


@dataclass(frozen=True)
class AuthorityRow:
    """An authority outside the city; `matters`: a text that says what it is responsible for."""

    slug: str
    name: str
    email: str
    phone: str
    matters: str


@dataclass(frozen=True)
class CategoryRow:
    """`agency` is a slug, empty when an operator routes by hand; `words` are separated by ", "."""

    slug: str
    name: str
    name_en: str
    icon: str
    agency: str
    private: bool
    words: str
    form: str = ""


@dataclass(frozen=True)
class RouteRow:
    """Slugs of category and agency, code of the area."""

    category: str
    area: str
    agency: str
    line: int


@dataclass(frozen=True)
class DeadlineRow:
    """`category` is a slug, or `*` for all that have no row of their own."""

    category: str
    respond_hours: float
    resolve_hours: float
    clock: str


@dataclass(frozen=True)
class InterventionRow:
    """Something a city can do. `cost` is for one unit, `effect` the fall of reports as a share (see docs/packs.md)."""

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


@dataclass(frozen=True)
class UserRow:
    """A demo account; the people room makes it. `agency` is a slug or empty."""

    username: str
    name: str
    role: str
    agency: str
    password: str = field(repr=False)  # a log must not show it, though the passwords of a demo are public


@dataclass(frozen=True)
class AreaRow:
    """`parent` is the code of a kelurahan's kecamatan, empty without one; the point lies inside the polygon."""

    code: str
    name: str
    level: str
    parent: str
    lon: float
    lat: float
    polygon: shapely.Geometry = field(repr=False)


Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees


@dataclass(frozen=True)
class CityRow:
    """city.toml; `bounds` (west, south, east, north) is None where the areas decide."""

    slug: str
    name: str
    province: str
    country: str
    timezone: str
    prefix: str
    lon: float
    lat: float
    zoom: float
    bounds: Bounds | None
    hours: dict[str, Any]
    theme: dict[str, Any]
    languages: list[str]
    open311: dict[str, Any]
    auto: dict[str, Any]


@dataclass(frozen=True)
class PackContents:
    """A whole pack. `approximate`: the polygons are guessed from points. `digest`: of the files, and of `--areas`."""

    city: CityRow
    agencies: list[AgencyRow]
    categories: list[CategoryRow]
    routes: list[RouteRow]
    deadlines: list[DeadlineRow]
    users: list[UserRow]
    interventions: list[InterventionRow]
    areas: list[AreaRow]
    approximate: bool
    digest: str
    areas_digest: str
    authorities: list[AuthorityRow] = field(default_factory=list)
