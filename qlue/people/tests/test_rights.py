"""The one table of rights, and the gate in front of views."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory

from qlue.people.actions import add_user
from qlue.people.models import Membership, Role
from qlue.people.rights import RIGHTS, VERBS, may, member_required

MINE, OTHER = 7, 8
MOVES = (
    "accept",
    "assign",
    "start",
    "hold",
    "resume",
    "resolve",
    "reject",
    "reroute",
    "transfer",
    "refer_external",
    "merge",
)


def member(role, agency_id=None, active=True):
    return Membership(role=role, agency_id=agency_id, active=active)


def test_every_role_has_rights_and_nobody_else_has_any():
    assert set(RIGHTS) == set(Role.values)
    assert not any(may(None, verb) for verb in VERBS)


def test_an_unknown_verb_is_a_mistake_not_a_no():
    with pytest.raises(KeyError):
        may(member("head", MINE), "fly")


def test_officers_work_only_for_their_own_agency():
    officer = member("officer", MINE)
    assert may(officer, "resolve", MINE)
    assert not may(officer, "resolve", OTHER)
    assert not may(officer, "resolve", None)


@pytest.mark.parametrize("verb", ["see_reporter", "see_private", "assign", "reroute", "refer_external"])
def test_officers_see_no_reporter_and_pass_nothing_on(verb):
    assert not may(member("officer", MINE), verb, MINE)


def test_heads_lead_their_own_agency_only():
    head = member("head", MINE)
    assert may(head, "transfer", MINE)
    assert not may(head, "transfer", OTHER)
    assert not may(head, "reroute", MINE)  # a head asks the other agency first
    assert not may(head, "see_reporter", MINE)


def test_operators_route_for_all_agencies_and_may_call_the_reporter():
    operator = member("operator")
    assert may(operator, "reroute", OTHER)
    assert may(operator, "reroute", None)
    assert may(operator, "see_reporter", OTHER)
    assert not may(operator, "resolve", OTHER)


@pytest.mark.parametrize("role", ["mayor", "admin"])
@pytest.mark.parametrize("verb", [*MOVES, "confirm", "dispute", "see_reporter"])
def test_leadership_and_administrators_move_nothing(role, verb):
    assert not may(member(role), verb)


@pytest.mark.parametrize("role", Role.values)
def test_nobody_who_works_confirms_the_work(role):
    works = "resolve" in RIGHTS[role]
    assert not (works and "confirm" in RIGHTS[role])


def test_only_administrators_manage_people():
    assert [role for role in Role.values if "manage_users" in RIGHTS[role]] == ["admin"]


def test_who_left_may_nothing():
    assert not may(member("head", MINE, active=False), "resolve", MINE)


def gate(request, city, user, verb="see_queue"):
    request.user, request.city, request.session = user, city, {}
    return member_required(verb)(lambda request: HttpResponse("inside"))(request)


def test_gate_sends_strangers_to_sign_in_and_back(makassar):
    answer = gate(RequestFactory().get("/makassar/kerja/?status=red"), makassar, AnonymousUser())
    assert answer.status_code == 302
    assert answer.url == "/akun/masuk/?next=%2Fmakassar%2Fkerja%2F%3Fstatus%3Dred"


def test_gate_moves_the_whole_page_when_a_fragment_asks(makassar):
    came_from = {"HX-Request": "true", "HX-Current-URL": "http://testserver/makassar/kerja/"}
    answer = gate(RequestFactory().get("/makassar/kerja/x/", headers=came_from), makassar, AnonymousUser())
    assert answer["HX-Redirect"] == "/akun/masuk/?next=%2Fmakassar%2Fkerja%2F"


def test_gate_after_a_post_comes_back_to_the_page_with_the_form(makassar):
    request = RequestFactory().post(
        "/makassar/kerja/x/accept/", headers={"Referer": "http://testserver/makassar/kerja/x/"}
    )
    assert gate(request, makassar, AnonymousUser()).url.endswith("next=%2Fmakassar%2Fkerja%2Fx%2F")


def test_gate_never_comes_back_to_another_site(makassar):
    request = RequestFactory().post("/makassar/kerja/x/accept/", headers={"Referer": "https://evil.example/"})
    assert gate(request, makassar, AnonymousUser()).url.endswith("next=%2F")


def test_gate_names_who_can_help(makassar):
    add_user(city=makassar, username="bos", name="Admin Kota", role="admin", password="sepuluh-huruf")
    officer = add_user(city=makassar, username="p", role="officer", agency="dlh", password="sepuluh-huruf")
    request = RequestFactory().get("/makassar/anggota/")
    answer = gate(request, makassar, officer.user, "manage_users")
    assert answer.status_code == 403
    assert b"Admin Kota" in answer.content
    assert gate(RequestFactory().get("/"), makassar, officer.user).content == b"inside"


def test_gate_keeps_members_of_another_city_out(makassar, tomohon):
    theirs = add_user(city=tomohon, username="t", role="operator", password="sepuluh-huruf")
    assert gate(RequestFactory().get("/makassar/kerja/"), makassar, theirs.user).status_code == 403
