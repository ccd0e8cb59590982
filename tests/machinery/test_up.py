"""`qlue up` as its operator knows it: one line when it serves, it mends what dies, it leaves nothing behind.

The tests tell one story in order, on one home: each start costs seconds.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from bench.stage import free_ports

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")]


class Town:
    """A running `qlue up` and what belongs to it."""

    def __init__(self, home):
        self.home, self.port = home, free_ports()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("QLUE_")}
        self.environment = kept | {"QLUE_HOME": str(home)}

    def command(self, *words):
        return [sys.executable, "-m", "qlue.runtime.cli", *words]

    def start(self):
        words = ("up", "--port", str(self.port))
        self.errors = (self.home / "errors").open("a+")
        self.process = subprocess.Popen(
            self.command(*words), env=self.environment, stdout=subprocess.PIPE, stderr=self.errors, text=True
        )
        assert self.process.stdout
        self.ready = self.process.stdout.readline()
        return self

    def run(self, *words):
        return subprocess.run(self.command(*words), env=self.environment, capture_output=True, text=True, timeout=60)

    def members(self):
        """All processes of this home, by what their environment says; zombies have none."""
        mark = f"QLUE_HOME={self.home}".encode()
        return {
            int(path.parent.name): words(path.parent)
            for path in Path("/proc").glob("[0-9]*/environ")
            if has(path, mark)
        }

    def find(self, what):
        return min(pid for pid, line in self.members().items() if what in line)

    def serves(self):
        """True when the web answers; a page that does not exist is an answer too."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=10) as answer:
                return bool("Qlue" in answer.read().decode())
        except urllib.error.HTTPError as error:
            return error.code < 500


def has(environ, mark):
    try:
        return mark in environ.read_bytes().split(b"\0")
    except OSError:
        return False


def words(process):
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def wait_for(condition, patience=60):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except (OSError, ValueError):
            pass
        time.sleep(0.1)
    raise AssertionError("it never came true")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    town = Town(tmp_path_factory.mktemp("town")).start()
    yield town
    town.process.kill()
    town.process.wait()
    town.process.stdout.close()
    town.errors.close()


def test_it_says_ready_when_it_serves(town):
    assert town.ready == f"ready http://127.0.0.1:{town.port}/\n"
    assert town.serves()


def test_a_second_up_on_the_same_home_is_refused_by_name(town):
    refused = town.run("up", "--port", str(free_ports()))
    assert refused.returncode == 1
    assert f"qlue is already up on {town.home} (process {town.process.pid})" in refused.stderr
    assert town.serves()


def test_a_port_in_use_is_named(town, tmp_path):
    refused = Town(tmp_path)
    refused = refused.run("up", "--port", str(town.port))
    assert refused.returncode == 1
    assert f"port {town.port} of 127.0.0.1 is in use" in refused.stderr


def test_other_commands_use_the_running_database(town):
    healthy = town.run("doctor")
    assert "served at" in healthy.stdout
    assert "BAD  database" not in healthy.stdout
    assert "ok   walls between cities: in place" in healthy.stdout


@pytest.mark.parametrize("victim", ["bin/postgres ", "granian", "procrastinate"])
def test_what_is_killed_comes_back(town, victim):
    pid = town.find(victim)
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: town.find(victim) != pid)
    wait_for(lambda: town.serves())


def test_nothing_outlives_a_supervisor_that_is_killed_and_the_next_one_starts(town):
    town.process.kill()
    town.process.wait()
    wait_for(lambda: not town.members())
    town.process.stdout.close()
    assert town.start().ready.startswith("ready ")
    town.errors.seek(0)
    assert town.errors.read().count("bringing the tables up to date") == 1, "nothing had changed since"


def test_a_polite_end_stops_everything(town):
    town.process.terminate()
    assert town.process.wait(20) == 0
    assert town.members() == {}
    assert not (town.home / "postgres" / "postmaster.pid").exists()
    town.errors.seek(0)
    assert "stopping ..." in town.errors.read().splitlines()[-1]
