"""No fault at all; clocks, keys, everything at once."""

from __future__ import annotations

import time

from demo.twilio_simulator.seed import SUPPORT_NUMBER
from illumichat_sms_plugin.encryption import generate_key
from tests.faults.processes import restart, wait_until
from tests.faults.run import Run
from tests.faults.traffic import PHONES


def nothing(run: Run) -> None:
    """The control: what is measured without any fault."""
    since = time.time()
    run.moment(1.0, 1.0)
    run.timed = (since, time.time())


def clock_jumps(run: Run) -> None:
    """A worker and the web are an hour ahead, the other worker and housekeeping an hour behind."""
    stack = run.stack
    with run.broken():
        for part, shift in zip(stack.parts, (3600, 3600, -3600, -3600), strict=True):
            part.env["FAULTS_CLOCK_SHIFT"] = str(shift)
        restart(stack.parts)
        stack.wait_ready()
    run.moment(1.0, 1.0)
    wait_until("all is answered by wrong clocks", lambda: not run.open_texts(), 60, 0.1)
    with run.broken():
        restart(stack.parts, FAULTS_CLOCK_SHIFT="")
        stack.wait_ready()


def key_swapped(run: Run) -> None:
    """Everything restarts with another encryption key, and later with the right one again."""
    stack = run.stack
    run.moment(0.0, 0.2)
    with run.broken():
        other = generate_key()
        restart(stack.parts, SMS_ENCRYPTION_KEYS=other)
        wait_until("the web answers", stack.answers)
        # However long the restart took: some texts come while the key is wrong.
        for n, phone in enumerate(run.rng.sample(PHONES, 10)):
            stack.twilio.text(phone, SUPPORT_NUMBER, f"Question t#{stack.last_row}-late-{n} please")
        refused = [hook for hook in stack.twilio.webhooks(kind="inbound") if hook.status_code == 403]
        assert len(refused) >= 10, f"{len(refused)} webhooks were refused"
        restart(stack.parts, SMS_ENCRYPTION_KEYS=stack.key)
        stack.wait_ready()


def app_down(run: Run) -> None:
    """Every process of the app is gone; what comes meanwhile is in Twilio's list only."""
    stack = run.stack
    run.moment(0.1, 0.4)
    with run.broken():
        for part in stack.parts:
            part.wanted = False
            part.kill()
        time.sleep(5)
        for part in stack.parts:
            part.start()
        stack.wait_ready()


def quarter_fails(run: Run) -> None:
    """A quarter of all calls to Twilio fails, and everything is killed twice meanwhile."""
    stack = run.stack
    stack.twilio.weather.storm(0.25, run.rng.random())
    for earliest in (0.2, 0.6):
        run.moment(earliest, earliest + 0.2)
        with run.broken():
            for part in stack.parts:
                part.kill()
            stack.wait_ready()
    run.moment(1.0, 1.0)
    wait_until("all is answered", lambda: not run.open_texts(), 90, 0.1)
