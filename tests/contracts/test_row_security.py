"""Tenancy twice: a table with a city obeys row-level security, and the app can neither own nor bypass it."""

from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from qlue.cities.facts import city_facts
from qlue.kit.db import enter_city, enter_every_city, enter_no_city, every_city, execute, fetch_all, fetch_value

TENANT_TABLES = """
SELECT c.relname, c.relrowsecurity, EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'city_id' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
"""


def test_every_tenant_table_has_a_policy(db: None) -> None:
    found = fetch_all(TENANT_TABLES)
    assert len(found) >= 10
    assert [name for name, on, policy in found if not (on and policy)] == []


def test_the_app_owns_nothing_and_bypasses_nothing(db: None) -> None:
    assert fetch_value("SELECT current_user") == "qlue_app"
    assert fetch_all("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user") == [
        (False, False, False)
    ]
    assert fetch_value("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = 'qlue_app'") == 0


def test_without_a_scope_nothing_is_seen(makassar: Any) -> None:
    assert fetch_value("SELECT count(*) FROM cities_area") > 100
    enter_no_city()
    assert fetch_value("SELECT count(*) FROM cities_area") == 0


def test_another_city_is_neither_seen_nor_written(makassar: Any) -> None:
    tomohon = city_facts("tomohon")
    assert tomohon
    assert fetch_value("SELECT count(*) FROM cities_area WHERE city_id = %s", [tomohon.id]) == 0
    assert execute("UPDATE cities_agency SET name = 'x' WHERE city_id = %s", [tomohon.id]) == 0
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        execute(
            "INSERT INTO timeline_happening (city_id, kind, data, public, actor_role) VALUES (%s, 'x', '{}', true, '')",
            [tomohon.id],
        )


def test_a_scope_that_is_no_number_sees_nothing(makassar: Any) -> None:
    for scope in ("1 OR 1=1", "'; --", "all", "-1"):
        execute("SELECT set_config('qlue.city', %s, false)", [scope])
        assert fetch_value("SELECT count(*) FROM cities_area") == 0
    enter_city(makassar.id)


def test_a_scope_that_is_remembered_is_the_one_that_holds(makassar: Any) -> None:
    for enter in (enter_every_city, lambda: enter_city(makassar.id), enter_no_city, lambda: enter_city(makassar.id)):
        enter()
        enter()
    with every_city():
        assert fetch_value("SELECT count(DISTINCT city_id) FROM cities_area") > 1
    assert fetch_value("SELECT count(DISTINCT city_id) FROM cities_area") == 1
