"""Which kelurahan thousands of points lie in, answered at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from qlue.cities.facts import CityFacts
from qlue.cities.facts.cache import kelurahan_index


def areas_at(city: CityFacts, points: Sequence[tuple[float, float]]) -> list[int | None]:
    """The area's id for each (lon, lat), as `cities.facts.area_at` would say."""
    if not points:
        return []
    place_table = kelurahan_index(city)
    pairs = place_table.tree.query(shapely.points(np.asarray(points, dtype=float)), predicate="intersects")
    lowest = _lowest(pairs, len(points))
    return [
        # Simplified polygons leave gaps at the coast and between neighbours: the nearest one within 100 m counts.
        place_table.ids[index] if index >= 0 else place_table.nearest(*point)
        for index, point in zip(lowest, points, strict=True)
    ]


def _lowest(pairs: Any, count: int) -> list[int]:
    """For each point the lowest index of the areas that hold it, -1 where none does."""
    # On a shared border the lowest index decides, as in `area_at`: an import and a form must not differ.
    lowest = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(lowest, pairs[0], pairs[1])
    return np.where(lowest == np.iinfo(np.int64).max, -1, lowest).tolist()  # type: ignore[no-any-return]
