"""A pack's rows into their tables: by slug or code, never deleting what a report may point to."""

import json
from collections.abc import Mapping, Sequence

import shapely

from qlue.cities.models import Agency, Area, Category, City, Deadline, Outside, Route
from qlue.cities.pack.contents import AgencyRow, AreaRow, CategoryRow, DeadlineRow, OutsideRow, RouteRow

BATCH = 500

Ids = Mapping[str, int]


def save_agencies(city: City, said: Sequence[AgencyRow]) -> Ids:
    """Ids by slug."""
    agencies = [
        Agency(city=city, position=at, active=True, **_fields(row, "slug name short_name phone email"))
        for at, row in enumerate(said)
    ]
    Agency.objects.bulk_create(
        agencies,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=("city", "slug"),
        update_fields=("name", "short_name", "phone", "email", "position", "active"),
    )
    ids = {one.slug: one.id for one in agencies}
    Agency.objects.filter(city=city, active=True).exclude(slug__in=ids).update(active=False)
    return ids


def save_outside(city: City, said: Sequence[OutsideRow]) -> None:
    """Known by slug; a dropped one stays for what it was asked."""
    known = [
        Outside(city=city, position=at, active=True, **_fields(row, "slug name email phone matters"))
        for at, row in enumerate(said)
    ]
    Outside.objects.bulk_create(
        known,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=("city", "slug"),
        update_fields=("name", "email", "phone", "matters", "position", "active"),
    )
    Outside.objects.filter(city=city, active=True).exclude(slug__in=[row.slug for row in said]).update(active=False)


def save_categories(city: City, said: Sequence[CategoryRow], agencies: Ids) -> Ids:
    """Ids by slug; a dropped category no longer points to an agency."""
    categories = [
        Category(
            city=city,
            position=at,
            active=True,
            agency_id=agencies.get(row.agency),
            **_fields(row, "slug name name_en icon private words form"),
        )
        for at, row in enumerate(said)
    ]
    Category.objects.bulk_create(
        categories,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=("city", "slug"),
        update_fields=("name", "name_en", "icon", "agency", "private", "position", "words", "form", "active"),
    )
    ids = {one.slug: one.id for one in categories}
    Category.objects.filter(city=city, active=True).exclude(slug__in=ids).update(active=False, agency=None)
    return ids


def save_areas(city: City, said: Sequence[AreaRow]) -> None:
    """Kecamatan first, so that kelurahan can point to them."""
    kecamatan = _save_level(city, [row for row in said if row.level == Area.Level.KECAMATAN], {})
    kelurahan = _save_level(city, [row for row in said if row.level == Area.Level.KELURAHAN], kecamatan)
    codes = [*kecamatan, *kelurahan]
    Area.objects.filter(city=city, active=True).exclude(code__in=codes).update(active=False)


def _save_level(city: City, said: Sequence[AreaRow], parents: Ids) -> Ids:
    areas = [
        Area(
            city=city,
            parent_id=parents.get(row.parent),
            geometry=json.loads(shapely.to_geojson(row.polygon)),
            active=True,
            **_fields(row, "code name level lon lat"),
        )
        for row in said
    ]
    Area.objects.bulk_create(
        areas,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=("city", "code"),
        update_fields=("name", "level", "parent", "lon", "lat", "geometry", "active"),
    )
    return {one.code: one.id for one in areas}


def save_routes(city: City, said: Sequence[RouteRow], categories: Ids, agencies: Ids) -> None:
    """Nothing points to a route, so the old ones go."""
    Route.objects.filter(city=city).delete()
    areas = dict(Area.objects.filter(city=city, active=True).values_list("code", "id"))
    Route.objects.bulk_create(
        Route(city=city, category_id=categories[row.category], area_id=areas[row.area], agency_id=agencies[row.agency])
        for row in said
    )


def save_deadlines(city: City, said: Sequence[DeadlineRow], categories: Ids) -> None:
    """Nothing points to a deadline, so the old ones go."""
    Deadline.objects.filter(city=city).delete()
    Deadline.objects.bulk_create(
        Deadline(
            city=city,
            category_id=categories.get(row.category),
            **_fields(row, "respond_hours resolve_hours clock"),
        )
        for row in said
    )


def _fields(row: object, names: str) -> dict[str, object]:
    return {name: getattr(row, name) for name in names.split()}
