"""Datasets: created, described, switched to another version, removed. All in the city's scope."""

from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.text import slugify

from qlue.atlas.files.storage import table_path
from qlue.atlas.models import Dataset, Figure, Place, Version
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.timeline.actions import record_event

RESERVED_SLUGS = {"unggah", "draf", "indikator"}  # they stand in our own addresses where a slug does


def create_dataset(city: CityFacts, **fields: Any) -> Dataset:
    """Creates a dataset without a version, which nobody sees yet. `fields` are those of `Dataset`."""
    base = slugify(fields["name"])[:50] or "data"
    used_slugs = {*RESERVED_SLUGS, *Dataset.objects.filter(city_id=city.id).values_list("slug", flat=True)}
    # Two datasets may have one name; the addresses of both must stay what they are.
    slug = next(name for n in range(1, 9999) if (name := base if n == 1 else f"{base}-{n}") not in used_slugs)
    return Dataset.objects.create(city_id=city.id, slug=slug, created_at=now(), **fields)


def choose_version(*, city: CityFacts, version: Version, actor_id: int | None = None) -> None:
    """Makes an older (or again a newer) version the current one."""
    with transaction.atomic():
        # The lock makes two people's choices follow each other, so that each event names what it changed.
        dataset = Dataset.objects.select_for_update().get(city_id=city.id, pk=version.dataset_id)
        if version.number is None or dataset.current_id == version.id:
            return
        dataset.current = version
        dataset.save(update_fields=["current"])
        record_dataset_event(city, "dataset_version_chosen", dataset, version, actor_id)


def describe_dataset(*, city: CityFacts, dataset: Dataset, actor_id: int | None = None, **fields: Any) -> None:
    """Changes a dataset's name, unit, source, or who sees it."""
    with transaction.atomic():
        changes = {name: value for name, value in fields.items() if getattr(dataset, name) != value}
        # Saving a form without a change is no event.
        if not changes:
            return
        Dataset.objects.filter(city_id=city.id, pk=dataset.pk).update(**changes)
        record_dataset_event(city, "dataset_described", dataset, dataset.current, actor_id, changed=sorted(changes))


def remove_dataset(*, city: CityFacts, dataset: Dataset, actor_id: int | None = None) -> None:
    """Removes a dataset for good, with all its versions and their files."""
    paths = [table_path(version) for version in Version.objects.filter(city_id=city.id, dataset=dataset)]
    with transaction.atomic():
        record_dataset_event(city, "dataset_removed", dataset, dataset.current, actor_id)
        # Dataset and version point to each other: this arrow goes first.
        Dataset.objects.filter(pk=dataset.pk).update(current=None)
        for model in (Figure, Place):
            model.objects.filter(city_id=city.id, version__dataset=dataset).delete()
        dataset.delete()
    # After the commit: a rollback could not bring the files back.
    for path in paths:
        default_storage.delete(path)


def record_dataset_event(
    city: CityFacts, kind: str, dataset: Dataset, version: Version | None, actor_id: int | None, **further: Any
) -> None:
    """Records what happened to a dataset; `further` joins the payload."""
    payload = {"dataset": dataset.slug, "version": version.number if version else None} | further
    record_event(
        city_id=city.id,
        kind=kind,
        actor_id=actor_id,
        actor_role="member" if actor_id else "system",
        public=False,
        data=payload,
    )
