"""What strangers cost: whose address counts as whose, places for bodies, files that are read slowly, words in logs."""

import logging
from collections.abc import Iterator
from threading import Thread

import pytest

from qlue.kit.bodies import Bodies
from qlue.kit.callers import is_own_machine, rate_limit_key
from qlue.kit.http import SlotIterator
from qlue.kit.logs import RedactSecrets
from qlue.kit.tables import escape_csv_cell, export_table


@pytest.mark.parametrize(
    ("address", "caller"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:0db8:0001:0002"),
        ("2001:db8:1:2:bbbb::2", "2001:0db8:0001:0002"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("64:ff9b::203.0.113.7", "203.0.113.7"),
        ("2002:cb00:7107::1", "203.0.113.7"),
        ("fe80::1%eth0", "fe80:0000:0000:0000"),
        ("", "unknown"),
        ("<script>", "unknown"),
    ],
)
def test_one_household_is_one_caller(address: str, caller: str) -> None:
    assert rate_limit_key(address) == caller


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False), ("10.1.2.3", False)],
)
def test_which_addresses_only_this_machine_reaches(host: str, own: bool) -> None:
    assert is_own_machine(host) is own


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_slow_senders_leave_room_for_other_addresses_and_for_readers() -> None:
    clock = Clock()
    bodies = Bodies(threads=8, clock=clock)
    slow = [bodies.enter("10.0.0.1") for _n in range(4)]
    assert all(slow)
    clock.at += 2
    assert bodies.enter("10.0.0.1") is None
    others = [bodies.enter("10.0.0.2") for _n in range(2)]
    assert all(others)  # six bodies for eight threads: two threads are left for those who only read
    clock.at += 2
    assert bodies.enter("10.0.0.3") is None
    bodies.leave(slow[0])
    assert bodies.enter("10.0.0.3") is not None


def test_quick_senders_wait_for_each_other() -> None:
    bodies = Bodies(threads=2)
    first = bodies.enter("10.0.0.1")
    came: list[object] = []
    second = Thread(target=lambda: came.append(bodies.enter("10.0.0.1")))
    second.start()
    bodies.leave(first)
    second.join(5)
    assert came
    assert came[0] is not None


def test_a_place_is_free_again_however_the_file_ends() -> None:
    freed: list[str] = []

    def pieces() -> Iterator[bytes]:
        yield b"one"
        raise OSError("the reader is gone")

    never_begun = SlotIterator(pieces(), lambda: freed.append("never begun"))
    never_begun.close()
    never_begun.close()
    broken = SlotIterator(pieces(), lambda: freed.append("broken"))
    with pytest.raises(OSError, match="gone"):
        list(broken)
    whole = SlotIterator(iter([b"one"]), lambda: freed.append("whole"))
    assert list(whole) == [b"one"]
    assert freed == ["never begun", "broken", "whole"]


def told(message: str, *words: object) -> str:
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, message, words, None)
    assert RedactSecrets().filter(record)
    return record.getMessage()


def test_no_log_keeps_what_opens_something() -> None:
    token = "0123456789abcdef" * 2
    refused = told("%s: %s", "Unprocessable Entity", f"/makassar/laporan/MKS-7K2Q9XZ/ikuti/{token}/")
    assert refused == "Unprocessable Entity: /makassar/laporan/MKS-7K2Q9XZ/ikuti/…/"
    assert token not in told(f"Gone: /makassar/otoritas/0192f0c1-0000-7000-8000-000000000000/{token}/")
    assert token not in told(f"Not Found: /makassar/foto/x/large.jpg?kunci={token}")
    assert "3-cxyz" not in told("Not Found: /akun/sandi/baru/3-cxyz-abc/")
    assert told("Not Found: /makassar/%s/", "laporan") == "Not Found: /makassar/laporan/"


@pytest.mark.parametrize("text", ["sampah;=HYPERLINK(1)", "satu\n=1+1", "a;\t@SUM(1)", "=1;=2"])
def test_no_text_begins_a_formula_in_the_middle_of_a_csv_either(text: str) -> None:
    line = b"".join(export_table("csv", [("laporan", "text")], [[text]])).decode("utf-8-sig")
    for cell in line.replace('"', "").replace("\t", ";").replace("\r\n", ";").replace("\n", ";").split(";"):
        assert not cell.startswith(("=", "+", "-", "@"))
    assert escape_csv_cell("lampu mati; jalan gelap - sejak Senin") == "lampu mati; jalan gelap - sejak Senin"
