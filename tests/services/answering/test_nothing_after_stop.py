"""Once a STOP is recorded nothing more is sent, whatever was about to be: a thousand races."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from illumichat_sms_plugin.errors import TwilioInDoubt
from illumichat_sms_plugin.models import SendState, SmsSession
from illumichat_sms_plugin.phone_number import parse_sender
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering import send_message
from illumichat_sms_plugin.services.answering.answer_session import answer_session
from illumichat_sms_plugin.services.channels import load_channel
from illumichat_sms_plugin.services.inbound.receive_message import receive_message
from illumichat_sms_plugin.services.people.send_text import Sent
from illumichat_sms_plugin.services.people.send_text import send_text as by_person
from illumichat_sms_plugin.services.reconcile.settle_doubt import resend
from illumichat_sms_plugin.twilio_gateway.values import SentText
from illumichat_sms_plugin.twilio_gateway.webhook_forms import InboundText
from tests.support.channels import OWNER, connect, outbound, sessions, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import NUMBER, new_sid

OF_EACH = 167
OPENINGS = {
    "answer": "When do you open?",
    "apology": "Hello?",
    "confirm": "Please stop texting me",
    "more": "Tell me everything.",
    "resend": "Where are you?",
    "person": "Is anybody there?",
}
"""What a texter says first, by what is on its way when STOP comes."""
LONG = " ".join(f"Sentence number {n} of a long story." for n in range(20))


class Writes:
    """Numbers the transactions that write, in the order in which they commit."""

    def __init__(self, engine: Any) -> None:
        self._engine, self._lock, self._here = engine, threading.Lock(), threading.local()
        self._count = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """A transaction still holds its locks when it is numbered: two that lock a session come in their true order."""
        event.listen(self._engine, "before_cursor_execute", self._statement)
        event.listen(self._engine, "commit", self._commit)
        yield
        event.remove(self._engine, "before_cursor_execute", self._statement)
        event.remove(self._engine, "commit", self._commit)

    def last(self) -> int:
        """The number of this thread's last one."""
        return getattr(self._here, "number", 0)

    def _statement(self, _connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if statement.lstrip().startswith(("UPDATE", "INSERT", "DELETE", "WITH")):
            self._here.wrote = True

    def _commit(self, _connection: Any) -> None:
        if getattr(self._here, "wrote", False):
            self._here.wrote = False
            with self._lock:
                self._count += 1
                self._here.number = self._count


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_nothing_is_sent_after_a_stop_was_recorded(
    make: Callable[..., Flask], host: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, rng, lock = make(), random.Random(1), threading.Lock()
    connect(app, max_message_length=160)
    host.assistants.reply = lambda _request: LONG
    with app.app_context():
        runtime, engine = current_runtime(), app.extensions["sqlalchemy"].engine
        channel = load_channel(runtime, "ast_support")
    assert channel is not None
    writes, sent, stopped, lost = Writes(engine), {}, {}, set[str]()

    def send_text(_client: Any, *, to_number: str, **_fields: Any) -> SentText:
        with lock:
            sent.setdefault(to_number, []).append(writes.last())
        if to_number in lost:
            raise TwilioInDoubt("nobody knows")
        return SentText(new_sid(), "queued", 1)

    monkeypatch.setattr(send_message, "send_text", send_text)

    def text(number: str, body: str) -> None:
        said = InboundText(new_sid(), parse_sender(number), NUMBER, body, 1, (), None)
        with app.app_context():
            receive_message(runtime, channel, said)

    def stop(number: str) -> None:
        time.sleep(rng.random() / 20)  # an answer takes some 20 ms to be on its way
        text(number, "STOP")
        stopped[number] = writes.last()

    def work(number: str) -> None:
        with app.app_context():
            answer_session(runtime, session_of[number])

    def send_again(number: str) -> None:
        with app.app_context():
            resend(runtime, channel, message_of[number], expected=SendState.IN_DOUBT)

    def write_as_person(number: str) -> None:
        with app.app_context():
            assert isinstance(by_person(runtime, session_of[number], "I am.", by=OWNER, key=number), Sent)

    numbers = {
        kind: [f"+1555{2_000_000 + 10_000 * place + n}" for n in range(OF_EACH)]
        for place, kind in enumerate(OPENINGS)
    }
    with ThreadPoolExecutor(4) as pool, writes.watched():
        openings = [(number, OPENINGS[kind]) for kind in OPENINGS for number in numbers[kind]]
        list(pool.map(lambda opening: text(*opening), openings))
        session_of = {row.phone_number: row.id for row in sessions(app)}
        lost |= set(numbers["resend"])
        list(pool.map(work, numbers["more"] + numbers["resend"]))
        lost.clear()
        list(pool.map(lambda number: text(number, "MORE"), numbers["more"]))
        tired = [session_of[number] for number in numbers["apology"]]
        tries = runtime.settings.assistant_attempts
        write(app, SmsSession, SmsSession.id.in_(tired), attempts=tries)
        list(pool.map(write_as_person, numbers["person"]))
        message_of = {row.to_number: row.id for row in outbound(app)}
        sent.clear()

        races = [(kind, number) for kind in OPENINGS for number in numbers[kind]]
        rng.shuffle(races)
        for kind, number in races:
            sender = send_again if kind == "resend" else work
            for task in (pool.submit(stop, number), pool.submit(sender, number)):
                task.result() if rng.random() < 0.2 else None
        pool.shutdown(wait=True)

    late = [
        (kind, n) for kind in OPENINGS for n in numbers[kind] for at in sent.get(n, ()) if at > stopped[n]
    ]
    assert late == []
    assert max(map(len, sent.values())) == 1
    before = Counter(kind for kind in OPENINGS for number in numbers[kind] if number in sent)
    assert all(0 < before[kind] < OF_EACH for kind in OPENINGS), before  # each side was first now and then
