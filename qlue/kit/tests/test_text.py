"""Words from strangers: nothing unseen gets through, everything readable does."""

import pytest

from qlue.kit.text import one_line, tidy


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Jalan\trusak \r\n\r\n\r\n\r\nparah  ", "Jalan rusak\n\nparah"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("a\u200bb\ufeffc\u2066d", "abcd"),
        ("e\u0301", "\u00e9"),
        ("\x07bel\x1b[31m", "bel[31m"),
        ("\ud800x", "x"),
        ("👩‍👧 rumah", "👩‍👧 rumah"),
        ("satu\u2028dua", "satu\ndua"),
    ],
)
def test_what_cannot_be_seen_goes_and_what_can_stays(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


def test_a_line_is_one_line() -> None:
    assert one_line(" Depan\n pasar \n\n baru") == "Depan pasar baru"
