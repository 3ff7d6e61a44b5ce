"""What a second start still knows, and the command that starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from demo.twilio_simulator import Simulator, Timings, seed
from tests.twilio_simulator.rebased_client import rebased_client
from tests.twilio_simulator.receiver import Receiver

OURS, PHONE = seed.SUPPORT_NUMBER, seed.PHONES[0]
ROOT = Path(__file__).parents[2]


def test_numbers_messages_and_opt_outs_survive(tmp_path: Path, receiver: Receiver) -> None:
    data = tmp_path / "simulator.sqlite"
    with Simulator(data=data) as first:
        first.set_webhook(OURS, f"{receiver.url}/in")
        first.text(PHONE, OURS, "STOP", media=["image/png"])
        first.wait_idle()
        before = [(m.sid, m.body, m.status, m.media, m.history) for m in first.messages()]
    with Simulator(data=data) as second:
        assert [(m.sid, m.body, m.status, m.media, m.history) for m in second.messages()] == before
        assert second.number(OURS).sms_url == f"{receiver.url}/in"
        assert len(second.store.opt_outs) == 1
        assert second.text(PHONE, OURS, "Hello") is not None


def test_what_a_fault_changed_is_put_back_before_the_end(tmp_path: Path) -> None:
    data = tmp_path / "simulator.sqlite"
    with Simulator(data=data) as first:
        first.add_fault("suspended_account")
    with Simulator(data=data) as second:
        assert second.store.accounts[seed.ACCOUNT_SID].status == "active"


def test_a_message_that_was_on_its_way_arrives_after_the_restart(tmp_path: Path, receiver: Receiver) -> None:
    data = tmp_path / "simulator.sqlite"
    with Simulator(data=data, timings=Timings(sending=60, sent=61, delivered=62)) as first:
        client = rebased_client(first.url, seed.ACCOUNT_SID, seed.AUTH_TOKEN)
        sid = client.messages.create(
            to=PHONE, from_=OURS, body="x", status_callback=f"{receiver.url}/status"
        ).sid
    with Simulator(data=data) as second:
        second.wait_for(lambda: second.store.messages[str(sid)].status == "delivered")
        second.wait_idle()
    assert [r.form["MessageStatus"] for r in receiver.requests] == ["sending", "sent", "delivered"]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_where_it_listens_and_ends_cleanly(end: signal.Signals, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "demo.twilio_simulator", "--port", "0", "--data", str(tmp_path / "s.sqlite")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = next(word for word in line.split() if word.startswith("http"))
        assert requests.get(url, timeout=10).status_code == 200
        process.send_signal(end)
        _, errors = process.communicate(timeout=10)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, errors) == (0, "")


def test_a_port_in_use_is_said_in_one_sentence(twilio: Simulator) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "demo.twilio_simulator", "--port", str(twilio.port)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr == f"Cannot listen on 127.0.0.1:{twilio.port}: Address already in use.\n"


def test_it_knows_nothing_of_the_plugin() -> None:
    """A witness that shares code with the accused would repeat its mistakes."""
    script = """
import sys
import demo.twilio_simulator.__main__
print([name for name in sys.modules if name.split(".")[0] in ("twilio", "illumichat_sms_plugin")])
"""
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )
    assert result.stdout.strip() == "[]"
