"""Limits: exact within a process, a batch late between processes."""

from qlue.kit import rate
from qlue.kit.db import fetch_value
from qlue.kit.rate import Limit, spend, spend_each

HOUR = Limit(30, 3600, batch=6)


def test_so_many_and_not_one_more(db):
    assert [spend("a", HOUR) > 0 for _ in range(32)] == [False] * 30 + [True] * 2
    assert [spend("b", Limit(2, 3600)) > 0 for _ in range(3)] == [False, False, True]


def test_the_table_is_written_once_for_a_batch(db, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert not any(spend_each({"a": HOUR, "b": Limit(300, 86_400, batch=60)}) for _ in range(12))
    assert fetch_value("SELECT spent FROM kit_rate WHERE key = 'a'") == 12


def test_uses_of_other_processes_count_from_the_next_batch_on(db):
    [spend("a", HOUR) for _ in range(24)]
    rate.drop_local_counts()  # from here on this is another process
    assert [spend("a", HOUR) > 0 for _ in range(7)] == [False] * 6 + [True]


def test_a_new_period_starts_at_nothing(db, monkeypatch):
    monkeypatch.setattr("qlue.kit.rate.time.time", lambda: 7199.0)
    assert any(spend("a", HOUR) for _ in range(31))
    monkeypatch.setattr("qlue.kit.rate.time.time", lambda: 7200.0)
    assert not any(spend("a", HOUR) for _ in range(30))


def test_a_crowd_of_keys_fills_no_memory(db, monkeypatch):
    monkeypatch.setattr("qlue.kit.rate.MOST_KEYS", 50)
    for number in range(500):
        assert spend(f"k{number}", HOUR) == 0
    assert len(rate._counts) <= 51
