"""Reads Parquet, also GeoParquet's points as WKB, one batch of rows after the other."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from qlue.atlas.files.limits import MAX_COLUMNS, MAX_ROWS, MAX_UNPACKED, UnreadableFile
from qlue.kit.parts import installed

BATCH = 1_000
GEOMETRY = ("geometry", "geom", "wkb_geometry")


def read_parquet(path: Path, notes: list[str]) -> Iterator[Sequence[object]]:
    """The header, then the rows; lists and structs are left out, with a note."""
    if not installed("parquet"):
        raise UnreadableFile("absent")
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Without these limits a few bytes of metadata make Thrift allocate gigabytes.
        file = pq.ParquetFile(path, thrift_string_size_limit=1_000_000, thrift_container_size_limit=100_000)
        names = _plain_columns(file, notes)
        points = next((name for name in GEOMETRY if name in file.schema_arrow.names), "")
        yield [*(("lon", "lat") if points else ()), *names]
        for batch in file.iter_batches(BATCH, columns=[*names, points] if points else names, use_threads=False):
            columns = [batch.column(name).to_pylist() for name in names]
            coordinates = zip(*_coordinates(batch.column(points).to_pylist()), strict=True) if points else ()
            yield from map(list, zip(*coordinates, *columns, strict=True))
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise UnreadableFile("parquet", detail=type(error).__name__) from error


def _plain_columns(file: Any, notes: list[str]) -> list[str]:
    """The names of the plain columns. Raises `UnreadableFile` for a file that is too large, before anything is read."""
    import pyarrow as pa

    metadata = file.metadata
    if metadata.num_rows > MAX_ROWS:
        raise UnreadableFile("rows", most=MAX_ROWS)
    if metadata.num_columns > MAX_COLUMNS:
        raise UnreadableFile("columns", most=MAX_COLUMNS)
    if sum(metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups)) > MAX_UNPACKED:
        raise UnreadableFile("bomb")
    plain = [
        field.name for field in file.schema_arrow if not pa.types.is_nested(field.type) and field.name not in GEOMETRY
    ]
    if len(plain) < len(file.schema_arrow.names):
        notes.append("nested")
    return [name for name in plain if not pa.types.is_binary(file.schema_arrow.field(name).type)]


def _coordinates(cells: list[Any]) -> tuple[list[float | None], list[float | None]]:
    """Longitudes and latitudes of points inside of WKB geometries; None where one is broken or empty."""
    import shapely

    # On the surface, not the centroid: of a curved shape that may lie outside of it.
    shapes = shapely.from_wkb([cell if isinstance(cell, bytes) else None for cell in cells], on_invalid="ignore")
    points = shapely.point_on_surface(shapes)
    coordinates = [(None, None) if cell is None or cell.is_empty else (cell.x, cell.y) for cell in points]
    return [cell[0] for cell in coordinates], [cell[1] for cell in coordinates]
