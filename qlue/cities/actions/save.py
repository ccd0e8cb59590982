"""A pack's rows into their tables: by slug or code, never deleting what a report may point to."""

import json
from collections.abc import Mapping, Sequence

import shapely

from qlue.cities.models import Agency, Area, Category, City, Deadline, Outside, Route
from qlue.cities.pack.contents import AgencyRow, AreaRow, AuthorityRow, CategoryRow, DeadlineRow, RouteRow

BATCH = 500  # rows of a statement; a city's polygons make it large

Ids = Mapping[str, int]


def save_agencies(city: City, rows: Sequence[AgencyRow]) -> Ids:
    """Ids by slug."""
    agencies = [
        Agency(city=city, position=position, active=True, **_row_fields(row, "slug name short_name phone email"))
        for position, row in enumerate(rows)
    ]
    Agency.objects.bulk_create(
        agencies,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=("city", "slug"),
        update_fields=("name", "short_name", "phone", "email", "position", "active"),
    )
    ids = {agency.slug: agency.id for agency in agencies}
    # Never deleted: reports, members and the history point to it.
    Agency.objects.filter(city=city, active=True).exclude(slug__in=ids).update(active=False)
    return ids


def save_authorities(city: City, rows: Sequence[AuthorityRow]) -> None:
    """By slug; one that the pack no longer names stays, because referrals point to it."""
    authorities = [
        Outside(city=city, position=position, active=True, **_row_fields(row, "slug name email phone matters"))
        for position, row in enumerate(rows)
    ]
    Outside.objects.bulk_create(
        authorities,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=("city", "slug"),
        update_fields=("name", "email", "phone", "matters", "position", "active"),
    )
    Outside.objects.filter(city=city, active=True).exclude(slug__in=[row.slug for row in rows]).update(active=False)


def save_categories(city: City, rows: Sequence[CategoryRow], agencies: Ids) -> Ids:
    """Ids by slug; a dropped category no longer points to an agency."""
    categories = [
        Category(
            city=city,
            position=position,
            active=True,
            agency_id=agencies.get(row.agency),
            **_row_fields(row, "slug name name_en icon private words form"),
        )
        for position, row in enumerate(rows)
    ]
    Category.objects.bulk_create(
        categories,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=("city", "slug"),
        update_fields=("name", "name_en", "icon", "agency", "private", "position", "words", "form", "active"),
    )
    ids = {category.slug: category.id for category in categories}
    # Without its agency: an operator decides where reports of a dropped category go.
    Category.objects.filter(city=city, active=True).exclude(slug__in=ids).update(active=False, agency=None)
    return ids


def save_areas(city: City, rows: Sequence[AreaRow]) -> None:
    """Kecamatan first, so that kelurahan can point to them."""
    kecamatan = _save_level(city, [row for row in rows if row.level == Area.Level.KECAMATAN], {})
    kelurahan = _save_level(city, [row for row in rows if row.level == Area.Level.KELURAHAN], kecamatan)
    codes = [*kecamatan, *kelurahan]
    Area.objects.filter(city=city, active=True).exclude(code__in=codes).update(active=False)


def _save_level(city: City, rows: Sequence[AreaRow], parents: Ids) -> Ids:
    areas = [
        Area(
            city=city,
            parent_id=parents.get(row.parent),
            geometry=json.loads(shapely.to_geojson(row.polygon)),
            active=True,
            **_row_fields(row, "code name level lon lat"),
        )
        for row in rows
    ]
    Area.objects.bulk_create(
        areas,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=("city", "code"),
        update_fields=("name", "level", "parent", "lon", "lat", "geometry", "active"),
    )
    return {area.code: area.id for area in areas}


def save_routes(city: City, rows: Sequence[RouteRow], categories: Ids, agencies: Ids) -> None:
    """Nothing points to a route, so the old ones go."""
    Route.objects.filter(city=city).delete()
    # From the table, not from the pack: where earlier polygons are kept, the pack's areas were not saved.
    areas = dict(Area.objects.filter(city=city, active=True).values_list("code", "id"))
    Route.objects.bulk_create(
        Route(city=city, category_id=categories[row.category], area_id=areas[row.area], agency_id=agencies[row.agency])
        for row in rows
    )


def save_deadlines(city: City, rows: Sequence[DeadlineRow], categories: Ids) -> None:
    """Nothing points to a deadline, so the old ones go."""
    Deadline.objects.filter(city=city).delete()
    Deadline.objects.bulk_create(
        Deadline(
            city=city,
            category_id=categories.get(row.category),  # None for "*", the row for all others
            **_row_fields(row, "respond_hours resolve_hours clock"),
        )
        for row in rows
    )


def _row_fields(row: object, names: str) -> dict[str, object]:
    return {name: getattr(row, name) for name in names.split()}
