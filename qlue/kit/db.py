"""The scope of row-level security, and the SQL that makes a table obey it.

Every tenant table has one policy: a row is visible and writable only while the connection's
setting `qlue.city` names its city, or `*` for background work that serves all cities. A fresh
connection has no scope and sees nothing, so a forgotten scope shows as an empty page, not a leak.
"""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg.pq import TransactionStatus

EVERY_CITY = "*"
NO_CITY = ""
INERROR, UNKNOWN = TransactionStatus.INERROR, TransactionStatus.UNKNOWN


def tenant_policy(table: str) -> str:
    """SQL for a migration: row-level security on `table`, which has a column `city_id`.

    The settings are read in sub-selects so that PostgreSQL evaluates them once per statement, not per row.
    """
    scope = "current_setting('qlue.city', true)"
    its_city = f"(SELECT CASE WHEN s ~ '^[0-9]+$' THEN s::bigint END FROM {scope} AS s)"
    seen = f"city_id = {its_city} OR (SELECT {scope} = '{EVERY_CITY}')"
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY one_city ON {table} USING ({seen}) WITH CHECK ({seen});"
    )


def append_only(table: str) -> str:
    """SQL for a migration: the app's role may add rows to `table` and read them, nothing else."""
    return (
        "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'qlue_app') THEN "
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM qlue_app; END IF; END $$;"
    )


def _set_scope(scope: str) -> None:
    """Tells PostgreSQL, unless this very connection has been told the same: it comes back from the pool as it was.

    Only what was said outside of transactions is remembered, for a rollback takes the setting back with it.
    """
    connection.ensure_connection()
    driver: Any = connection.connection
    if getattr(driver, "qlue_scope", None) == scope and not connection.in_atomic_block and _is_quiet(driver):
        return
    with connection.cursor() as cursor:
        driver.qlue_scope = None
        cursor.execute("SELECT set_config('qlue.city', %s, false)", [scope])
    driver.qlue_scope = None if connection.in_atomic_block else scope


def _is_quiet(driver: Any) -> bool:
    """False when the server has sent something unasked, such as its farewell: then a statement must find out."""
    poll = select.poll()
    poll.register(driver.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    return not poll.poll(0)


def enter_city(city_id: int) -> None:
    """From here on this connection sees and writes rows of this city only."""
    _set_scope(str(int(city_id)))


def enter_no_city() -> None:
    """From here on this connection sees no tenant rows at all."""
    _set_scope(NO_CITY)


def enter_every_city() -> None:
    """From here on this connection serves all cities: for processes that do nothing else."""
    _set_scope(EVERY_CITY)


@contextmanager
def _scope(scope: str) -> Iterator[None]:
    before = fetch_all("SELECT coalesce(current_setting('qlue.city', true), '')")[0][0]
    _set_scope(scope)
    try:
        yield
    finally:
        if not _is_broken():
            _set_scope(before)


def _is_broken() -> bool:
    """After an error inside a transaction nothing runs until its end, and its roll-back takes the scope back too."""
    driver = connection.connection
    return driver is None or driver.closed or driver.info.transaction_status in (INERROR, UNKNOWN)


def in_city(city_id: int) -> Any:
    """Context: one city's rows, then back to the scope before."""
    return _scope(str(int(city_id)))


def every_city() -> Any:
    """Context for background work that serves all cities: followers, jobs, imports."""
    return _scope(EVERY_CITY)


def fetch_all(sql: str, params: Any = ()) -> list[tuple[Any, ...]]:
    """All rows of one query; `params` are always bound, never pasted."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def fetch_value(sql: str, params: Any = ()) -> Any:
    """The first column of the first row, None where there is none."""
    rows = fetch_all(sql, params)
    return rows[0][0] if rows else None


def execute(sql: str, params: Any = ()) -> int:
    """Executes one statement; returns how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)
