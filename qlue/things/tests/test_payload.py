"""What a device may say, and what nobody believes."""

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qlue.things.intake.payload import COPY_ROW, EPOCH, parse_payload, payload_sample
from qlue.things.tests.factories import IDENTITY

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC).timestamp()


def read(payload, received=NOW):
    """(seconds since 1970, field number, value) of each row, and the refusals."""
    taken = parse_payload(IDENTITY, payload if isinstance(payload, bytes) else json.dumps(payload).encode(), received)
    rows = [COPY_ROW.unpack(row) for row in taken.rows]
    assert {(row[2], row[10]) for row in rows} <= {(IDENTITY.id, IDENTITY.city_id)}
    return [(row[6] / 1e6 + EPOCH, row[4], row[8]) for row in rows], taken.refusals


@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("2026-11-22T07:59:00Z", NOW - 60),
        ("2026-11-22T15:59:00+08:00", NOW - 60),
        (NOW - 60, NOW - 60),
        ((NOW - 60) * 1000, NOW - 60),
        ("2026-11-22T08:04:00Z", NOW + 240),
    ],
)
def test_times_are_written_in_many_ways(at, then):
    assert read({"at": at, "level_cm": 151.5}) == ([(then, 1, 151.5)], {})


def test_without_a_time_the_moment_of_arrival_counts():
    assert read({"rain_mm": 0}) == ([(NOW, 2, 0.0)], {})


def test_values_may_stand_apart_and_messages_may_come_together():
    said = [{"ts": NOW, "values": {"level_cm": 1, "rain_mm": 2}}, {"time": NOW - 1, "battery_v": 3.7}]
    assert read(said) == ([(NOW, 1, 1.0), (NOW, 2, 2.0), (NOW - 1, 3, 3.7)], {})


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'{"level_cm": NaN}', "not-json"),
        (b'{"level_cm": 1e999}', "not-json"),
        (b"\xff\xfe{\x00", "encoding"),
        ("Pegel 12 \xb0C".encode("latin-1"), "encoding"),
        (b"", "not-json"),
        (b"[" * 60_000, "not-json"),
        (b" " * 70_000, "too-large"),
        (b"[]", "empty"),
        (b"7", "shape"),
        (b"[[1]]", "shape"),
        ({"at": NOW + 400, "level_cm": 1}, "future"),
        ({"at": "2999-01-01T00:00:00Z", "level_cm": 1}, "future"),
        ({"at": NOW - 8 * 86_400, "level_cm": 1}, "old"),
        ({"at": 0, "level_cm": 1}, "old"),
        ({"at": "2026-11-22T08:00:00", "level_cm": 1}, "time"),
        ({"at": "kemarin", "level_cm": 1}, "time"),
        ({"at": 1e300, "level_cm": 1}, "time"),
        ({"at": True, "level_cm": 1}, "time"),
        ({"level_cm": "151"}, "not-a-number"),
        ({"level_cm": None}, "not-a-number"),
        ({"level_cm": 1e9}, "out-of-range"),
        ({"level_cm": 10**400}, "out-of-range"),
        ({"suhu": 30}, "unknown-field"),
        ([{"n": "level_cm", "v": 1.5, "u": "m"}], "unit"),
        ([{"n": "level_cm", "vs": "tinggi"}], "unknown-field"),
        ([{"bn": "x:", "bver": 5}, {"n": "level_cm", "v": 1}], "senml-version"),
        ([{"bn": "x:", "bt": "now"}, {"n": "level_cm", "v": 1}], "shape"),
    ],
)
def test_what_cannot_be_believed_is_refused_with_a_reason(payload, reason):
    rows, refused = read(payload)
    assert rows == []
    assert reason in refused or (reason == "not-json" and refused == {"not-a-number": 1}), refused


def test_one_bad_value_does_not_touch_the_others():
    rows, refused = read({"at": NOW, "level_cm": 151, "rain_mm": -5, "battery_v": "penuh"})
    assert rows == [(NOW, 1, 151.0)]
    assert refused == {"out-of-range": 1, "not-a-number": 1}


def test_senml_with_base_values_and_relative_times():
    pack = [
        {"bn": "urn:dev:mac:0024befffe804ff1:", "bt": NOW, "bu": "cm", "n": "level_cm", "v": 150, "t": -10},
        {"n": "level_cm", "v": 152},
        {"n": "rain_mm", "u": "mm", "v": 0.5},
    ]
    assert read(pack) == ([(NOW - 10, 1, 150.0), (NOW, 1, 152.0), (NOW, 2, 0.5)], {})
    assert read([{"n": "rain_mm", "v": 1, "t": -60}]) == ([(NOW - 60, 2, 1.0)], {})


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["at", "values", "level_cm", "n", "bn", "v", "t", "bt", "u", "x"]), inner)
    ),
    max_leaves=12,
)


@given(st.binary(max_size=200) | json_like.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=300, deadline=None)
def test_nothing_makes_it_fall_over(payload):
    rows, refused = read(payload)
    assert all(NOW - 7 * 86_400 - 1 <= at <= NOW + 301 and -1e9 <= value <= 1e9 for at, _field, value in rows)
    assert rows or refused or payload.strip() in (b"{}",) or b"{" in payload
    assert payload_sample(payload).isascii()


def test_a_large_message_is_read_quickly():
    said = json.dumps([{"at": NOW - i, "level_cm": i} for i in range(1500)]).encode()
    started = time.perf_counter()
    rows, _refused = read(said)
    assert len(rows) == 1500 - sum(i > 1000 for i in range(1500))
    assert time.perf_counter() - started < 1
