"""The embedded server starts, survives every kind of kill, and lets the app's role do no more than it should."""

import os
import signal
import subprocess
import sys

import psycopg
import pytest

from qlue.runtime import binaries, postgres, roles

SECRET = "a secret of the test"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = postgres.start_server(tmp_path_factory.mktemp("home"))
    roles.provision_embedded(server.url("postgres", "postgres"), SECRET)
    yield server
    postgres.stop_server(server)


def query(url, statement):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row and row[0]


def postmaster(server):
    return int((server.data / "postmaster.pid").read_text().split()[0])


def test_it_listens_on_no_network_and_keeps_what_it_acknowledged(server):
    assert query(server.url(), "SHOW listen_addresses") == ""
    assert query(server.url(), "SHOW fsync") == "on"
    assert query(server.url(), "SHOW server_encoding") == "UTF8"
    assert server.socket.stat().st_mode & 0o777 == 0o700


def test_the_app_reads_and_writes_rows_and_no_more(server):
    query(server.url(), "CREATE TABLE thing (id bigint GENERATED ALWAYS AS IDENTITY, word text)")
    app = roles.app_url(server.url(), SECRET)
    query(app, "INSERT INTO thing (word) VALUES ('one')")
    assert query(app, "SELECT word FROM thing") == "one"
    for forbidden in ("CREATE TABLE other (id int)", "DROP TABLE thing", "TRUNCATE thing", "CREATE ROLE more"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            query(app, forbidden)


def test_preparing_again_changes_nothing(server):
    roles.provision_embedded(server.url("postgres", "postgres"), SECRET)
    assert query(server.url(), "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'qlue%'") == 2


def test_a_role_that_bypasses_row_security_is_refused(server):
    superuser = server.url("postgres", "postgres")
    query(superuser, "ALTER ROLE qlue_app BYPASSRLS")
    with pytest.raises(roles.RolesError, match="NOBYPASSRLS"):
        roles.provision(server.url(), SECRET)
    query(superuser, "ALTER ROLE qlue_app NOBYPASSRLS")


def test_an_owner_who_may_not_make_roles_gets_the_sql_for_its_administrator(server, monkeypatch):
    monkeypatch.setattr(roles, "APP", "qlue_other_app")
    with pytest.raises(roles.RolesError, match=r"CREATE ROLE .*qlue_other_app.* NOBYPASSRLS .*SCRAM"):
        roles.provision(server.url(), SECRET)


def test_a_second_start_joins_the_running_server(server):
    second = postgres.start_server(server.home)
    assert second.process is None
    assert query(second.url(), "SELECT 1") == 1
    postgres.stop_server(second)
    assert postgres.is_running(server)


def test_it_comes_back_after_kill_9_with_all_that_was_committed(server):
    query(server.url(), "CREATE TABLE kept AS SELECT 42 AS number")
    os.kill(postmaster(server), signal.SIGKILL)
    server.process.wait()
    assert not postgres.is_running(server)
    postgres.run_server(server)
    assert query(server.url(), "SELECT number FROM kept") == 42


def test_a_stale_pid_file_that_names_a_stranger_does_not_stop_it(server):
    server.process.kill()
    server.process.wait()
    pid_file = server.data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n" + "\n".join(pid_file.read_text().splitlines()[1:]) + "\n")
    postgres.run_server(server)
    assert query(server.url(), "SELECT 1") == 1


STARTER = """
import sys, time
from pathlib import Path
from qlue.runtime import postgres
print(postgres.start_server(Path(sys.argv[1])).process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs the kernel's parent-death signal")
def test_it_ends_with_a_starter_that_is_killed_and_the_next_one_starts(tmp_path):
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert starter.stdout
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    server = postgres.start_server(tmp_path)
    try:
        assert postmaster(server) != pid
        assert query(server.url("postgres", "postgres"), "SELECT 1") == 1
    finally:
        postgres.stop_server(server)
    assert not postgres.pids_in(server.data)


def test_a_home_with_a_long_name_still_gets_a_socket(tmp_path):
    home = tmp_path / ("long" * 25)
    home.mkdir()
    folder = binaries.socket_folder(home)
    assert len(bytes(folder)) < 91
    assert folder == binaries.socket_folder(home)
    folder.rmdir()


def test_data_of_another_version_is_refused_with_words(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(postgres.PostgresError, match=r"made by PostgreSQL 9, here is .* Upgrade"):
        postgres.start_server(tmp_path)
