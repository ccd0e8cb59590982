"""One report: what everybody sees, and who sees a private one."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from qlue.kit.db import fetch_all
from qlue.reports.actions import Actor, transition
from qlue.reports.tests.making import PROOF, handed_in, officer, resolved


def page(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return unescape(answer.content.decode())


def url(code: str) -> str:
    return f"/makassar/laporan/{code}/"


def test_the_story_is_told_by_role_and_never_by_name(client: Client, makassar: Any) -> None:
    done = resolved(makassar)
    text = page(client.get(url(done.code)))
    assert "Selesai dikerjakan Dinas Lingkungan Hidup" in text
    assert "Sudah diangkut" in text
    assert "Tenggat" in text
    assert f'href="http://testserver{url(done.code)}"' in text
    for (username,) in fetch_all("SELECT username FROM people_user"):
        assert username not in text


def test_other_spellings_lead_to_the_one_address(client: Client, makassar: Any) -> None:
    done = handed_in(makassar)
    for spelling in (done.code.lower(), done.code.partition("-")[2]):
        answer = client.get(url(spelling))
        assert (answer.status_code, answer.headers["Location"]) == (301, url(done.code))


@pytest.mark.parametrize(
    "code", ["MKS-0000000", "MKS-7K2Q9XZ", "x", "TMH-7K2Q9XZ", "MKS-IIIIIII", "%00", "😀", "a" * 500]
)
def test_an_unknown_code_is_a_friendly_404(client: Client, makassar: Any, code: str) -> None:
    assert 'name="q"' in page(client.get(url(code)), 404)


def test_a_report_of_another_city_is_not_here(client: Client, makassar: Any) -> None:
    done = handed_in(makassar)
    assert client.get(f"/tomohon/laporan/{done.code}/").status_code == 404
    assert client.get(f"/tomohon/laporan/{done.code.partition('-')[2]}/").status_code == 404


def test_a_private_report_looks_like_no_report(client: Client, makassar: Any) -> None:
    done = handed_in(makassar, private=True, words="Rahasia sekali")
    answer = client.get(url(done.code))
    unknown = client.get(url("MKS-0000000"))
    assert page(answer, 404).replace(done.code, "") == page(unknown, 404).replace("MKS-0000000", "")


def test_those_whose_work_it_is_see_it_and_the_look_is_kept(client: Client, makassar: Any) -> None:
    done = handed_in(makassar, private=True, words="Rahasia sekali", photos=PROOF)
    head = officer(makassar, "head")
    client.force_login(head.user)
    answer = client.get(url(done.code))
    assert "Rahasia sekali" in page(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    assert fetch_all("SELECT user_id, report_id, what FROM people_look") == [(head.user_id, done.id, "report")]


def test_a_field_officer_sees_no_original_photo_of_a_private_report(client: Client, makassar: Any) -> None:
    done = handed_in(makassar, private=True, photos=PROOF)
    client.force_login(officer(makassar).user)
    text = page(client.get(url(done.code)))
    assert str(PROOF[0].uuid) not in text
    assert "tidak terbuka bagi petugas lapangan" in text


def test_another_agency_does_not_see_it(client: Client, makassar: Any) -> None:
    done = handed_in(makassar, private=True)
    client.force_login(officer(makassar, "head", "pu").user)
    assert client.get(url(done.code)).status_code == 404


def test_a_merged_report_leads_to_the_one_that_stays(client: Client, makassar: Any) -> None:
    first, second = handed_in(makassar), handed_in(makassar)
    transition(
        city=makassar, report_id=second.id, verb="merge", actor=Actor(member=officer(makassar, "head")), into=first.id
    )
    text = page(client.get(url(second.code)))
    assert f'href="{url(first.code)}"' in text


def test_an_ended_report_is_not_overdue(client: Client, makassar: Any) -> None:
    done = handed_in(makassar)
    head = Actor(member=officer(makassar, "head"))
    transition(city=makassar, report_id=done.id, verb="refer_external", actor=head, reason="Jalan nasional")
    answer = client.get(url(done.code))
    assert "Jalan nasional" in page(answer)
    assert answer.context["report"].promise is None
