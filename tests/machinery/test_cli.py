"""The command line finds its home, keeps its secret, and answers in words."""

import os
import subprocess
import sys

import pytest

from qlue.kit.locks import is_lock_free
from qlue.runtime import cli
from qlue.runtime import home as homes


def test_without_a_command_it_tells_what_there_is(capsys):
    assert cli.main([]) == 0
    assert "qlue [--home DIR] COMMAND" in capsys.readouterr().out


def test_the_home_may_stand_anywhere_in_the_line():
    assert cli.split_home(["--home", "/a", "pack", "load", "b"]) == ("/a", ["pack", "load", "b"])
    assert cli.split_home(["up", "--demo", "--home=/a"]) == ("/a", ["up", "--demo"])


def test_the_nearest_home_above_is_used_when_none_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("QLUE_HOME", raising=False)
    (tmp_path / ".qlue").mkdir()
    (tmp_path / ".qlue" / "secret").touch()
    below = tmp_path / "some" / "folder"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert homes.choose_home() == tmp_path / ".qlue"
    monkeypatch.setenv("QLUE_HOME", str(below))
    assert homes.choose_home() == below


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path):
    secret = homes.secret_key(tmp_path)
    assert len(secret) > 40
    assert homes.secret_key(tmp_path) == secret
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_settings_of_the_home_reach_every_command_but_the_environment_wins(tmp_path, monkeypatch):
    (tmp_path / "qlue.env").write_text("# our city\nQLUE_TEST_ONE=home\nQLUE_TEST_TWO = a=b\n")
    monkeypatch.setattr(os, "environ", {"QLUE_TEST_ONE": "environment"})
    homes.enter_home(tmp_path)
    assert os.environ["QLUE_TEST_ONE"] == "environment"
    assert os.environ["QLUE_TEST_TWO"] == "a=b"


def test_a_held_lock_names_its_holder(tmp_path):
    with (
        homes.hold_lock(tmp_path / "up.lock", "busy"),
        pytest.raises(homes.HomeError, match=rf"busy \(process {os.getpid()}\)"),
        homes.hold_lock(tmp_path / "up.lock", "busy"),
    ):
        pass
    assert is_lock_free(tmp_path / "up.lock")


def test_a_bench_that_does_not_exist_is_named(tmp_path, capsys):
    assert cli.run_bench(tmp_path, ["nonesuch"]) == 2
    assert "no bench nonesuch" in capsys.readouterr().err


def test_the_installed_command_runs_without_a_database():
    said = subprocess.run(
        [sys.executable, "-m", "qlue.runtime.cli", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert "doctor" in said
