"""A host reads with its scoped session and commits nothing, as most Flask code does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import text

from illumichat_sms_plugin.host import AnswerRequest, ChatMessage, Contact
from illumichat_sms_plugin.job_queue import worker
from illumichat_sms_plugin.runtime import current_runtime
from tests.faults.processes import wait_until
from tests.support.channels import connect, run_jobs
from tests.support.memory_host import MemoryChats, MemoryContacts, MemoryHost
from tests.support.twilio_requests import text_in

CONVERSATIONS = 4
TEXTERS = 64


def read() -> None:
    """What a host does a hundred times: look something up in ``db.session``, and leave it at that."""
    current_app.extensions["sqlalchemy"].session.execute(text("SELECT 1")).scalar_one()


class ReadingChats(MemoryChats):
    def open(self, *, assistant_id: str, title: str, key: str) -> str:
        read()
        return super().open(assistant_id=assistant_id, title=title, key=key)

    def append(self, chat_id: str, message: ChatMessage) -> None:
        read()
        super().append(chat_id, message)


class ReadingContacts(MemoryContacts):
    def find_by_number(self, workspace_id: str, number: str) -> Contact | None:
        read()
        return super().find_by_number(workspace_id, number)

    def create(self, workspace_id: str, *, number: str, source: str, key: str) -> Contact:
        read()
        return super().create(workspace_id, number=number, source=source, key=key)


@pytest.fixture
def host() -> MemoryHost:
    host = MemoryHost()
    host.chats, host.contacts = ReadingChats(), ReadingContacts()

    def answer(request: AnswerRequest) -> str:
        read()
        return "We are open from 9 to 17."

    host.assistants.reply = answer
    return host


@contextmanager
def working(app: Flask) -> Iterator[None]:
    """As many conversations at once as the pool has connections."""
    stopping = threading.Event()
    with app.app_context():
        jobs = current_runtime().queue
    threads = [
        threading.Thread(target=worker._work_until, args=(app, jobs, stopping, worker.News()))
        for _ in range(CONVERSATIONS)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(20)


def test_it_answers_all_with_a_pool_that_has_a_connection_for_each_conversation(
    make: Callable[..., Flask], twilio: Any
) -> None:
    """The pool has no more than that, and waits no longer than a test may: whoever kept one would stop the others."""
    pool = {"pool_size": CONVERSATIONS, "max_overflow": 0, "pool_timeout": 5}
    app = make(SMS_TWILIO_API_URL=twilio.url, SQLALCHEMY_ENGINE_OPTIONS=pool)
    connect(app, auto_create_contacts=True)
    for number in range(TEXTERS):
        assert text_in(app, From=f"+1555765{number:04}").status_code == 200
    with working(app):
        wait_until(
            "all have their answer",
            lambda: len({message.to for message in twilio.messages(created_by="api")}) == TEXTERS,
            60,
        )
    assert {message.body for message in twilio.messages(created_by="api")} == {"We are open from 9 to 17."}


def test_the_hosts_session_ends_with_the_call(
    make: Callable[..., Flask], twilio: Any, host: MemoryHost
) -> None:
    """So it holds no connection while the answer is sent."""
    held: list[int] = []
    app = make(SMS_TWILIO_API_URL=twilio.url)
    connect(app)
    with app.app_context():
        pool: Any = app.extensions["sqlalchemy"].engine.pool

    def append(chat_id: str, message: ChatMessage) -> None:
        held.append(pool.checkedout())
        ReadingChats.append(host.chats, chat_id, message)  # type: ignore[arg-type]
        held.append(pool.checkedout())

    host.chats.append = append  # type: ignore[method-assign]
    text_in(app)
    run_jobs(app)
    assert held == [0, 1, 0, 1]
