"""Bringing the database to what a pack says."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import shapely
from django.db import transaction
from django.utils.translation import gettext as _

from qlue.cities.actions.save import (
    save_agencies,
    save_areas,
    save_authorities,
    save_categories,
    save_deadlines,
    save_routes,
)
from qlue.cities.facts import clear_facts
from qlue.cities.models import Area, City
from qlue.cities.pack.contents import Bounds, PackContents, UserRow
from qlue.cities.pack.faults import PackFault
from qlue.cities.pack.read import read_pack
from qlue.kit import clock
from qlue.kit.db import fetch_all, in_city

# One loader at a time, also of different packs: each checks that nobody else has its prefix. Ends with the transaction.
LOADER_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('qlue pack load', 0))"


class FaultyPack(ValueError):
    """The pack has faults, so nothing was loaded. `faults` says where and why."""

    def __init__(self, faults: Sequence[PackFault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class LoadedPack:
    """`changed` is false when the same pack was there already. `users` are demo accounts that the caller may make."""

    city_id: int
    slug: str
    changed: bool
    notes: tuple[PackFault, ...] = ()
    users: tuple[UserRow, ...] = field(default=(), repr=False)


def load_pack(path: Path, areas: Path | None = None) -> LoadedPack:
    """Brings the database to what the pack says, in one transaction; the same pack again changes nothing.

    `areas` is a GeoJSON file with real polygons in the place of the pack's own; a later load without it keeps them
    while the pack still has only points of the same codes. What a newer pack no longer names becomes inactive.
    Raises FaultyPack.
    """
    reading = read_pack(path, areas)
    if reading.contents is None:
        raise FaultyPack(reading.faults)
    with transaction.atomic():
        fetch_all(LOADER_LOCK)
        pack = _load_contents(reading.contents, reading.notes)
    # After the commit: facts that another thread reads before would carry the old pack for five seconds more.
    if pack.changed:
        clear_facts()
    return pack


def _load_contents(contents: PackContents, notes: tuple[PackFault, ...]) -> LoadedPack:
    current = City.objects.filter(slug=contents.city.slug).first()
    if faults := _prefix_conflicts(contents, current):
        raise FaultyPack(faults)
    earlier_areas = _earlier_areas_digest(contents, current)
    # Two digests in one column: of the pack's files, and of a file with real polygons that may have come before it.
    digest = f"{contents.digest}+{earlier_areas or contents.areas_digest}"
    users = tuple(contents.users)
    if current is not None and current.pack_digest == digest:
        return LoadedPack(current.id, current.slug, changed=False, notes=notes, users=users)
    city = _save_city(current or City(slug=contents.city.slug), contents, digest, keeps_areas=bool(earlier_areas))
    # Only now, because a new city has no id before, and the policies of its tables need one.
    with in_city(city.id), transaction.atomic():
        _save_parts(city, contents, keeps_areas=bool(earlier_areas))
    return LoadedPack(city.id, city.slug, changed=True, notes=notes, users=users)


def _prefix_conflicts(contents: PackContents, city: City | None) -> list[PackFault]:
    """What only the database knows: prefixes are for ever, because people hold report codes that begin with them."""
    prefix = contents.city.prefix
    if city is not None and city.code_prefix != prefix:
        reason = _("prefix must stay %(prefix)s: report codes that begin with it have been given out.")
        return [PackFault("city.toml", None, reason % {"prefix": city.code_prefix})]
    owner = City.objects.filter(code_prefix=prefix).exclude(slug=contents.city.slug).first()
    if owner is None:
        return []
    reason = _("prefix %(prefix)s already belongs to %(city)s.") % {"prefix": prefix, "city": owner.name}
    return [PackFault("city.toml", None, reason)]


def _earlier_areas_digest(contents: PackContents, city: City | None) -> str:
    """Digest of real polygons loaded earlier, when this pack has only a guess at the same areas; else empty."""
    if city is None or contents.areas_digest or not contents.approximate:
        return ""
    earlier = city.pack_digest.partition("+")[2]
    with in_city(city.id):
        stored_codes = set(Area.objects.filter(city=city, active=True).values_list("code", flat=True))
    # Other codes mean other areas: then the guess of today is better than the polygons of yesterday.
    return earlier if stored_codes == {row.code for row in contents.areas} else ""


def _save_city(city: City, contents: PackContents, digest: str, *, keeps_areas: bool) -> City:
    settings = contents.city
    city.name, city.province = settings.name, settings.province
    city.country, city.timezone = settings.country, settings.timezone
    city.code_prefix, city.languages = settings.prefix, settings.languages
    city.lon, city.lat, city.zoom = settings.lon, settings.lat, settings.zoom
    city.hours, city.theme, city.open311, city.auto = settings.hours, settings.theme, settings.open311, settings.auto
    city.interventions = [asdict(row) for row in contents.interventions]
    # Without agencies nobody would act: reports are kept, and go to work on the day when agencies.csv comes.
    city.joined = bool(contents.agencies)
    if not keeps_areas:
        city.areas_approximate = contents.approximate
        city.west, city.south, city.east, city.north = settings.bounds or _extent(contents)
    city.pack_digest, city.loaded_at = digest, clock.now()
    city.save()
    return city


def _extent(contents: PackContents) -> Bounds:
    west, south, east, north = shapely.total_bounds([row.polygon for row in contents.areas]).tolist()
    return west, south, east, north


def _save_parts(city: City, contents: PackContents, *, keeps_areas: bool) -> None:
    # Each table after those that it points to.
    agencies = save_agencies(city, contents.agencies)
    save_authorities(city, contents.authorities)
    categories = save_categories(city, contents.categories, agencies)
    if not keeps_areas:
        save_areas(city, contents.areas)
    save_routes(city, contents.routes, categories, agencies)
    save_deadlines(city, contents.deadlines, categories)
