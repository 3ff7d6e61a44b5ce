"""Erasing one texter: nothing is left here, Twilio's copies follow, an opt-out stays in force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.errors import Conflict, NotFound
from illumichat_sms_plugin.models import SmsChannel, SmsErasedText, SmsMessage, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering.answer_session import answer_session
from illumichat_sms_plugin.services.leases import take_session
from illumichat_sms_plugin.services.reconcile.catch_up import catch_up_channel
from illumichat_sms_plugin.services.reconcile.settle_doubt import settle_doubt
from illumichat_sms_plugin.services.texters import erase_at_twilio
from illumichat_sms_plugin.services.texters import erase_texter as service
from illumichat_sms_plugin.twilio_gateway.values import ListedText
from tests.services.texters.erasing import erase, everything
from tests.support.channels import (
    change,
    connect,
    keep_house,
    messages,
    outbound,
    run_jobs,
    sessions,
    sql,
    write,
)
from tests.support.listed_texts import listed_text
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, text_in

TABLES = ("sms_sessions", "sms_messages", "sms_status_events", "sms_consent_events")


def rows_in(app: Flask) -> dict[str, int]:
    return {table: sql(app, f"SELECT count(*) FROM {table}").scalar() for table in TABLES}


def test_nothing_of_the_texter_is_left(talked: Flask) -> None:
    assert rows_in(talked)["sms_messages"] == 3
    session = sessions(talked)[0].id
    values = f"({session}, 'conv_Zebedee', CURRENT_TIMESTAMP)"
    sql(talked, f"INSERT INTO sms_past_chats (session_id, chat_id, ended_at) VALUES {values}")
    assert erase(talked) == 3
    assert set(rows_in(talked).values()) == {0}
    left = everything(talked)
    for trace in ("Zebedee", TEXTER, TEXTER[2:]):
        assert trace not in left


def test_another_texter_is_untouched(talked: Flask) -> None:
    text_in(talked, "me too", From="+15557650002")
    erase(talked)
    assert [row.phone_number for row in sessions(talked)] == ["+15557650002"]
    assert [row.body for row in messages(talked)] == ["me too"]


def test_twilios_copies_are_deleted_after(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    run_jobs(texting)
    twilio.wait_idle()
    (message,) = twilio.messages()
    erase(texting)
    assert not message.deleted
    keep_house(texting)
    assert message.deleted
    assert sql(texting, "SELECT count(*) FROM sms_erased_texts WHERE gone_at IS NULL").scalar() == 0


def test_what_twilio_does_not_delete_yet_is_tried_again_later(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    run_jobs(texting)
    twilio.wait_idle()
    erase(texting)
    twilio.add_fault("outage", count=None)
    keep_house(texting)
    with texting.app_context():
        left = erase_at_twilio.left_at_twilio(1)
    assert (left.count, left.failed) == (2, 2)
    twilio.clear_faults()
    keep_house(texting)
    assert sql(texting, "SELECT count(*) FROM sms_erased_texts").scalar() == 2, "not before its time"
    write(texting, SmsErasedText, SmsErasedText.tries > 0, try_at=db_now(-1.0))
    keep_house(texting)
    assert sql(texting, "SELECT count(*) FROM sms_erased_texts WHERE gone_at IS NULL").scalar() == 0


def test_another_account_is_not_asked_to_delete(texting: Flask, twilio: Any) -> None:
    """It would say that it has no such text, and we would believe it to be gone."""
    from demo.twilio_simulator import seed

    text_in(texting)
    run_jobs(texting)
    twilio.wait_idle()
    erase(texting)
    change(
        texting,
        account_sid=seed.OTHER_ACCOUNT_SID,
        auth_token=seed.OTHER_AUTH_TOKEN,
        phone_number=seed.OTHER_NUMBER,
    )
    keep_house(texting)
    assert sql(texting, "SELECT count(*) FROM sms_erased_texts").scalar() == 2


def test_catch_up_does_not_bring_erased_texts_back(make: Callable[..., Flask], twilio: Any) -> None:
    app = make(SMS_TWILIO_API_URL=twilio.url, SMS_CATCH_UP_AFTER=0.1)
    connect(app)
    write(app, SmsChannel, SmsChannel.id == 1, connected_at=db_now(-3600.0))
    twilio.add_fault("lost_webhook")
    twilio.text(TEXTER, "+15551230001", "lost on the way")
    (lost,) = twilio.messages()
    lost.date_created -= 60.0
    with app.app_context():
        assert catch_up_channel(current_runtime(), 1) == 1
        erase(app)
        twilio.add_fault("outage", count=None)
        erase_at_twilio.delete_erased_texts(current_runtime())
        twilio.clear_faults()
        assert catch_up_channel(current_runtime(), 1) == 0
    assert messages(app) == []


def test_a_text_under_way_is_waited_for(texting: Flask) -> None:
    text_in(texting)
    run_jobs(texting)
    for state in ("sending", "in_doubt"):
        write(texting, SmsMessage, SmsMessage.direction == "outbound", send_state=state)
        with pytest.raises(Conflict):
            erase(texting)
    assert len(messages(texting)) == 2


def test_a_worker_that_is_thinking_sends_nothing_any_more(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    text_in(texting)

    def erased_meanwhile(request: Any) -> str:
        erase(texting)
        return "Too late."

    host.assistants.reply = erased_meanwhile
    with texting.app_context():
        answer_session(current_runtime(), sessions(texting)[0].id)
    assert twilio.messages(created_by="api") == []
    assert set(rows_in(texting).values()) == {0}


def test_a_lease_does_not_hold_up_the_erasing(texting: Flask) -> None:
    text_in(texting)
    with texting.app_context():
        assert take_session(sessions(texting)[0].id, 60.0)
    assert erase(texting) == 1


def test_a_session_of_another_channel_is_not_erased(texting: Flask) -> None:
    text_in(texting)
    with texting.app_context(), pytest.raises(NotFound):
        service.erase_texter(current_runtime(), 2, sessions(texting)[0].id)
    assert len(messages(texting)) == 1


def test_hours_that_were_counted_are_counted_again(texting: Flask) -> None:
    text_in(texting)
    write(texting, SmsMessage, SmsMessage.id > 0, created_at=db_now(-7200.0))
    erase(texting)
    assert sql(texting, "SELECT count(*) FROM sms_changed_hours").scalar() == 1


def test_a_text_that_is_gone_at_twilio_does_not_come_back_from_a_list_read_before(
    texting: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One copy of housekeeping has read the list, another one deletes, and the first goes on."""
    from illumichat_sms_plugin.services.reconcile import catch_up

    text_in(texting, "my secret", From=TEXTER, MessageSid="SM" + "a" * 32)
    listed = listed_text(sid="SM" + "a" * 32, body="my secret", date_created=datetime(2026, 1, 1, tzinfo=UTC))
    write(texting, SmsMessage, SmsMessage.id > 0, no_reply_reason="keyword")

    def read_then_erased(*args: Any, **kwargs: Any) -> list[ListedText]:
        erase(texting)
        erase_at_twilio.delete_erased_texts(current_runtime())
        return [listed]

    monkeypatch.setattr(catch_up, "list_texts", read_then_erased)
    with texting.app_context():
        assert catch_up_channel(current_runtime(), 1) == 0
    assert not messages(texting)


def test_its_sid_stays_known_and_is_no_work_any_more(texting: Flask) -> None:
    text_in(texting)
    write(texting, SmsMessage, SmsMessage.id > 0, no_reply_reason="keyword")
    erase(texting)
    keep_house(texting)
    assert sql(texting, "SELECT count(*) FROM sms_erased_texts").scalar() == 1
    with texting.app_context():
        assert erase_at_twilio.left_at_twilio(1).count == 0


def test_a_text_of_an_erased_texter_is_not_taken_for_one_in_doubt(texting: Flask, twilio: Any) -> None:
    """The same words to the same number: what Twilio has still is the erased one."""
    text_in(texting)
    run_jobs(texting)
    twilio.wait_idle()
    erase(texting)
    twilio.add_fault("error_before_accepting", count=1)
    text_in(texting)
    run_jobs(texting)
    write(texting, SmsMessage, SmsMessage.send_state == "in_doubt", check_at=db_now(-1.0))
    with texting.app_context():
        settle_doubt(current_runtime())
    (answer,) = outbound(texting)
    assert (answer.send_state, answer.message_sid) == ("in_doubt", None)
