"""The snapshot behind the facts: read once per process, compared with the database at most every five seconds."""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import Error

from qlue.cities.facts.queries import kelurahan_polygons, load_cities, pack_versions
from qlue.cities.facts.records import CityFacts
from qlue.cities.geometry.kelurahan_index import KelurahanIndex, build_kelurahan_index

log = logging.getLogger(__name__)

# So long may a process serve the facts of a pack that another process has just replaced.
CHECK_SECONDS = 5.0


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All cities at one moment; `by_slug` in the order of names, `by_extent` smallest bounding box first."""

    by_id: Mapping[int, CityFacts]
    by_slug: Mapping[str, CityFacts]
    by_extent: tuple[CityFacts, ...]


class _FactsCache:
    """The facts of this process. `lock` guards every change; readers never wait once there is a snapshot."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.snapshot: Snapshot | None = None
        self.check_at = 0.0
        self.kelurahan_indexes: dict[int, tuple[str, KelurahanIndex]] = {}


_cache = _FactsCache()


def snapshot() -> Snapshot:
    """The cities as of at most five seconds ago; older only while the database does not answer.

    Raises the database's error when there is nothing to fall back on.
    """
    current = _cache.snapshot
    if current is not None and time.monotonic() < _cache.check_at:
        return current
    # Another thread refreshes: take the old snapshot rather than let every request of this process wait for it.
    if not _cache.lock.acquire(blocking=current is None):
        return current or snapshot()
    try:
        return _refresh_snapshot()
    finally:
        _cache.lock.release()


def clear_facts() -> None:
    """Makes the next call read the database: after a pack was loaded, and in tests."""
    with _cache.lock:
        _cache.check_at = 0.0
        _cache.snapshot = None
        _cache.kelurahan_indexes.clear()


def kelurahan_index(city: CityFacts) -> KelurahanIndex:
    """The tree over the city's kelurahan; read on first use, kept until the pack changes."""
    versioned_index = _cache.kelurahan_indexes.get(city.id)
    if versioned_index and versioned_index[0] == city.version:
        return versioned_index[1]
    with _cache.lock:
        # Asked again inside the lock: the thread that had it may have built this very index.
        versioned_index = _cache.kelurahan_indexes.get(city.id)
        if versioned_index is None or versioned_index[0] != city.version:
            versioned_index = (city.version, build_kelurahan_index(*kelurahan_polygons(city.id)))
            _cache.kelurahan_indexes[city.id] = versioned_index
        return versioned_index[1]


def _refresh_snapshot() -> Snapshot:
    current = _cache.snapshot
    # As above: while this thread waited for the lock, another may have refreshed.
    if current is not None and time.monotonic() < _cache.check_at:
        return current
    try:
        fresh = _next_snapshot(current)
    except Error:
        if current is None:
            raise
        log.warning("The database does not answer; the cities as last known keep serving.")
        fresh = current
    # Also after a failure: a database that is away is asked once in five seconds, not by every request.
    _cache.snapshot = fresh
    _cache.check_at = time.monotonic() + CHECK_SECONDS
    return fresh


def _next_snapshot(previous: Snapshot | None) -> Snapshot:
    # Before the contents, see `load_cities`.
    versions_by_id = pack_versions()
    previous_cities = {city.id: city for city in previous.by_id.values()} if previous else {}
    stale_versions = {
        key: version
        for key, version in versions_by_id.items()
        if key not in previous_cities or previous_cities[key].version != version
    }
    if previous is not None and not stale_versions and len(previous_cities) == len(versions_by_id):
        return previous
    reloaded_cities = load_cities(stale_versions) if stale_versions else {}
    cities = sorted(
        (reloaded_cities.get(city_id) or previous_cities[city_id] for city_id in versions_by_id),
        key=lambda city: city.name,
    )
    return Snapshot(
        by_id={city.id: city for city in cities},
        by_slug={city.slug: city for city in cities},
        by_extent=tuple(sorted(cities, key=lambda city: city.extent)),
    )
