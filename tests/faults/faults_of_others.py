"""Twilio and the assistant do what they should not."""

from __future__ import annotations

import time
from typing import Any

from tests.faults import assistant as ask
from tests.faults.processes import wait_until
from tests.faults.run import Run
from tests.faults.traffic import PHONES


def after_accepting(kind: str, **params: Any) -> Any:
    def strike(run: Run) -> None:
        run.moment(0.0, 0.3)
        run.stack.twilio.add_fault(kind, count=10, **params)
        run.moment(1.0, 1.0)

    return strike


def throttled(run: Run) -> None:
    """429 three times for some phones."""
    for phone in run.rng.sample(PHONES, 4):
        run.stack.twilio.add_fault("too_many_requests", number=phone, count=3)
    run.moment(1.0, 1.0)


def outage(run: Run) -> None:
    """Twilio's API answers 503 to everything for a while."""
    run.moment()
    run.stack.twilio.add_fault("outage", count=None)
    time.sleep(3)
    run.stack.twilio.clear_faults()


def unreachable(run: Run) -> None:
    """No connection to Twilio comes about; its webhooks come all the same."""
    run.moment()
    run.stack.twilio.refuse_connections()
    time.sleep(3)
    run.stack.twilio.listen()


def with_callbacks(kind: str, **params: Any) -> Any:
    def strike(run: Run) -> None:
        run.stack.twilio.add_fault(kind, count=None, **params)
        run.moment(1.0, 1.0)
        # In force until every answer is out: that is when its callbacks come.
        wait_until("all is answered", lambda: not run.open_texts(), 40, 0.1)
        run.stack.twilio.wait_idle(30)

    return strike


def callbacks_held(run: Run) -> None:
    """None comes at all for a while, then all at once, the last one first, each five times."""
    run.stack.twilio.callbacks.hold()
    run.moment(1.0, 1.0)
    wait_until("all is answered", lambda: not run.open_texts(), 40, 0.1)
    run.stack.twilio.callbacks.release(reverse=True, times=5)
    run.stack.twilio.wait_idle(40)


def callbacks_dropped(run: Run) -> None:
    run.stack.twilio.add_fault("dropped_callbacks", count=None)
    run.moment(1.0, 1.0)
    wait_until("all is answered", lambda: not run.open_texts(), 40, 0.1)


def same_sid(run: Run) -> None:
    """Twenty clients bring the same text at once."""
    run.stack.twilio.add_fault("duplicate_webhook", count=10, times=20)
    run.moment(1.0, 1.0)


def with_files(*files: tuple[str, bytes] | str, fault: str = "", **params: Any) -> Any:
    """Texts come with these files for a while, and something is wrong with them."""

    def strike(run: Run) -> None:
        if fault:
            run.stack.twilio.add_fault(fault, count=None, **params)
        run.stack.twilio.attached = files
        run.moment(1.0, 1.0)
        run.stack.twilio.attached = ()
        wait_until("all is answered", lambda: not run.open_texts(), 40, 0.1)
        run.stack.twilio.clear_faults()

    return strike


CARD = ("text/vcard", b"BEGIN:VCARD\r\nFN:Ann\r\nEND:VCARD\r\n")


# The assistant


def with_assistant(behaviour: ask.Behaviour, count: int) -> Any:
    def strike(run: Run) -> None:
        run.moment(0.0, 0.3)
        run.allow("assistant_failed")
        left = run.stack.assistant.for_some(count, behaviour)
        wait_until("the assistant has failed often enough", lambda: left() == 0, 40)

    return strike


def megabyte(call: ask.Call) -> str:
    return ask.answer(call) + " " + "and so on " * 100_000


def assistant_megabyte(run: Run) -> None:
    """More than a text can hold: it is cut, and what was asked is still named."""
    run.stack.assistant.for_some(20, megabyte)
    run.moment(1.0, 1.0)
