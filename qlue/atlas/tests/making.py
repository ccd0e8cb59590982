"""What the tests of this room put into the atlas without an upload."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from qlue.atlas.files.table import Table
from qlue.atlas.models import Dataset, Figure, Place, Version
from qlue.kit.clock import now


def kept(city: Any, slug: str, topic: str = "population", shape: str = "figures", **more: Any) -> Dataset:
    """A dataset with an empty first version."""
    usual = {"name": slug.title(), "created_at": now(), "public": True}
    dataset = Dataset.objects.create(city_id=city.id, slug=slug, topic=topic, shape=shape, **(usual | more))
    version = Version.objects.create(
        city_id=city.id, dataset=dataset, number=1, file_name="a.csv", kind="csv", digest="", made_at=now()
    )
    dataset.current = version
    dataset.save()
    return dataset


def figures(city: Any, slug: str, values: dict[int, float], **more: Any) -> Dataset:
    """A dataset of figures by area id."""
    dataset = kept(city, slug, **more)
    version = dataset.current_id or 0
    Figure.objects.bulk_create(
        Figure(city_id=city.id, version_id=version, area_id=area, value=value) for area, value in values.items()
    )
    return dataset


def places(city: Any, slug: str, at: list[tuple[str, int]], topic: str = "health", **more: Any) -> Dataset:
    """A dataset of places: (name, kelurahan id)."""
    dataset = kept(city, slug, topic, "places", **more)
    version = dataset.current_id or 0
    Place.objects.bulk_create(
        Place(
            city_id=city.id, version_id=version, name=name, area_id=area,
            lon=city.areas[area].lon, lat=city.areas[area].lat,
        )
        for name, area in at
    )  # fmt: skip
    return dataset


def table(text: str) -> Table:
    """Lines with semicolons between cells; the first names the columns."""
    head, *lines = [line.split(";") for line in text.strip().splitlines()]
    return Table("csv", head, [list(line) for line in lines])


def upload(data: bytes | str, name: str = "data.csv") -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)
