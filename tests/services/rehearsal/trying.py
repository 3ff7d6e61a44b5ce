"""An admin writes as a texter, and waits for what comes of it."""

from __future__ import annotations

import threading

from flask import Flask

from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.channels import load_channel
from illumichat_sms_plugin.services.rehearsal.lines import Line
from illumichat_sms_plugin.services.rehearsal.try_out import (
    Rehearsal,
    read_rehearsal,
    write_as_texter,
)
from tests.support.channels import OWNER

OTHER = Person("usr_other", "Otto Other")


def write(app: Flask, body: str, number: str = "", by: Person = OWNER) -> tuple[Line, ...]:
    """Write, and wait for what comes of it."""
    with app.app_context():
        write_as_texter(current_runtime(), "ast_support", body, number, by=by)
    return finished(app, by).lines


def finished(app: Flask, by: Person = OWNER) -> Rehearsal:
    """The rehearsal once no assistant is asked any more."""
    for thread in threading.enumerate():
        if thread.name == "sms-rehearsal":
            thread.join(20)
    found = current(app, by)
    assert found is not None
    assert not found.is_thinking
    return found


def current(app: Flask, by: Person = OWNER) -> Rehearsal | None:
    with app.app_context():
        runtime = current_runtime()
        channel = load_channel(runtime, "ast_support")
        assert channel is not None
        return read_rehearsal(runtime, channel.id, by=by)


def kinds(lines: tuple[Line, ...]) -> list[str]:
    return [line.kind.value for line in lines]
