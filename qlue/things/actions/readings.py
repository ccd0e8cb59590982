"""Readings handed in without a connection, for a demo's past."""

from collections.abc import Iterable

from django.db import connection, transaction

from qlue.cities.facts import CityFacts
from qlue.things.intake.store import ReadingBatch, StoredCounts, store_batch
from qlue.things.queries.devices import find_credentials


def store_messages(
    *, city: CityFacts, messages: Iterable[tuple[str, Iterable[bytes]]], received_at: float
) -> StoredCounts:
    """Messages as a device would publish them, by its key; `received_at` in seconds since 1970.

    Raises LookupError for a key that no active device has.
    """
    batch = ReadingBatch()
    for key, payloads in messages:
        credentials = find_credentials(city.slug, key)
        if credentials is None:
            raise LookupError(f"{city.slug} has no active device {key}")
        device = credentials.identity()
        for payload in payloads:
            batch.add(device, payload, received_at)
    with transaction.atomic(), connection.cursor() as cursor:
        return store_batch(cursor, batch)
