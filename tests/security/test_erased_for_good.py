"""What was erased stays erased, in every channel, and leaves no number behind."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsLease, SmsMessage, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.housekeeping import run_once
from illumichat_sms_plugin.services.texters import erase_at_twilio
from illumichat_sms_plugin.services.texters import erase_texter as service
from tests.services.texters.erasing import erase
from tests.support.channels import change, connect, messages, run_jobs, sessions, sql, text_of, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, inbound_form, post_signed, text_in

PATH = "/api/sms/webhook/ast_support"
OTHER_NUMBER = "+15551230002"


def answered(app: Flask) -> None:
    write(app, SmsMessage, SmsMessage.id > 0, no_reply_reason="keyword")


def test_a_captured_request_that_is_sent_again_after_the_erasure_is_not_recorded(connected: Flask) -> None:
    form = inbound_form("my secret diary")
    assert post_signed(connected, PATH, form).status_code == 200
    answered(connected)
    erase(connected)
    assert post_signed(connected, PATH, form).status_code == 200
    assert messages(connected) == []
    assert sessions(connected) == []
    assert TEXTER not in text_of(connected, "sms_sessions")


def test_not_even_long_after_twilio_has_deleted_it(texting: Flask, twilio: Any) -> None:
    form = inbound_form("my secret diary")
    post_signed(texting, PATH, form)
    answered(texting)
    erase(texting)
    with texting.app_context():
        erase_at_twilio.delete_erased_texts(current_runtime())
    sql(texting, "UPDATE sms_erased_texts SET gone_at = '2020-01-01 00:00:00+00'")
    with texting.app_context():
        run_once(current_runtime())
    post_signed(texting, PATH, form)
    assert messages(texting) == []


def test_a_new_text_of_the_same_texter_is_recorded(connected: Flask) -> None:
    text_in(connected, "hello")
    answered(connected)
    erase(connected)
    text_in(connected, "hello again")
    assert [row.body for row in messages(connected)] == ["hello again"]


def test_two_channels_may_erase_the_same_message_sid(connected: Flask) -> None:
    """The number was moved between assistants, or somebody made the SID up."""
    connect(connected, "ast_sales", phone_number=OTHER_NUMBER)
    form = inbound_form("hello")
    post_signed(connected, PATH, form)
    post_signed(connected, "/api/sms/webhook/ast_sales", form | {"To": OTHER_NUMBER})
    answered(connected)
    with connected.app_context():
        for session in sessions(connected):
            service.erase_texter(current_runtime(), session.channel_id, session.id)
    assert sessions(connected) == []
    assert sql(connected, "SELECT count(*) FROM sms_erased_texts").scalar() == 2


def test_what_one_channel_erased_is_still_recorded_in_another(connected: Flask) -> None:
    connect(connected, "ast_sales", phone_number=OTHER_NUMBER)
    form = inbound_form("hello")
    post_signed(connected, PATH, form)
    answered(connected)
    erase(connected)
    post_signed(connected, "/api/sms/webhook/ast_sales", form | {"To": OTHER_NUMBER})
    assert [(row.channel_id, row.to_number) for row in messages(connected)] == [(2, OTHER_NUMBER)]


def test_while_a_contact_is_created_no_table_holds_the_number(
    texting: Flask, host: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    create = host.contacts.create

    def slowly(*args: Any, **kwargs: Any) -> Any:
        look = threading.Thread(target=lambda: seen.append(text_of(texting, "sms_leases")))
        look.start()
        look.join(10)
        return create(*args, **kwargs)

    monkeypatch.setattr(host.contacts, "create", slowly)
    change(texting, auto_create_contacts=True)
    text_in(texting)
    run_jobs(texting)
    assert len(seen) == 1
    assert "contact/" in seen[0]
    assert TEXTER[1:] not in seen[0]


def test_a_lease_whose_process_died_is_forgotten(connected: Flask) -> None:
    with connected.app_context(), transaction() as connection:
        for name, age in (("dead", 4000.0), ("just over", 10.0), ("alive", -30.0)):
            connection.execute(
                SmsLease.__table__.insert().values(name=name, token="x", expires_at=db_now(-age))
            )
    with connected.app_context():
        run_once(current_runtime())
    left = text_of(connected, "sms_leases")
    assert "dead" not in left
    assert "just over" in left
    assert "alive" in left
