from hypothesis import given
from hypothesis import strategies as st

from qlue.kit.db import fetch_value
from qlue.kit.ids import report_code, report_id, same_token, secret_token, uuid7


@given(st.integers(0, 2**35 - 1))
def test_a_code_leads_back_to_its_report(number: int) -> None:
    assert report_id(report_code("MKS", number)) == number


@given(st.text(max_size=20))
def test_any_text_is_a_code_or_none(text: str) -> None:
    found = report_id(text)
    assert found is None or 0 <= found < 2**35


def test_a_code_forgives_how_people_write() -> None:
    code = report_code("MKS", 4711)
    assert report_id(f"  {code.lower()} ") == 4711
    assert report_id(code.replace("0", "O").replace("1", "l")) == 4711


def test_postgresql_makes_the_same_codes(db: None) -> None:
    for number in (1, 2, 1000, 123_456_789, 2**34):
        assert fetch_value("SELECT report_code('TMH', %s)", [number]) == report_code("TMH", number)


def test_uuids_sort_by_time_and_say_their_version() -> None:
    first, second = uuid7(), uuid7()
    assert first.version == second.version == 7
    assert first.int >> 80 <= second.int >> 80


def test_a_token_depends_on_secret_purpose_and_subject() -> None:
    token = secret_token("s", "follow", "1")
    assert same_token(token, secret_token("s", "follow", "1"))
    others = [("t", "follow", "1"), ("s", "other", "1"), ("s", "follow", "2")]
    assert not any(same_token(token, secret_token(*other)) for other in others)
    assert not same_token("é", token)
