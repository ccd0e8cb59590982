"""Parquet, also GeoParquet's points as WKB: one batch of rows after the other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qlue.atlas.files.limits import MOST_COLUMNS, MOST_ROWS, MOST_UNPACKED, Unreadable
from qlue.kit.parts import installed

BATCH = 1_000
GEOMETRY = ("geometry", "geom", "wkb_geometry")


def read(path: Path, notes: list[str]) -> Iterator[list[Any]]:
    """A header, then the rows; lists and structs are left out, with a note."""
    if not installed("parquet"):
        raise Unreadable("absent")
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path, thrift_string_size_limit=1_000_000, thrift_container_size_limit=100_000)
        names = _names(file, notes)
        points = next((one for one in GEOMETRY if one in file.schema_arrow.names), "")
        yield [*(("lon", "lat") if points else ()), *names]
        for batch in file.iter_batches(BATCH, columns=[*names, points] if points else names, use_threads=False):
            columns = [batch.column(name).to_pylist() for name in names]
            at = zip(*_points(batch.column(points).to_pylist()), strict=True) if points else ()
            yield from map(list, zip(*at, *columns, strict=True))
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise Unreadable("parquet", detail=type(error).__name__) from error


def _names(file: Any, notes: list[str]) -> list[str]:
    """The plain columns of a file that is not too large."""
    import pyarrow as pa

    held = file.metadata
    if held.num_rows > MOST_ROWS:
        raise Unreadable("rows", most=MOST_ROWS)
    if held.num_columns > MOST_COLUMNS:
        raise Unreadable("columns", most=MOST_COLUMNS)
    if sum(held.row_group(at).total_byte_size for at in range(held.num_row_groups)) > MOST_UNPACKED:
        raise Unreadable("bomb")
    plain = [one.name for one in file.schema_arrow if not pa.types.is_nested(one.type) and one.name not in GEOMETRY]
    if len(plain) < len(file.schema_arrow.names):
        notes.append("nested")
    return [name for name in plain if not pa.types.is_binary(file.schema_arrow.field(name).type)]


def _points(cells: list[Any]) -> tuple[list[float | None], list[float | None]]:
    """Longitudes and latitudes of WKB geometries; None where one is broken or empty."""
    import shapely

    shapes = shapely.from_wkb([one if isinstance(one, bytes) else None for one in cells], on_invalid="ignore")
    inside = shapely.point_on_surface(shapes)
    at = [(None, None) if one is None or one.is_empty else (one.x, one.y) for one in inside]
    return [one[0] for one in at], [one[1] for one in at]
