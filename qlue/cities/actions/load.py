"""Bringing the database to what a pack says."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import shapely
from django.db import transaction
from django.utils.translation import gettext as _

from qlue.cities.actions.rows import (
    save_agencies,
    save_areas,
    save_categories,
    save_deadlines,
    save_outside,
    save_routes,
)
from qlue.cities.facts import forget
from qlue.cities.models import Area, City
from qlue.cities.pack.contents import Bounds, Contents, UserRow
from qlue.cities.pack.faults import Fault
from qlue.cities.pack.read import read_pack
from qlue.kit import clock
from qlue.kit.db import fetch_all, in_city

ONE_LOADER = "SELECT pg_advisory_xact_lock(hashtextextended('qlue pack load', 0))"


class FaultyPack(ValueError):
    """The pack must be mended first; nothing was loaded. `faults` says where and why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Loaded:
    """`changed` is false when the same pack was there already. `users` are demo accounts that the caller may make."""

    city_id: int
    slug: str
    changed: bool
    notes: tuple[Fault, ...] = ()
    users: tuple[UserRow, ...] = field(default=(), repr=False)


def load_pack(path: Path, areas: Path | None = None) -> Loaded:
    """Brings the database to what the pack says, in one transaction; the same pack again changes nothing.

    `areas` is a GeoJSON file with real polygons in the place of the pack's own; a later load without it keeps them
    while the pack still has only points of the same codes. What a newer pack no longer names becomes inactive.
    Raises FaultyPack.
    """
    reading = read_pack(path, areas)
    if reading.contents is None:
        raise FaultyPack(reading.faults)
    with transaction.atomic():
        fetch_all(ONE_LOADER)
        loaded = _load(reading.contents, reading.notes)
    if loaded.changed:
        forget()
    return loaded


def _load(contents: Contents, notes: tuple[Fault, ...]) -> Loaded:
    before = City.objects.filter(slug=contents.city.slug).first()
    if faults := _conflicts(contents, before):
        raise FaultyPack(faults)
    kept = _kept_areas(contents, before)
    digest = f"{contents.digest}+{kept or contents.areas_digest}"
    users = tuple(contents.users)
    if before is not None and before.pack_digest == digest:
        return Loaded(before.id, before.slug, changed=False, notes=notes, users=users)
    city = _save_city(before or City(slug=contents.city.slug), contents, digest, keeps_areas=bool(kept))
    with in_city(city.id), transaction.atomic():
        _save_parts(city, contents, keeps_areas=bool(kept))
    return Loaded(city.id, city.slug, changed=True, notes=notes, users=users)


def _conflicts(contents: Contents, city: City | None) -> list[Fault]:
    """What only the database knows: prefixes are for ever, because people hold report codes that begin with them."""
    prefix = contents.city.prefix
    if city is not None and city.code_prefix != prefix:
        reason = _("prefix must stay %(prefix)s: report codes that begin with it have been given out.")
        return [Fault("city.toml", None, reason % {"prefix": city.code_prefix})]
    other = City.objects.filter(code_prefix=prefix).exclude(slug=contents.city.slug).first()
    if other is None:
        return []
    reason = _("prefix %(prefix)s already belongs to %(city)s.") % {"prefix": prefix, "city": other.name}
    return [Fault("city.toml", None, reason)]


def _kept_areas(contents: Contents, city: City | None) -> str:
    """Digest of real polygons loaded earlier, when this pack has only a guess at the same areas; else empty."""
    if city is None or contents.areas_digest or not contents.approximate:
        return ""
    earlier = city.pack_digest.partition("+")[2]
    with in_city(city.id):
        known = set(Area.objects.filter(city=city, active=True).values_list("code", flat=True))
    return earlier if known == {row.code for row in contents.areas} else ""


def _save_city(city: City, contents: Contents, digest: str, *, keeps_areas: bool) -> City:
    said = contents.city
    city.name, city.province, city.country, city.timezone = said.name, said.province, said.country, said.timezone
    city.code_prefix, city.languages = said.prefix, said.languages
    city.lon, city.lat, city.zoom = said.lon, said.lat, said.zoom
    city.hours, city.look, city.open311, city.auto = said.hours, said.look, said.open311, said.auto
    city.interventions = [asdict(row) for row in contents.interventions]
    city.joined = bool(contents.agencies)
    if not keeps_areas:
        city.areas_approximate = contents.approximate
        city.west, city.south, city.east, city.north = said.bounds or _extent(contents)
    city.pack_digest, city.loaded_at = digest, clock.now()
    city.save()
    return city


def _extent(contents: Contents) -> Bounds:
    west, south, east, north = shapely.total_bounds([row.polygon for row in contents.areas]).tolist()
    return west, south, east, north


def _save_parts(city: City, contents: Contents, *, keeps_areas: bool) -> None:
    agencies = save_agencies(city, contents.agencies)
    save_outside(city, contents.outside)
    categories = save_categories(city, contents.categories, agencies)
    if not keeps_areas:
        save_areas(city, contents.areas)
    save_routes(city, contents.routes, categories, agencies)
    save_deadlines(city, contents.deadlines, categories)
