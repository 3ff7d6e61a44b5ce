"""Contacts are found and created, also where several workers meet."""

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
from illumichat_sms_plugin.services.answering.answer_session import answer_session
from tests.services.answering.answers import on_twilio
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


def test_who_begins_with_stop_is_made_no_contact_of(texting: Flask, host: MemoryHost) -> None:
    change(texting, auto_create_contacts=True)
    for body in ("STOP", "Are you there?"):
        text_in(texting, body)
        run_jobs(texting)
    assert host.contacts.contacts == {}
    text_in(texting, "START")
    run_jobs(texting)
    assert len(host.contacts.contacts) == 1


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


class TestContacts:
    """Contact matching and auto-create, both off by default."""

    def test_off_means_the_host_is_not_asked(self, texting: Flask, host: MemoryHost) -> None:
        host.contacts.create("ws_acme", number=TEXTER, source="crm", key="x")
        text_in(texting)
        run_jobs(texting)
        assert sessions(texting)[0].contact_id is None

    def test_matching_links_a_contact_with_the_same_number(self, texting: Flask, host: MemoryHost) -> None:
        known = host.contacts.create("ws_acme", number=TEXTER, source="crm", key="x")
        host.contacts.create("ws_globex", number=TEXTER, source="crm", key="y")
        change(texting, contact_matching=True)
        text_in(texting)
        run_jobs(texting)
        assert sessions(texting)[0].contact_id == known.id

    def test_matching_alone_creates_nothing(self, texting: Flask, host: MemoryHost) -> None:
        change(texting, contact_matching=True)
        text_in(texting)
        run_jobs(texting)
        assert sessions(texting)[0].contact_id is None
        assert not host.contacts.contacts

    def test_auto_create_makes_one_contact_with_source_sms(self, texting: Flask, host: MemoryHost) -> None:
        change(texting, contact_matching=True, auto_create_contacts=True)
        for body in ("one", "two"):
            text_in(texting, body)
            run_jobs(texting)
        ((workspace_id, contact, source),) = host.contacts.contacts.values()
        assert (workspace_id, contact.phone_number, source) == ("ws_acme", TEXTER, "sms")

    def test_auto_create_alone_links_who_is_known_and_creates_who_is_not(
        self, texting: Flask, host: MemoryHost
    ) -> None:
        known = host.contacts.create("ws_acme", number=TEXTER, source="crm", key="x")
        change(texting, auto_create_contacts=True)
        for sender in (TEXTER, "+15550001234"):
            text_in(texting, From=sender)
            run_jobs(texting)
        assert sessions(texting)[0].contact_id == known.id
        assert [contact.phone_number for _, contact, source in host.contacts.contacts.values()] == [
            TEXTER,
            "+15550001234",
        ]

    def test_a_failing_contact_lookup_does_not_hold_up_the_answer(
        self, texting: Flask, twilio: Any, host: MemoryHost, monkeypatch: Any
    ) -> None:
        def fail(*args: Any) -> Any:
            raise RuntimeError("contacts are down")

        change(texting, contact_matching=True)
        monkeypatch.setattr(host.contacts, "find_by_number", fail)
        text_in(texting)
        run_jobs(texting)
        assert len(on_twilio(twilio)) == 1
