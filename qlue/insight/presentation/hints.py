"""Hints as pages show them: another agency or category for a case, and what a report may repeat."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from qlue.cities.facts import CityFacts
from qlue.insight.duplicates.candidates import Duplicate
from qlue.insight.records.hints import MisroutedReport
from qlue.kit.ids import report_code
from qlue.reports.presentation.cards import report_url
from qlue.reports.states import OPEN_STATUSES


@dataclass(frozen=True)
class CategoryCorrection:
    """Another category as a button; `seen`: the id of the category that the officer saw, for the transition."""

    slug: str
    name: str
    percent: int
    seen: int


@dataclass(frozen=True)
class MisroutedCard:
    """A case of the list above the queue; agencies by short name, empty where there is none."""

    code: str
    title: str
    icon: str
    agency: str
    suggested_agency: str
    percent: int
    category: CategoryCorrection | None
    created_at: datetime


@dataclass(frozen=True)
class DuplicateCard:
    """An earlier report that may be the same; `url` is its public page."""

    code: str
    url: str
    title: str
    icon: str
    metres: int
    percent: int
    created_at: datetime
    open: bool


def confidence_percent(confidence: float) -> int:
    """A confidence for people; no model is ever wholly sure."""
    return min(99, round(100 * confidence))


def misrouted_cards(city: CityFacts, reports: Iterable[MisroutedReport]) -> list[MisroutedCard]:
    """Cases for the list above the queue."""
    return [_misrouted_card(city, report) for report in reports]


def _misrouted_card(city: CityFacts, report: MisroutedReport) -> MisroutedCard:
    category = city.categories[report.category]
    return MisroutedCard(
        code=report_code(city.code_prefix, report.report),
        title=category.label,
        icon=category.icon,
        agency=_agency_name(city, report.agency),
        suggested_agency=_agency_name(city, report.suggested_agency),
        percent=confidence_percent(report.agency_confidence),
        category=category_correction(city, category.id, report.suggested_category, report.category_confidence),
        created_at=report.created_at,
    )


def _agency_name(city: CityFacts, agency: int | None) -> str:
    return city.agencies[agency].short_name if agency else ""


def category_correction(
    city: CityFacts, current: int, suggestion: int | None, confidence: float
) -> CategoryCorrection | None:
    """None where the suggestion is no category in use, or the current one."""
    category = city.categories.get(suggestion or 0)
    if category is None or not category.active or category.id == current:
        return None
    return CategoryCorrection(category.slug, category.label, confidence_percent(confidence), current)


def duplicate_card(city: CityFacts, duplicate: Duplicate) -> DuplicateCard:
    """An earlier report that may be the same."""
    code, category = report_code(city.code_prefix, duplicate.id), city.categories[duplicate.category]
    return DuplicateCard(
        code=code,
        url=report_url(city, code),
        title=category.label,
        icon=category.icon,
        metres=duplicate.metres,
        percent=confidence_percent(duplicate.confidence),
        created_at=duplicate.created_at,
        open=duplicate.status in OPEN_STATUSES,
    )
