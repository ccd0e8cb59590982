"""The scope of row-level security is told once to a connection, and again whenever it may have been lost."""

import os
import socket
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from qlue.kit.db import enter_city, enter_no_city, every_city, fetch_value


def scope() -> str:
    return str(fetch_value("SELECT current_setting('qlue.city', true)"))


def statements(do: Callable[[], Any]) -> int:
    """How many statements it takes."""
    told: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        told.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        do()
    return len(told)


def test_the_same_scope_is_told_once(committed_db: None) -> None:
    enter_city(1)
    assert statements(lambda: enter_city(1)) == 0
    assert statements(lambda: enter_city(2)) == 1
    assert scope() == "2"
    enter_no_city()
    assert scope() == ""


def test_a_rollback_takes_the_scope_back_and_it_is_told_again(committed_db: None) -> None:
    enter_city(1)
    with transaction.atomic():
        enter_city(2)
        transaction.set_rollback(True)
    assert scope() == "1"
    assert statements(lambda: enter_city(2)) == 1
    assert scope() == "2"


def test_inside_a_transaction_it_is_always_told(committed_db: None) -> None:
    enter_city(1)
    with transaction.atomic():
        assert statements(lambda: enter_city(1)) == 1
    assert statements(lambda: enter_city(1)) == 1
    assert statements(lambda: enter_city(1)) == 0


def test_the_scope_before_comes_back(committed_db: None) -> None:
    enter_city(3)
    with every_city():
        assert scope() == "*"
    assert scope() == "3"


def test_a_dead_connection_is_noticed_though_nothing_new_is_to_be_told(committed_db: None) -> None:
    enter_city(1)
    with socket.socket(fileno=os.dup(connection.connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
    with pytest.raises(OperationalError):
        enter_city(1)
    connection.close()
