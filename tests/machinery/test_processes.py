"""Children are started again, stopped in time, and never left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qlue.runtime import processes
from qlue.runtime.processes import Child


def child(tmp_path, code, name="child", **more):
    return Child(name, [sys.executable, "-S", "-c", code], tmp_path / f"{name}.log", **more)


def wait_for(condition, patience=5.0):
    deadline = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)
    return found


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_dead_child_starts_again_after_a_pause_that_grows(tmp_path):
    said: list[str] = []
    dying = child(tmp_path, "raise ValueError('out of luck')")
    for pause in (0.5, 1.0):
        processes.start_child(dying)
        dying.process.wait()
        processes.poll([dying], said.append)
        assert dying.pause == pause
        assert dying.process is None
    assert "child stopped (exit code 1); starting it again in 0.5 s" in said[0]
    assert "ValueError: out of luck" in said[1]
    dying.restart_at = 0
    processes.poll([dying], said.append)
    assert dying.process is not None
    processes.stop_children([dying])


def test_a_child_that_does_not_listen_is_killed_in_the_end(tmp_path):
    deaf = child(
        tmp_path, "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    )
    deaf.patience = 0.3
    processes.start_child(deaf)
    wait_for(lambda: deaf.log.read_text())
    pid, started = deaf.process.pid, time.monotonic()
    processes.stop_children([deaf])
    assert not alive(pid)
    assert time.monotonic() - started < 2


def test_what_a_child_started_ends_with_it(tmp_path):
    code = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    parent = child(tmp_path, code)
    processes.start_child(parent)
    grandchild = int(wait_for(lambda: parent.log.read_text().strip()))
    parent.process.kill()
    parent.process.wait()
    processes.poll([parent], lambda words: None)
    wait_for(lambda: not alive(grandchild))


SUPERVISOR = """
import sys, time
from pathlib import Path
from qlue.runtime.processes import Child, start_child
child = Child("child", ["sleep", "60"], Path(sys.argv[1]))
start_child(child)
time.sleep(0.3)
print(child.process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs the kernel's parent-death signal")
def test_children_die_with_a_supervisor_that_is_killed(tmp_path):
    command = [sys.executable, "-c", SUPERVISOR, str(tmp_path / "log")]
    supervisor = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout
    pid = int(supervisor.stdout.readline())
    assert alive(pid)
    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.wait()
    wait_for(lambda: not alive(pid))


def test_a_long_log_is_moved_aside_while_the_child_writes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "LOG_LIMIT", 100)
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old " * 50)
        processes.rotate_log(log)
        writer.write(b"new")
    assert log.read_bytes() == b"new"
    assert (tmp_path / "web.1.log").read_bytes() == b"old " * 50


def test_what_a_loud_child_prints_is_heard_and_its_complaints_are_kept(tmp_path, capfd):
    loud = child(tmp_path, "import sys; print('half done'); print('odd', file=sys.stderr)", loud=True)
    processes.start_child(loud)
    loud.process.wait()
    assert capfd.readouterr().err == "half done\n"
    assert loud.log.read_text() == "odd\n"
