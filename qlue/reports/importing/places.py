"""Which kelurahan thousands of points lie in, answered at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from qlue.cities.facts import CityFacts
from qlue.cities.facts.cache import places_of


def areas_at(city: CityFacts, points: Sequence[tuple[float, float]]) -> list[int | None]:
    """The area's id for each (lon, lat), as `cities.facts.area_at` would say."""
    if not points:
        return []
    held = places_of(city)
    pairs = held.tree.query(shapely.points(np.asarray(points, dtype=float)), predicate="intersects")
    lowest = _lowest(pairs, len(points))
    return [held.ids[index] if index >= 0 else held.near(*point) for index, point in zip(lowest, points, strict=True)]


def _lowest(pairs: Any, count: int) -> list[int]:
    """For each point the lowest index of the areas that hold it, -1 where none does."""
    found = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(found, pairs[0], pairs[1])
    return np.where(found == np.iinfo(np.int64).max, -1, found).tolist()  # type: ignore[no-any-return]
