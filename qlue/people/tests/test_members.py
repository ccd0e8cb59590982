"""Accounts, memberships, demo people and looks."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction

from qlue.kit.db import enter_city, enter_no_city, every_city, in_city
from qlue.people.actions import add_user, change_member, load_demo_users, record_access, set_member_password
from qlue.people.models import AccessLog, Membership, User
from qlue.people.queries import access_log, agency_members, city_members, memberships_of

GOOD = "tiga kata aneh"
ROWS = [
    {"username": "petugas.dlh", "name": "Petugas DLH", "role": "officer", "agency": "dlh", "password": "demo"},
    {"username": "wali", "name": "Wali Kota", "role": "mayor", "agency": "", "password": "demo"},
]


def test_a_new_member_can_sign_in_and_belongs_to_the_agency(makassar):
    member = add_user(city=makassar, username="ani", role="officer", agency="dlh", name="Ani", password=GOOD)
    assert member.user.check_password(GOOD)
    assert member.agency_id == makassar.agency("dlh").id
    assert str(member.user) == "Ani"


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"role": "king"}, "king"),
        ({"agency": "nasa"}, "nasa"),
        ({"agency": ""}, "Makassar"),
        ({"password": "pendek"}, ""),
        ({"username": "two words"}, ""),
        ({"username": ""}, ""),
    ],
)
def test_a_wrong_member_is_refused_and_leaves_nothing(makassar, changed, word):
    wanted = {"username": "ani", "role": "officer", "agency": "dlh", "password": GOOD} | changed
    with pytest.raises(ValidationError) as wrong:
        add_user(city=makassar, **wanted)
    assert word in " ".join(wrong.value.messages)
    assert not User.objects.filter(username=wanted["username"]).exists()


def test_nobody_is_twice_a_member_of_one_city(makassar):
    add_user(city=makassar, username="ani", role="operator", password=GOOD)
    with pytest.raises(ValidationError, match="ani"):
        add_user(city=makassar, username="ani", role="mayor", password=GOOD)


def test_a_second_city_keeps_the_account_and_its_password(makassar, tomohon):
    add_user(city=makassar, username="ani", role="operator", password=GOOD)
    second = add_user(city=tomohon, username="ani", role="admin", password="another good one")
    assert second.user.check_password(GOOD)
    assert [one.role for one in memberships_of(second.user)] == ["operator", "admin"]


def test_an_administrator_gives_no_password_to_somebody_of_another_city(makassar, tomohon):
    add_user(city=tomohon, username="ani", role="admin", password="kata sandi tomohon")
    with in_city(tomohon.id):
        Membership.objects.filter(city_id=tomohon.id).update(active=False)  # on leave there, and back one day
    here = add_user(city=makassar, username="ani", role="operator")
    with pytest.raises(ValidationError):
        set_member_password(here, "kata sandi curian")
    assert User.objects.get(username="ani").check_password("kata sandi tomohon")


def test_members_of_another_city_cannot_be_seen_or_made(makassar, tomohon):
    add_user(city=makassar, username="ani", role="operator", password=GOOD)
    enter_city(tomohon.id)
    assert not Membership.objects.exists()
    assert not city_members(makassar.id)
    user = User.objects.get(username="ani")
    with pytest.raises(DatabaseError), transaction.atomic():
        Membership.objects.create(city_id=makassar.id, user=user, role="admin")
    enter_no_city()
    assert not Membership.objects.exists()


def test_an_agency_comes_exactly_with_roles_that_have_one(makassar):
    user = User.objects.create(username="ani")
    for role, agency in (("officer", None), ("mayor", makassar.agency("dlh").id)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(city_id=makassar.id, user=user, role=role, agency_id=agency)


def test_demo_people_load_twice_without_harm(makassar):
    assert load_demo_users(makassar, ROWS) == 2
    officer = User.objects.get(username="petugas.dlh")
    officer.set_password("changed by hand")
    officer.save()
    changed = [ROWS[0] | {"agency": "pu"}, ROWS[1]]
    assert load_demo_users(makassar, changed) == 0
    officer.refresh_from_db()
    assert officer.check_password("changed by hand")
    with in_city(makassar.id):
        assert Membership.objects.get(user=officer).agency_id == makassar.agency("pu").id


def test_a_crew_is_the_active_people_of_an_agency(makassar):
    load_demo_users(makassar, ROWS)
    gone = add_user(city=makassar, username="gone", role="officer", agency="dlh", password=GOOD)
    with in_city(makassar.id):
        change_member(gone, city=makassar, role="officer", agency="dlh", active=False)
        crew = agency_members(makassar.id, makassar.agency("dlh").id)
    assert "petugas.dlh" in [one.user.username for one in crew]
    assert "gone" not in [one.user.username for one in crew]


def test_a_look_is_kept_for_good(makassar):
    member = add_user(city=makassar, username="op", role="operator", password=GOOD)
    record_access(member, 4711, "reporter")
    [look] = access_log(makassar.id, 4711)
    assert (look.user, look.what) == (member.user, "reporter")
    for change in (lambda: AccessLog.objects.update(what="x"), lambda: AccessLog.objects.all().delete()):
        with pytest.raises(DatabaseError, match="permission"), transaction.atomic():
            change()


def test_command_adds_and_loads(makassar, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(GOOD + "\n"))
    said = io.StringIO()
    wanted = ["--city", "makassar", "--username", "ani", "--role", "officer", "--agency", "dlh", "--password-stdin"]
    call_command("user", "add", *wanted, stdout=said)
    assert "ani" in said.getvalue()
    assert User.objects.get(username="ani").check_password(GOOD)
    pack = tmp_path / "makassar"
    pack.mkdir()
    (pack / "users.csv").write_text("username,name,role,agency,password\nbudi,Budi,head,pu,demo\n")
    call_command("user", "load", str(pack), stdout=said)
    with every_city():
        assert Membership.objects.get(user__username="budi").role == "head"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["add", "--city", "atlantis", "--username", "a", "--role", "mayor", "--password-stdin"], "atlantis"),
        (["add", "--city", "makassar", "--username", "a", "--role", "officer", "--password-stdin"], "Makassar"),
        (["load", "/nowhere"], "users.csv"),
    ],
)
def test_command_says_what_is_wrong(makassar, monkeypatch, words, text):
    monkeypatch.setattr("sys.stdin", io.StringIO(GOOD + "\n"))
    with pytest.raises(CommandError, match=text):
        call_command("user", *words)
