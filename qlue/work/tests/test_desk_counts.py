"""The menu of people at work: their desks in groups, and how much waits at each."""

import re

import pytest

from qlue.work.actions import request_transfer
from qlue.work.tests.conftest import number


@pytest.fixture
def numbers(signed_in):
    """Desk -> number beside it, as the menu shows it to such a person."""

    def read(*who):
        answer = signed_in(*who).get("/makassar/dasbor/meja/")
        assert answer.status_code == 200
        return dict(re.findall(r'id="n-([\w-]+)" hx-swap-oob="true"\s*>(\d+\+?)?', answer.content.decode()))

    return read


def test_each_sees_what_waits_at_the_own_desks(case, numbers, makassar, member):
    case("routed", agency="dlh")
    case("routed", agency="dlh")
    case("routed", agency="pu")
    assert numbers("head", "dlh")["queue"] == "2"
    assert numbers("operator")["queue"] == "3"
    officer = numbers("officer", "dlh")
    assert officer["queue"] == "2"
    assert officer["field"] == ""
    assert "proofs" not in officer
    assert "calls" not in officer


def test_a_hand_over_waits_where_it_is_asked(case, numbers, makassar, member):
    report = number(case("routed", agency="dlh"))
    asker, other = member("head", "dlh"), makassar.agency("pu").id
    request_transfer(city=makassar, report_id=report, actor=asker, agency=other, reason="Ini saluran air")
    assert numbers("head", "pu")["handovers"] == "1"
    assert numbers("head", "dlh")["handovers"] == ""


def test_residents_have_no_such_numbers(client, db):
    assert client.get("/makassar/dasbor/meja/").status_code == 302


def test_the_menu_holds_the_desks_of_the_role_with_the_current_one_marked(signed_in):
    page = signed_in("operator").get("/makassar/kerja/perintah/").content.decode()
    menu = page[page.index('id="meja"') : page.index("</nav>", page.index('id="meja"'))]
    assert menu.count('aria-current="page"') == 1
    assert re.search(r'href="/makassar/kerja/perintah/" aria-current="page"', menu)
    assert "Kasus dan pekerjaan" in menu
    assert "/makassar/anggota/" not in menu
    assert "/makassar/anggota/" in signed_in("admin").get("/makassar/kerja/").content.decode()
    assert 'id="meja"' not in signed_in("operator").get("/").content.decode()
