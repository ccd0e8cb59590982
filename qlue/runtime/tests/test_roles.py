"""Database URLs keep every part, whatever a password is made of."""

from hypothesis import given
from hypothesis import strategies as st

from qlue.runtime import roles

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)


@given(WORDS, WORDS, WORDS)
def test_a_url_keeps_user_password_and_database(user, password, database):
    parts = {"user": user, "password": password, "dbname": database, "host": "db.example", "port": "5433"}
    assert roles.url_parts(roles.as_url(parts)) == parts


def test_a_socket_folder_stays_a_folder():
    parts = {"user": "qlue_owner", "dbname": "qlue", "host": "/srv/qlue/run", "port": "5432"}
    assert roles.url_parts(roles.as_url(parts)) == parts


def test_the_app_signs_in_to_the_same_database_with_a_password_of_its_own():
    url = roles.app_url("postgresql://boss:hunter2@db.example:5433/city?sslmode=require", "secret")
    parts = roles.url_parts(url)
    assert (parts["user"], parts["host"], parts["dbname"], parts["sslmode"]) == (
        "qlue_app",
        "db.example",
        "city",
        "require",
    )
    assert parts["password"] not in ("", "hunter2", "secret")
    assert url == roles.app_url("postgresql://boss:other@db.example:5433/city?sslmode=require", "secret")
