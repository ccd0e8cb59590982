"""`?format=csv|xlsx|geojson|parquet`: indicators of all areas, or one dataset, as a file."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qlue.atlas.exporting import dataset_rows, indicator_rows, outlines
from qlue.atlas.models import Shape as DatasetShape
from qlue.atlas.views.common import city_in, dataset_of, sees_all
from qlue.kit.http import problem
from qlue.kit.tables import TYPES, Column, Row, Shape, kinds, written


@require_safe
def indicators_file(request: HttpRequest, city_slug: str) -> HttpResponse:
    """A row for each kecamatan and kelurahan; members get what is not public too."""
    here = city_in(request)
    columns, rows = indicator_rows(here, member=sees_all(request))
    return _file(request, f"{here.slug}-indikator", columns, rows, areas=True)


@require_safe
def dataset_file(request: HttpRequest, city_slug: str, slug: str) -> HttpResponse:
    """What holds of one dataset."""
    here, one = city_in(request), dataset_of(request, slug)
    columns, rows = dataset_rows(here, one)
    return _file(request, f"{here.slug}-{one.slug}", columns, rows, areas=one.shape == DatasetShape.FIGURES)


def _file(request: HttpRequest, name: str, columns: list[Column], rows: Iterator[Row], *, areas: bool) -> HttpResponse:
    """At most a few thousand rows, so it is made before it is sent."""
    kind = request.GET.get("format", "csv")
    if kind not in kinds():
        return problem(400, "unknown-format", _("format must be one of: %(known)s.") % {"known": ", ".join(kinds())})
    shape = _by_code(request) if areas and kind == "geojson" else None
    answer = HttpResponse(b"".join(written(kind, columns, rows, shape)), content_type=TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    answer["Cache-Control"] = "private, max-age=0"
    return answer


def _by_code(request: HttpRequest) -> Shape:
    shapes = outlines(city_in(request))
    return lambda row: shapes.get(str(row[0]), b"null")
