"""The scope of row-level security, and the SQL that makes a table obey it.

Every tenant table has one policy: a row is visible and writable only while the connection's
setting `qlue.city` names its city, or `*` for background work that serves all cities. A fresh
connection has no scope and sees nothing, so a forgotten scope shows as an empty page, not a leak.
"""

import select
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields
from typing import Any, TypeVar

from django.db import connection
from psycopg.pq import TransactionStatus
from psycopg.rows import class_row

Record = TypeVar("Record")
SqlParams = dict[str, object]  # values of named parameters, always bound by the driver

EVERY_CITY = "*"
NO_CITY = ""
INERROR, UNKNOWN = TransactionStatus.INERROR, TransactionStatus.UNKNOWN


def tenant_policy(table: str) -> str:
    """SQL for a migration: row-level security on `table`, which has a column `city_id`.

    The settings are read in sub-selects so that PostgreSQL evaluates them once per statement, not per row.
    """
    scope = "current_setting('qlue.city', true)"
    city_of_scope = f"(SELECT CASE WHEN s ~ '^[0-9]+$' THEN s::bigint END FROM {scope} AS s)"
    condition = f"city_id = {city_of_scope} OR (SELECT {scope} = '{EVERY_CITY}')"
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY one_city ON {table} USING ({condition}) WITH CHECK ({condition});"
    )


def append_only(table: str) -> str:
    """SQL for a migration: the app's role may add rows to `table` and read them, nothing else."""
    return (
        "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'qlue_app') THEN "
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM qlue_app; END IF; END $$;"
    )


def _set_scope(scope: str) -> None:
    """Sets the scope, unless this connection has it already, as one that comes back from the pool may."""
    connection.ensure_connection()
    driver: Any = connection.connection
    if getattr(driver, "qlue_scope", None) == scope and not connection.in_atomic_block and _has_no_message(driver):
        return
    with connection.cursor() as cursor:
        # Should the statement fail, the next call must not trust the old value.
        driver.qlue_scope = None
        cursor.execute("SELECT set_config('qlue.city', %s, false)", [scope])
    # A rollback takes the setting back, so a scope set inside a transaction is not remembered.
    driver.qlue_scope = None if connection.in_atomic_block else scope


def _has_no_message(driver: Any) -> bool:
    """False when the server has sent something by itself, such as the end of the session: a statement must find out."""
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
def _scope_context(scope: str) -> Iterator[None]:
    before = fetch_all("SELECT coalesce(current_setting('qlue.city', true), '')")[0][0]
    _set_scope(scope)
    try:
        yield
    finally:
        if not _is_broken():
            _set_scope(before)


def _is_broken() -> bool:
    """True when no statement can run: after an error in a transaction, whose rollback restores the scope anyway."""
    driver = connection.connection
    return driver is None or driver.closed or driver.info.transaction_status in (INERROR, UNKNOWN)


def in_city(city_id: int) -> AbstractContextManager[None]:
    """Context: one city's rows, then back to the scope before."""
    return _scope_context(str(int(city_id)))


def every_city() -> AbstractContextManager[None]:
    """Context for background work that serves all cities: followers, jobs, imports."""
    return _scope_context(EVERY_CITY)


def columns(record: type[Any], alias: str = "") -> str:
    """The fields of a record type as a list of columns, `a, b` or `alias.a, alias.b`: each is spelled once, there."""
    prefix = f"{alias}." if alias else ""
    return ", ".join(f"{prefix}{field.name}" for field in fields(record))


def published(table: str, record: type[Any]) -> str:
    """A table as other rooms may read it: `FROM {REPORTS} AS r`, with the columns of `record` and no others.

    PostgreSQL flattens such a sub-select, so it costs nothing; renaming a column of the table changes the record alone.
    """
    return f"(SELECT {columns(record)} FROM {table})"  # noqa: S608 - both are names of ours


def fetch_records(record: type[Record], sql: str, params: Any = ()) -> list[Record]:
    """All rows of one query, each as `record`, a frozen dataclass whose fields are named like the query's columns."""
    with connection.cursor() as cursor:
        # Django hands out the driver's own cursor; what a row becomes is decided there, without a dict between.
        cursor.cursor.row_factory = class_row(record)
        cursor.execute(sql, params)
        records: list[Record] = cursor.fetchall()
    return records


def fetch_record(record: type[Record], sql: str, params: Any = ()) -> Record | None:
    """The first row as `record`, None where there is none."""
    records = fetch_records(record, sql, params)
    return records[0] if records else None


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
