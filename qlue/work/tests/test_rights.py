"""Who may do what in which state: the whole table, as people meet it."""

import pytest
from django.db import transaction

from qlue.kit.clock import now
from qlue.kit.db import enter_city
from qlue.kit.ids import uuid7
from qlue.people.actions import add_user
from qlue.people.rights import RIGHTS, may
from qlue.reports.actions import ActionRefused, Actor, StoredPhoto, transition
from qlue.reports.states import COLOURS, TRANSITIONS, target_status, verbs_from
from qlue.work.tests.conftest import new_case, number

ROLES = [("officer", "dlh"), ("head", "dlh"), ("operator", ""), ("mayor", ""), ("admin", "")]
STRANGERS = [("officer", "pu"), ("head", "pu")]


def everything(city, person):
    """All that any verb asks for."""
    agency = next(one.id for one in city.open_agencies if one.slug == "pu")
    other = number(new_case(city))
    photo = StoredPhoto(uuid7(), 8, 6, None)
    return {
        "words": "Sudah selesai dikerjakan", "reason": "Karena hujan", "agency": agency, "person": person.user_id,
        "until": now().replace(year=now().year + 1), "into": other, "photo": [photo],
        "category": city.category("sanitasi").id,
    }  # fmt: skip


class Back(Exception):
    """Ends a move's transaction without a trace."""


def outcome(city, code, verb, by, given):
    try:
        with transaction.atomic():
            payload = {key: given[key] for key in (*TRANSITIONS[verb].needs, "reason") if key in given}
            raise Back(transition(city=city, report_id=number(code), verb=verb, actor=by, **payload))
    except Back as done:
        return str(done)
    except ActionRefused:
        return None


@pytest.mark.parametrize("status", COLOURS)
@pytest.mark.parametrize(("role", "agency"), ROLES + STRANGERS)
def test_a_member_can_do_exactly_what_the_two_tables_say(makassar, member, case, role, agency, status):
    who, code, dlh = member(role, agency), case(status), makassar.agency("dlh").id
    given = everything(makassar, member("officer", "dlh"))
    for verb, what in TRANSITIONS.items():
        right = may(who, verb, dlh)
        came_to = outcome(makassar, code, verb, Actor(who), given)
        if right and status in what.sources:
            assert came_to == target_status(what, status), verb
        elif came_to is not None:  # without a form's uuid: it already is there, and nothing changes
            assert right, verb
            assert came_to == status == what.target, verb


@pytest.mark.parametrize("status", COLOURS)
@pytest.mark.parametrize(("role", "agency"), ROLES)
def test_the_page_offers_exactly_what_can_be_done(signed_in, case, role, agency, status):
    page = signed_in(role, agency).get(f"/makassar/kerja/{case(status)}/")
    assert page.status_code == 200
    offered = {verb for verb in TRANSITIONS if f'/{verb}/"' in page.content.decode()}
    assert offered == {verb for verb in verbs_from(status) if verb in RIGHTS[role]}


@pytest.mark.parametrize("status", ["routed", "in_progress", "resolved"])
@pytest.mark.parametrize(("role", "agency"), STRANGERS)
def test_another_agency_can_neither_see_nor_do(signed_in, case, role, agency, status):
    client, code = signed_in(role, agency), case(status)
    page = client.get(f"/makassar/kerja/{code}/")
    assert page.status_code == 403
    assert "menumpuk" not in page.content.decode()
    for verb in TRANSITIONS:
        assert client.post(f"/makassar/kerja/{code}/{verb}/").status_code == 403
    assert code not in client.get("/makassar/kerja/?tab=dikerjakan").content.decode()


def test_a_member_of_another_city_has_no_desk_here(signed_in, case, tomohon, makassar, client):
    stranger = add_user(city=tomohon, username="orang.tomohon", role="operator", password="kata sandi untuk tes")
    client.force_login(stranger.user)
    enter_city(makassar.id)
    code = case()
    assert client.get("/makassar/kerja/").status_code == 403
    assert client.get(f"/makassar/kerja/{code}/").status_code == 403
    assert client.post(f"/makassar/kerja/{code}/reroute/").status_code == 403
    assert client.get("/tomohon/kerja/").status_code == 200
    assert client.get(f"/tomohon/kerja/{code}/").status_code == 404


def test_strangers_are_sent_to_sign_in(case, client, makassar):
    code = case()
    for path in ("", f"{code}/", "kabar/"):
        answer = client.get(f"/makassar/kerja/{path}")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/akun/masuk/?next=")
    assert client.post(f"/makassar/kerja/{code}/accept/").status_code == 302


def test_unknown_verbs_and_codes_are_not_found(signed_in, case, makassar):
    client, code = signed_in("head", "dlh"), case()
    assert client.post(f"/makassar/kerja/{code}/explode/").status_code == 404
    assert client.post(f"/makassar/kerja/{code}/lihat/diary/").status_code == 404
    for wrong in ("MKS-0000000", "not-a-code", "MKS-" + "Z" * 300):
        assert client.get(f"/makassar/kerja/{wrong}/").status_code == 404
        assert client.post(f"/makassar/kerja/{wrong}/accept/").status_code == 404


def test_acting_takes_a_post(signed_in, case):
    client, code = signed_in("head", "dlh"), case()
    for path in (*(f"{code}/{verb}/" for verb in TRANSITIONS), "terima/", f"{code}/lihat/photo/"):
        assert client.get(f"/makassar/kerja/{path}").status_code == 405
    assert client.post("/makassar/kerja/").status_code == 405


def test_a_code_typed_in_another_way_leads_to_the_case(signed_in, case):
    client, code = signed_in("head", "dlh"), case()
    assert client.get(f"/makassar/kerja/{code.lower()}/")["Location"] == f"/makassar/kerja/{code}/"
    assert client.get("/makassar/kerja/", {"q": f" {code.lower()} "})["Location"] == f"/makassar/kerja/{code}/"
