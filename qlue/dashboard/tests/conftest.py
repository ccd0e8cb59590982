"""Cities that live, counted by the roll-ups or by hand."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from qlue.cities.facts import CityFacts, city_facts
from qlue.dashboard.rollups.sources import FOLLOWER_ROLL_UPS
from qlue.kit.db import enter_city, enter_every_city, execute

ALL = [count.table for counts in FOLLOWER_ROLL_UPS.values() for count in counts]


@pytest.fixture
def empty(db: None) -> None:
    """Roll-ups without a row, whatever other tests have committed; the scope is every city."""
    enter_every_city()
    for table in ALL:
        execute(f"DELETE FROM {table}")  # noqa: S608


@pytest.fixture
def city(empty: None) -> CityFacts:
    """Makassar, nothing counted yet, its scope entered."""
    found = city_facts("makassar")
    assert found
    enter_city(found.id)
    return found


@pytest.fixture
def committed(committed_db: None, owner_url: str) -> Iterator[CityFacts]:
    """Makassar with real commits, in the scope of a follower; the roll-ups are empty before and after."""
    _truncate(owner_url)
    enter_every_city()
    found = city_facts("makassar")
    assert found
    yield found
    _truncate(owner_url)


def _truncate(owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(f"TRUNCATE {', '.join(ALL)}".encode())


@pytest.fixture
def listening(owner_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection that hears what browsers are told."""
    with psycopg.connect(owner_url, autocommit=True) as listener:
        listener.execute("LISTEN qlue_live")
        yield listener
