"""Processes are watched while the demo runs, and none is left when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.launcher.crew import Crew
from demo.launcher.errors import CannotStart, ChildDied
from demo.launcher.options import ROOT
from demo.launcher.stop_signals import Stopped, StopSignals
from tests.launcher.conftest import alive, wait_until

FOREVER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
WITH_CHILD = [
    sys.executable,
    "-c",
    "import subprocess, sys, time; p = subprocess.Popen(['sleep', '600']); print(p.pid, flush=True); time.sleep(600)",
]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)",
]


def test_a_process_that_dies_is_reported_with_the_end_of_its_log(crew: Crew, env):
    crew.start("web", [sys.executable, "-c", "print('no such table: chats'); raise SystemExit(3)"], env)
    with pytest.raises(ChildDied, match=r"web ended with exit code 3(.|\n)*no such table: chats"):
        crew.watch()


def test_a_process_that_is_killed_is_reported_with_the_signal(crew: Crew, env):
    child = crew.start("worker", FOREVER, env)
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(ChildDied, match="worker ended by signal 9"):
        crew.watch()


def test_a_step_that_fails_is_reported_and_one_that_works_is_forgotten(crew: Crew, env):
    crew.run("prepare", [sys.executable, "-c", ""], env, seconds=20)
    crew.check()
    with pytest.raises(CannotStart, match=r"The step prepare failed(.|\n)*ZeroDivisionError"):
        crew.run("prepare", [sys.executable, "-c", "1 / 0"], env, seconds=20)


def test_a_step_that_hangs_is_given_up(crew: Crew, env):
    with pytest.raises(CannotStart, match="took longer"):
        crew.run("prepare", FOREVER, env, seconds=0.3)


def test_waiting_for_a_server_ends_when_it_dies_or_takes_too_long(crew: Crew, env):
    child = crew.start("slow", FOREVER, env)
    with pytest.raises(CannotStart, match="slow is not ready"):
        crew.wait_for(lambda: False, child, seconds=0.2)
    dead = crew.start("dead", [sys.executable, "-c", ""], env)
    with pytest.raises(ChildDied, match="dead ended with exit code 0"):
        crew.wait_for(lambda: False, dead, seconds=20)


def test_stopping_ends_processes_and_what_they_started(crew: Crew, env):
    parent = crew.start("parent", WITH_CHILD, env)
    wait_until(lambda: parent.log.read_text().strip())
    grandchild = int(parent.log.read_text())
    crew.stop()
    wait_until(lambda: not alive(parent.pid) and not alive(grandchild))


def test_a_second_stop_signal_does_not_wait_for_a_stubborn_process(crew: Crew, signals: StopSignals, env):
    crew.start("first", FOREVER, env)
    stubborn = crew.start("stubborn", STUBBORN, env)
    wait_until(lambda: "up" in stubborn.log.read_text())
    killer = subprocess.Popen(["sh", "-c", f"sleep 0.3; kill -TERM {os.getpid()}"])
    crew.stop()
    assert killer.wait() == 0
    assert signals.count == 1
    assert not alive(stubborn.pid)


@pytest.fixture
def hang_up() -> Iterator[Callable[[Any], None]]:
    """Set what a closed terminal does to this process; the tests themselves may run under nohup."""
    before = signal.getsignal(signal.SIGHUP)
    yield lambda handler: signal.signal(signal.SIGHUP, handler)
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_takes_effect_where_the_launcher_waits(hang_up, number: signal.Signals):
    hang_up(signal.SIG_DFL)
    with StopSignals() as signals:
        os.kill(os.getpid(), number)
        with pytest.raises(Stopped):
            signals.pause(20)


def test_under_nohup_a_closed_terminal_stops_nothing(hang_up):
    hang_up(signal.SIG_IGN)
    with StopSignals() as signals:
        os.kill(os.getpid(), signal.SIGHUP)
        signals.pause(0.1)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells a process of its parent's death"
)
def test_even_a_launcher_killed_hard_leaves_no_process_behind(tmp_path: Path, env):
    code = f"""
import os, sys
from pathlib import Path
from demo.launcher.child import Child
child = Child("child", {FOREVER!r}, env=os.environ, cwd=Path.cwd(), log=Path({str(tmp_path / "child.log")!r}))
print(child.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    launcher = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert launcher.returncode == -signal.SIGKILL, launcher.stderr
    wait_until(lambda: not alive(int(launcher.stdout)))


def test_the_log_of_the_last_start_is_kept_beside_the_new_one(crew: Crew, env):
    for word in ("before", "now"):
        crew.run("prepare", [sys.executable, "-c", f"print({word!r})"], env, seconds=20)
    logs = crew._folder.logs
    assert (logs / "prepare.log").read_text() == "now\n"
    assert (logs / "prepare.log.1").read_text() == "before\n"
