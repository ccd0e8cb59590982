"""Signing in and out, passwords, and the language of the pages."""

import re

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.cache import cache
from django.utils import translation

from qlue import settings as product
from qlue.kit.db import in_city
from qlue.kit.rate import Limit
from qlue.people.accounts import adapter
from qlue.people.actions import add_user
from qlue.people.models import User

GOOD, NEW = "tiga kata aneh", "empat kata lebih aneh"
SIGN_IN = "/akun/masuk/"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()
    yield
    cache.clear()
    translation.activate("id")


@pytest.fixture
def officer(makassar):
    member = add_user(
        city=makassar, username="ani", role="officer", agency="dlh", email="ani@kota.example", name="Ani", password=GOOD
    )
    return member.user


def sign_in(client, username="ani", password=GOOD, **more):
    return client.post(SIGN_IN, {"login": username, "password": password} | more)


def test_officer_signs_in_and_stands_before_the_queue(client, officer):
    page = client.get(SIGN_IN)
    assert page.status_code == 200
    assert "Nama pengguna" in page.text
    answer = sign_in(client)
    assert answer.status_code == 302
    assert answer.url == "/makassar/kerja/"
    assert client.get("/akun/").status_code == 200


def test_mayor_stands_before_the_dashboard(client, makassar):
    add_user(city=makassar, username="wali", role="mayor", password=GOOD)
    assert sign_in(client, "wali").url == "/makassar/dasbor/"


def test_account_without_a_city_comes_to_the_front_page(client, db):
    User.objects.create_user("lepas", password=GOOD)
    assert sign_in(client, "lepas").url == "/"


def test_back_to_the_page_that_asked(client, officer):
    assert sign_in(client, next="/makassar/laporan/").url == "/makassar/laporan/"
    client.logout()
    assert sign_in(client, next="https://evil.example/").url == "/makassar/kerja/"


def test_the_form_keeps_where_to_go_after_a_mistake(client, officer):
    page = sign_in(client, password="never shown again", next="/makassar/laporan/")
    assert 'value="/makassar/laporan/"' in page.text
    assert 'value="ani"' in page.text
    assert "never shown again" not in page.text


def test_unknown_name_and_wrong_password_look_the_same(client, officer):
    def words(page):
        return re.sub(r'(csrfmiddlewaretoken" value="[^"]*)|value="(ani|nobody)"', "", page.text)

    assert words(sign_in(client, "nobody")) == words(sign_in(client, password="wrong"))


