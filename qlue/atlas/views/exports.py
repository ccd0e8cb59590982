"""Files (`?format=csv|xlsx|geojson|parquet`) of the indicators of all areas, or of one dataset."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qlue.atlas.models import Shape as DatasetShape
from qlue.atlas.presentation.exports import area_outlines, dataset_rows, indicator_rows
from qlue.atlas.views.common import sees_private_data, visible_dataset_or_404
from qlue.cities.facts import CityRequest
from qlue.kit.http import problem
from qlue.kit.tables import MEDIA_TYPES, Column, GeometryOf, TableRow, export_kinds, export_table


@require_safe
def indicators_file(request: CityRequest, city_slug: str) -> HttpResponse:
    """A row for each kecamatan and kelurahan; members get private datasets too."""
    city = request.city
    columns, rows = indicator_rows(city, member=sees_private_data(request))
    return _table_response(request, f"{city.slug}-indikator", columns, rows, areas=True)


@require_safe
def dataset_file(request: CityRequest, city_slug: str, slug: str) -> HttpResponse:
    """The current version of one dataset."""
    city, dataset = request.city, visible_dataset_or_404(request, slug)
    columns, rows = dataset_rows(city, dataset)
    is_by_area = dataset.shape == DatasetShape.FIGURES
    return _table_response(request, f"{city.slug}-{dataset.slug}", columns, rows, areas=is_by_area)


def _table_response(
    request: CityRequest, name: str, columns: list[Column], rows: Iterator[TableRow], *, areas: bool
) -> HttpResponse:
    """The file, made before it is sent: an error then is a page and no broken file."""
    kind = request.GET.get("format", "csv")
    if kind not in export_kinds():
        message = _("format must be one of: %(known)s.") % {"known": ", ".join(export_kinds())}
        return problem(400, "unknown-format", message)
    geometry_of = _outline_of_row(request) if areas and kind == "geojson" else None
    response = HttpResponse(b"".join(export_table(kind, columns, rows, geometry_of)), content_type=MEDIA_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response["Cache-Control"] = "private, max-age=0"
    return response


def _outline_of_row(request: CityRequest) -> GeometryOf:
    shapes = area_outlines(request.city)
    return lambda row: shapes.get(str(row[0]), b"null")
