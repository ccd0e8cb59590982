"""The snapshot behind the facts: read once per process, looked at again at most every five seconds."""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import Error

from qlue.cities.facts.reading import cities_by_id, polygons_of, versions
from qlue.cities.facts.records import CityFacts
from qlue.cities.shapes import Places, places

log = logging.getLogger(__name__)

CHECK_SECONDS = 5.0


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All cities at one moment; `by_slug` in the order of names, `by_extent` smallest bounding box first."""

    by_id: Mapping[int, CityFacts]
    by_slug: Mapping[str, CityFacts]
    by_extent: tuple[CityFacts, ...]


class _Cache:
    """What this process knows. `building` guards every change; readers never wait once there is a snapshot."""

    def __init__(self) -> None:
        self.building = threading.RLock()
        self.snapshot: Snapshot | None = None
        self.look_again_at = 0.0
        self.places: dict[int, tuple[str, Places]] = {}


_cache = _Cache()


def snapshot() -> Snapshot:
    """The cities as of at most five seconds ago; older only while the database does not answer.

    Raises the database's error when there is nothing to fall back on.
    """
    held = _cache.snapshot
    if held is not None and time.monotonic() < _cache.look_again_at:
        return held
    if not _cache.building.acquire(blocking=held is None):
        return held or snapshot()
    try:
        return _look_again()
    finally:
        _cache.building.release()


def forget() -> None:
    """The next question asks the database again: after loading a pack, and in tests."""
    with _cache.building:
        _cache.look_again_at = 0.0
        _cache.snapshot = None
        _cache.places.clear()


def places_of(city: CityFacts) -> Places:
    """The tree over the city's kelurahan; read on first use, kept until the pack changes."""
    held = _cache.places.get(city.id)
    if held and held[0] == city.version:
        return held[1]
    with _cache.building:
        held = _cache.places.get(city.id)
        if held is None or held[0] != city.version:
            held = (city.version, places(*polygons_of(city.id)))
            _cache.places[city.id] = held
        return held[1]


def _look_again() -> Snapshot:
    held = _cache.snapshot
    if held is not None and time.monotonic() < _cache.look_again_at:
        return held
    try:
        fresh = _updated(held)
    except Error:
        if held is None:
            raise
        log.warning("The database does not answer; the cities as last known keep serving.")
        fresh = held
    _cache.snapshot = fresh
    _cache.look_again_at = time.monotonic() + CHECK_SECONDS
    return fresh


def _updated(held: Snapshot | None) -> Snapshot:
    now = versions()
    known = {city.id: city for city in held.by_id.values()} if held else {}
    changed = {key: version for key, version in now.items() if key not in known or known[key].version != version}
    if held is not None and not changed and len(known) == len(now):
        return held
    fresh = cities_by_id(changed) if changed else {}
    cities = sorted((fresh.get(city_id) or known[city_id] for city_id in now), key=lambda city: city.name)
    return Snapshot(
        by_id={city.id: city for city in cities},
        by_slug={city.slug: city for city in cities},
        by_extent=tuple(sorted(cities, key=lambda city: city.extent)),
    )
