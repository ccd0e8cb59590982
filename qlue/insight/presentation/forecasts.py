"""Next week's forecasts as tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from qlue.cities.facts import CityFacts
from qlue.insight.models import Forecast
from qlue.insight.presentation.places import area_name, public_list_url
from qlue.reports.queries.address import query_from_filter
from qlue.reports.queries.reports import ReportFilter
from qlue.web import formats


@dataclass(frozen=True)
class ForecastLine:
    """The next week of one area or category, as texts; `url`: the public list of its reports."""

    name: str
    mean: str
    span: str
    before: str
    off: str
    url: str


@dataclass(frozen=True)
class ForecastTable:
    """Forecasts under one heading; `short`: the names of the `count` units with too little history."""

    head: str
    rows: Sequence[ForecastLine]
    short: Sequence[str] = ()
    count: int = 0


def forecast_rows(city: CityFacts, forecasts: Iterable[Forecast], most: int = 10) -> list[ForecastLine]:
    """Where, or of which kind, most is expected next week."""
    order = sorted(forecasts, key=lambda forecast: -forecast.mean)[:most]
    return [
        ForecastLine(
            name=_forecast_name(city, forecast),
            mean=formats.number_text(forecast.mean, 1),
            span=f"{formats.number_text(forecast.low, 1)}–{formats.number_text(forecast.high, 1)}",
            before=formats.number_text(forecast.before, 1),
            off=formats.number_text(forecast.off, 1) if forecast.off is not None else "–",
            url=public_list_url(city, query_from_filter(city, _forecast_filter(forecast))),
        )
        for forecast in order
        if forecast.mean > 0
    ]


def _forecast_name(city: CityFacts, forecast: Forecast) -> str:
    if forecast.category_id:
        return city.categories[forecast.category_id].label
    return area_name(city, forecast.area_id)


def _forecast_filter(forecast: Forecast) -> ReportFilter:
    return ReportFilter(area=forecast.area_id, category=forecast.category_id)


def forecast_tables(city: CityFacts, rows: Iterable[Forecast]) -> list[ForecastTable]:
    """Tables of the next week: by kecamatan, by category, by kelurahan; `short` names what has too little history."""
    weeks = [forecast for forecast in rows if forecast.area_id or forecast.category_id]
    if not weeks:
        return []
    by_area = {forecast.area_id: forecast for forecast in weeks if forecast.area_id}
    by_category = {forecast.category_id: forecast for forecast in weeks if forecast.category_id}
    kelurahan = [by_area[area.id] for area in city.kelurahan if area.id in by_area]
    return [
        _forecast_table(city, _("Kecamatan"), [(area.id, area.name) for area in city.kecamatan], by_area),
        _forecast_table(city, _("Category"), [(kind.id, kind.label) for kind in city.open_categories], by_category),
        # A hundred kelurahan: those without a forecast are not listed.
        ForecastTable(_("Kelurahan"), forecast_rows(city, kelurahan)),
    ]


def _forecast_table(
    city: CityFacts, head: str, units: list[tuple[int, str]], forecasts: dict[int, Forecast]
) -> ForecastTable:
    short = [name for unit, name in units if unit not in forecasts]
    rows = forecast_rows(city, [forecasts[unit] for unit, _name in units if unit in forecasts])
    return ForecastTable(head, rows, short, len(short))
