"""The whole demo as a newcomer starts it: every process real, one text answered, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from demo.launcher.options import ROOT
from demo.running import READY, demo_command, free_port_pair, newcomers_environment
from tests.launcher.conftest import alive, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("demo"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc"),
]

PHONE = "+15557650001"
SUPPORT = "+15551230001"
PROCESSES = {"valkey", "simulator", "web", "worker", "housekeeping"}


@dataclass
class Demo:
    """One ``./run demo`` and how to talk to it."""

    data_dir: Path
    port: int = field(default_factory=free_port_pair)
    process: subprocess.Popen[str] | None = None
    children: set[int] = field(default_factory=set)
    starts: int = 0

    def command(self) -> list[str]:
        return demo_command(self.port, self.data_dir)

    def start(self) -> float:
        """Start it and wait until it says that it runs; how many seconds that took."""
        began = time.monotonic()
        self.starts += 1
        output = (self.data_dir.parent / "output").open("a+")
        self.process = subprocess.Popen(
            self.command(), cwd=ROOT, env=newcomers_environment(), stdout=output, stderr=output, text=True
        )
        try:
            wait_until(self.runs_or_died, seconds=120)
            assert self.process.poll() is None, self.output()
        finally:
            output.close()
        self.children = {pid for pid in pids() if parent_of(pid) == self.process.pid}
        return time.monotonic() - began

    def runs_or_died(self) -> bool:
        assert self.process is not None
        return self.output().count(READY) == self.starts or self.process.poll() is not None

    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def output(self) -> str:
        return (self.data_dir.parent / "output").read_text()

    def stop(self, number: signal.Signals) -> int:
        """Send a stop signal and wait for the end; the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=30)

    @property
    def simulator(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}/_sim"

    def text(self, body: str) -> None:
        sent = requests.post(
            f"{self.simulator}/inbound", json={"from": PHONE, "to": SUPPORT, "body": body}, timeout=30
        )
        assert sent.ok, sent.text

    def answers(self) -> list[str]:
        """The bodies of all texts that the assistant sent to the phone."""
        state = requests.get(f"{self.simulator}/state", timeout=30).json()
        return [m["body"] for m in state["messages"] if m["to"] == PHONE and m["from"] == SUPPORT]


def pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo on free ports with a new data folder, ended by force if a test has not ended it."""
    made = Demo(tmp_path_factory.mktemp("demo") / "data dir 100%")
    yield made
    if made.process and made.runs():
        made.process.kill()


def test_a_newcomer_texts_and_gets_an_answer_and_a_second_start_still_has_it(demo: Demo):
    demo.start()
    assert len(demo.children) == len(PROCESSES)
    said = demo.output()
    assert f"http://127.0.0.1:{demo.port + 1}/" in said
    assert f"http://127.0.0.1:{demo.port}/" in said
    assert "admin@acme.test" in said

    demo.text("What are your opening hours?")
    wait_until(demo.answers, seconds=30)
    (answer,) = demo.answers()
    assert any(digit in answer for digit in "0123456789"), answer

    refused = subprocess.run(
        demo.command(),
        cwd=ROOT,
        env=newcomers_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode == 1
    assert "already running" in refused.stdout + refused.stderr

    assert demo.stop(signal.SIGTERM) == 0, demo.output()
    wait_until(lambda: not any(alive(pid) for pid in demo.children))

    demo.start()
    assert demo.answers() == [answer]
    demo.text("Thank you! And on Sundays?")
    wait_until(lambda: len(demo.answers()) == 2, seconds=30)
    assert demo.stop(signal.SIGINT) == 0, demo.output()
    wait_until(lambda: not any(alive(pid) for pid in demo.children))


def test_a_port_in_use_is_named_in_one_sentence(demo: Demo, tmp_path: Path):
    with subprocess.Popen(
        [sys.executable, "-m", "http.server", str(demo.port), "--bind", "127.0.0.1"]
    ) as other:
        try:
            url = f"http://127.0.0.1:{demo.port}/"
            wait_until(lambda: answered(url))
            again = Demo(tmp_path / "data", demo.port)
            refused = subprocess.run(
                again.command(),
                cwd=ROOT,
                env=newcomers_environment(),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        finally:
            other.terminate()
    assert refused.returncode == 1
    assert refused.stdout.strip().splitlines()[-1] == (
        f"./run demo: Port {demo.port} cannot be used (Address already in use); choose another with --port."
    )


def test_a_wrong_setting_is_named_in_its_own_sentence(tmp_path: Path):
    again = Demo(tmp_path / "data")
    refused = subprocess.run(
        again.command(),
        cwd=ROOT,
        env={**newcomers_environment(), "SMS_SEGMENT_PRICE": "much"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode == 1
    assert "SMS_SEGMENT_PRICE must be a number, not 'much'." in refused.stdout
    assert "Traceback" not in refused.stdout + refused.stderr


def answered(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False


def test_a_database_that_was_emptied_is_filled_and_connected_again(demo: Demo):
    for file in demo.data_dir.glob("illumichat.sqlite*"):
        file.unlink()
    demo.start()
    before = len(demo.answers())
    demo.text("What are your opening hours?")
    wait_until(lambda: len(demo.answers()) == before + 1, seconds=30)


def test_when_a_process_dies_the_demo_says_which_and_ends_the_others(demo: Demo):
    """The demo of the test before, if it runs: a start takes some ten seconds of CPU."""
    if not demo.runs():
        demo.start()
    command = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in demo.children}
    (worker,) = [pid for pid, words in command.items() if b"worker" in words]
    os.kill(worker, signal.SIGKILL)
    assert demo.process is not None
    assert demo.process.wait(timeout=30) == 1
    assert "worker ended by signal 9" in demo.output()
    wait_until(lambda: not any(alive(pid) for pid in demo.children))
