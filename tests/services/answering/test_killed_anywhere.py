"""A worker dies at any point of an answer: the texter gets one answer all the same, and the chat is right.

What dies is the thread of control: an exception that nobody catches, and nothing is given back. It strikes
before and after each commit in turn, and after each call of the chat, the assistant and Twilio.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from illumichat_sms_plugin.models import SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering import answer_session as module
from illumichat_sms_plugin.services.answering import send_message
from illumichat_sms_plugin.services.housekeeping import run_once
from tests.services.answering.answers import on_twilio
from tests.support.channels import inbound, messages, run_jobs, sessions, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in

LEAST = 10
"""So many points there are at least: 6 commits, the chat opened and written to twice, the assistant, Twilio."""


class Killed(BaseException):
    """The worker is gone."""


class Fuse:
    """Strikes at the event with this number."""

    def __init__(self, number: int) -> None:
        self.left = number

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed

    def after(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def burning(*arguments: Any, **named: Any) -> Any:
            result = call(*arguments, **named)
            self.burn()
            return result

        return burning

    def before(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def burning(*arguments: Any, **named: Any) -> Any:
            self.burn()
            return call(*arguments, **named)

        return burning


@contextmanager
def killing(app: Flask, host: MemoryHost, fuse: Fuse, *, at_commit: str) -> Iterator[None]:
    engine: Engine = app.extensions["sqlalchemy"].engine
    with pytest.MonkeyPatch.context() as patch:
        strike = fuse.before if at_commit == "before" else fuse.after
        patch.setattr(engine.dialect, "do_commit", strike(engine.dialect.do_commit))
        patch.setattr(send_message, "send_text", fuse.after(send_message.send_text))
        patch.setattr(host.chats, "append", fuse.after(host.chats.append))
        patch.setattr(host.chats, "open", fuse.after(host.chats.open))
        patch.setattr(host.assistants, "answer", fuse.after(host.assistants.answer))
        yield


def work_until_killed(app: Flask, host: MemoryHost, session_id: int, number: int, at_commit: str) -> bool:
    """Whether there was a point with this number."""
    fuse = Fuse(number)
    with app.app_context(), killing(app, host, fuse, at_commit=at_commit):
        give_back = module.give_back

        def only_while_alive(work: Any) -> bool:
            return False if fuse.left <= 0 else give_back(work)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "give_back", only_while_alive)
            try:
                module.answer_session(current_runtime(), session_id)
            except Killed:
                return True
    return False


def let_others_take_over(app: Flask) -> None:
    """What was left behind is found by housekeeping, as if its time had come."""
    past = db_now(-1.0)
    for _ in range(5):
        write(app, SmsSession, SmsSession.lease_token.is_not(None), lease_expires_at=past)
        write(
            app,
            SmsSession,
            SmsSession.id > 0,
            retry_at=None,
            swept_at=None,
            last_message_at=db_now(-60.0),
        )
        write(app, SmsMessage, SmsMessage.send_state.in_(("sending", "in_doubt")), check_at=past)
        with app.app_context():
            run_once(current_runtime())
        run_jobs(app)


@pytest.mark.parametrize("at_commit", ["before", "after"])
def test_wherever_a_worker_dies_the_texter_gets_one_answer(
    texting: Flask, twilio: Any, host: MemoryHost, at_commit: str
) -> None:
    number, senders = 0, []
    while True:
        number += 1
        sender = f"+1555765{number:04}"
        text_in(texting, "When are you open?", From=sender)
        session = sessions(texting)[-1]
        senders.append(sender)
        if not work_until_killed(texting, host, session.id, number, at_commit):
            break
    assert number > LEAST
    let_others_take_over(texting)
    for sender, session in zip(senders, sessions(texting), strict=True):
        assert on_twilio(twilio, sender) == ["We are open from 9 to 17."], sender
        chat = [(entry.role, entry.content) for entry in host.chats.chats[session.chat_id or ""]]
        assert chat == [("user", "When are you open?"), ("assistant", "We are open from 9 to 17.")]
        assert (session.attempts, session.crashed) == (0, False)
        # A job that finds nothing to do writes nothing, so a lease that nobody gave back may stay when it has run out.
        assert session.lease_token is None or session.lease_expires_at < datetime.now(UTC)
    assert all(row.answer_id and row.no_reply_reason is None for row in inbound(texting))
    assert all(row.in_chat for row in messages(texting))