def test_the_session_cookie_is_out_of_reach_of_scripts(client, officer):
    cookie = sign_in(client).cookies[django_settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_passwords_are_kept_by_argon2():
    assert product.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_guessing_is_stopped_even_with_the_right_password_at_last(client, officer):
    for _ in range(6):
        page = sign_in(client, password="wrong")
    assert "Terlalu banyak" in page.text
    assert sign_in(client).status_code == 200
    assert "_auth_user_id" not in client.session


def test_limits_are_counted_across_processes(client, officer, monkeypatch):
    monkeypatch.setattr(adapter, "TRIES_PER_NAME", Limit(times=2, seconds=3600))
    for _ in range(2):
        sign_in(client, password="wrong")
        cache.clear()  # as another process would: allauth's own counters live in one process
    page = sign_in(client)
    assert "Terlalu banyak" in page.text


def test_nobody_locks_a_person_out_from_somewhere_else(client, officer):
    for _ in range(30):
        sign_in(client, password="wrong")
    stranger = client.post(SIGN_IN, {"login": "ani", "password": GOOD})
    assert "Terlalu banyak" in stranger.text
    at_home = client.post(SIGN_IN, {"login": "ani", "password": GOOD}, REMOTE_ADDR="203.0.113.9")
    assert at_home.status_code == 302


def test_guesses_from_many_addresses_are_stopped_too(client, officer, monkeypatch):
    monkeypatch.setattr(adapter, "TRIES_FROM_ANYWHERE", Limit(times=4, seconds=3600))
    for n in range(5):
        page = client.post(SIGN_IN, {"login": "ani", "password": "wrong"}, REMOTE_ADDR=f"203.0.113.{n}")
    assert "Terlalu banyak" in page.text


def test_nobody_signs_up(client, db):
    for page in (client.get("/akun/daftar/"), client.post("/akun/daftar/", {"username": "x", "password1": GOOD})):
        assert "Akun diberikan" in page.text
    assert not User.objects.exists()


def test_sign_out_asks_first(client, officer):
    sign_in(client)
    assert "Keluar" in client.get("/akun/keluar/").text
    assert "_auth_user_id" in client.session
    assert client.post("/akun/keluar/").status_code == 302
    assert "_auth_user_id" not in client.session


def test_who_is_switched_off_cannot_sign_in(client, officer):
    officer.is_active = False
    officer.save()
    assert sign_in(client).status_code in (200, 302)
    assert "_auth_user_id" not in client.session


def test_password_change_needs_the_old_one(client, officer):
    sign_in(client)
    url = "/akun/sandi/ganti/"
    wrong = client.post(url, {"oldpassword": "x", "password1": NEW, "password2": NEW})
    assert "bukan kata sandi Anda" in wrong.text
    short = client.post(url, {"oldpassword": GOOD, "password1": "pendek", "password2": "pendek"})
    assert "problems" in short.text
    assert client.post(url, {"oldpassword": GOOD, "password1": NEW, "password2": NEW}).status_code == 302
    officer.refresh_from_db()
    assert officer.check_password(NEW)


def test_forgotten_password_is_mended_by_mail(client, officer):
    answer = client.post("/akun/sandi/lupa/", {"email": "ani@kota.example"}, follow=True)
    assert "Periksa e-mail" in answer.text
    [letter] = mail.outbox
    link = str(letter.body).partition("http://testserver")[2].split()[0]
    form = client.get(link, follow=True)
    where = form.redirect_chain[-1][0]
    done = client.post(where, {"password1": NEW, "password2": NEW}, follow=True)
    assert "tersimpan" in done.text
    officer.refresh_from_db()
    assert officer.check_password(NEW)
    assert "tidak berlaku" in client.get(link, follow=True).text


def test_a_stranger_s_address_gets_the_same_page_and_as_much_work(client, officer):
    known = client.post("/akun/sandi/lupa/", {"email": "ani@kota.example"}, follow=True)
    unknown = client.post("/akun/sandi/lupa/", {"email": "nobody@kota.example"}, follow=True)
    assert known.redirect_chain == unknown.redirect_chain
    letters = {letter.to[0]: letter.body for letter in mail.outbox}
    assert "/akun/sandi/baru/" in letters["ani@kota.example"]
    assert "/akun/" not in letters["nobody@kota.example"]


def test_pages_are_indonesian_whatever_the_browser_wishes(client, db):
    page = client.get(SIGN_IN, headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert page["Content-Language"] == "id"
    assert "Cookie" in page["Vary"]


def test_language_of_device_wins_over_the_account_s(client, officer):
    sign_in(client)
    assert client.post("/akun/", {"language": "en"}).cookies["django_language"].value == "en"
    assert client.get("/akun/")["Content-Language"] == "en"
    client.cookies.pop("django_language")
    assert client.get("/akun/")["Content-Language"] == "en"
    client.cookies["django_language"] = "id"
    assert client.get("/akun/")["Content-Language"] == "id"
    client.cookies["django_language"] = "xx"
    assert client.get("/akun/")["Content-Language"] == "id"


def test_the_own_account_page_is_for_who_is_signed_in(client, officer):
    assert client.get("/akun/").url == "/akun/masuk/?next=%2Fakun%2F"
    sign_in(client)
    page = client.get("/akun/").text
    assert "Makassar" in page
    assert "Petugas" in page


def test_administrators_add_and_end_members(client, makassar, officer):
    add_user(city=makassar, username="bos", role="admin", password=GOOD)
    sign_in(client, "bos")
    url = "/makassar/anggota/"
    new = {"name": "Budi", "username": "budi", "role": "head", "agency": "pu", "password": NEW}
    wrong = client.post(url, new | {"agency": ""})
    assert wrong.status_code == 422
    assert 'value="budi"' in wrong.text
    assert client.post(url, new).status_code == 302
    page = client.get(url).text
    assert "Budi" in page
    member_id = page.partition('action="/makassar/anggota/')[2].partition("/")[0]
    assert client.post(f"{url}{member_id}/", {"role": "officer", "agency": "pu", "active": "0"}).status_code == 302
    assert "Berakhir" in client.get(url).text


def test_administrators_give_new_passwords_but_not_across_cities(client, makassar, tomohon, officer):
    add_user(city=makassar, username="bos", role="admin", password=GOOD)
    both = add_user(city=makassar, username="dua", role="operator", password=GOOD)
    add_user(city=tomohon, username="dua", role="admin")
    with in_city(makassar.id):
        own = officer.memberships.get()
    sign_in(client, "bos")
    for member in (own, both):
        client.post(f"/makassar/anggota/{member.id}/sandi/", {"password": NEW})
    assert User.objects.get(username="ani").check_password(NEW)
    assert User.objects.get(username="dua").check_password(GOOD)
    assert "kota lain" in client.get("/makassar/anggota/").text


def test_nobody_changes_the_own_membership(client, makassar):
    me = add_user(city=makassar, username="bos", role="admin", password=GOOD)
    sign_in(client, "bos")
    client.post(f"/makassar/anggota/{me.id}/", {"role": "mayor", "active": "0"})
    assert client.get("/makassar/anggota/").status_code == 200


def test_members_page_is_closed_to_officers_and_other_cities(client, makassar, tomohon, officer):
    sign_in(client)
    assert client.get("/makassar/anggota/").status_code == 403
    assert client.get("/tomohon/anggota/").status_code == 403
