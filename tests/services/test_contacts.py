"""Contact matching where several workers meet."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from illumichat_sms_plugin.host import Contact
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.analytics.rollup_state import lock_rollup
from illumichat_sms_plugin.services.answer_session import answer_session
from tests.support.channels import change, connect, run_jobs, sessions
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, inbound_form, post_signed, text_in

SALES_NUMBER = "+15551230002"


def test_two_racing_first_texts_make_one_contact(texting: Flask, host: MemoryHost, monkeypatch: Any) -> None:
    """One person texts two assistants of a workspace at the same moment; the host looks slowly."""
    look = host.contacts.find_by_number

    def slow_look(workspace_id: str, number: str) -> Contact | None:
        found = look(workspace_id, number)
        time.sleep(0.2)
        return found

    monkeypatch.setattr(host.contacts, "find_by_number", slow_look)
    change(texting, contact_matching=True, auto_create_contacts=True)
    connect(
        texting,
        "ast_sales",
        phone_number=SALES_NUMBER,
        contact_matching=True,
        auto_create_contacts=True,
    )
    text_in(texting)
    post_signed(texting, "/api/sms/webhook/ast_sales", inbound_form(To=SALES_NUMBER, From=TEXTER))

    def work(session_id: int) -> None:
        with texting.app_context():
            answer_session(current_runtime(), session_id)

    threads = [threading.Thread(target=work, args=(row.id,)) for row in sessions(texting)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(host.contacts.contacts) == 1
    assert {row.contact_id for row in sessions(texting)} == {"cnt_1"}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_process_that_froze_while_counting_holds_up_no_answer(
    make: Any, twilio: Any, host: MemoryHost
) -> None:
    texting = make(SMS_TWILIO_API_URL=twilio.url, SMS_DATABASE_TIMEOUT=0.3)
    connect(texting, auto_create_contacts=True)
    text_in(texting)
    with texting.app_context(), transaction() as frozen:
        lock_rollup(frozen, 1)
        run_jobs(texting)
    assert len(twilio.messages(to=TEXTER, created_by="api")) == 1
    assert sessions(texting)[0].contact_id is None
    text_in(texting, "and on Sunday?")
    run_jobs(texting)
    assert sessions(texting)[0].contact_id == "cnt_1", "the next text tries it again"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_number_is_in_no_log_when_the_hosts_database_refuses_its_contact(
    connected: Flask, host: MemoryHost, monkeypatch: Any, caplog: Any
) -> None:
    """PostgreSQL's detail quotes the row that is there already."""
    change(connected, auto_create_contacts=True)
    with connected.app_context():
        engine = connected.extensions["sqlalchemy"].engine

        def create(workspace_id: str, *, number: str, **how: str) -> Contact:
            with engine.begin() as connection:
                connection.execute(text("CREATE TEMPORARY TABLE host_contacts (phone text UNIQUE)"))
                for _ in range(2):
                    connection.execute(text("INSERT INTO host_contacts VALUES (:n)"), {"n": number})
            raise AssertionError("it was refused")

        monkeypatch.setattr(host.contacts, "create", create)
        text_in(connected)
        run_jobs(connected)
    assert "could not look up its contact" in caplog.text
    assert "duplicate key value violates unique constraint" in caplog.text
    assert TEXTER not in caplog.text
