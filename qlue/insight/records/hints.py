"""What is stored of a report's words, and what that says against the place where the report waits."""

from dataclasses import dataclass
from datetime import datetime

from qlue.kit.db import published


@dataclass(frozen=True)
class HintColumns:
    """What the models said of a new report; `twin_id`: the report that it probably repeats, `twin_sure` 0 to 1."""

    city_id: int
    report_id: int
    twin_id: int | None
    twin_sure: float | None


@dataclass(frozen=True)
class NewHint:
    """A hint to be stored, with only the best guess of each kind; `*_sure` is 0 where there is none.

    The fields are parameters of UPSERT_HINTS. `moved`: the model has routed the report by itself.
    """

    report_id: int
    agency_id: int | None
    agency_sure: float
    category_id: int | None
    category_sure: float
    twin_id: int | None
    twin_sure: float
    moved: bool


HINTS = published("insight_hint", HintColumns)


@dataclass(frozen=True)
class MisroutedReport:
    """A waiting report whose words point elsewhere; `suggested_*` is None where the hint agrees or is not confident."""

    report: int
    category: int
    agency: int | None
    suggested_agency: int | None
    agency_confidence: float
    suggested_category: int | None
    category_confidence: float
    created_at: datetime
