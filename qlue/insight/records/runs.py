"""What one part of the nightly computation hands over to be stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class NewHotspot:
    """A row of the table HotSpot without city and run; its area is that of its middle."""

    rank: int
    category_id: int | None
    area_id: int | None
    west: float
    south: float
    east: float
    north: float
    expected: float
    recent: int
    p: float
    sure: bool


@dataclass(frozen=True)
class NewForecast:
    """A row of the table Forecast without city and run; without area and category it is about the city."""

    starts: date
    mean: float
    low: float
    high: float
    before: float
    off: float | None = None
    area_id: int | None = None
    category_id: int | None = None


@dataclass(frozen=True)
class NewOption:
    """A row of the table Option without city and run; `body` is a JSON document."""

    rank: int
    intervention: str
    name: str
    category_id: int
    area_id: int | None
    basis: str
    grade: str
    weeks: int
    expected: float
    avoided: float | None
    avoided_low: float | None
    avoided_high: float | None
    cost: int | None
    body: Mapping[str, object]


@dataclass(frozen=True)
class RunOutput:
    """Rows of one table, figures about their quality as a JSON document, and a code where there are no rows."""

    rows: Sequence[NewHotspot] | Sequence[NewForecast] | Sequence[NewOption] = ()
    figures: Mapping[str, object] = field(default_factory=dict)
    problem: str = ""
