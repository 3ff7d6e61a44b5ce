"""Credentials count once Twilio has accepted them; until then nothing is taken, answered or sent with them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from illumichat_sms_plugin.encryption import generate_key
from illumichat_sms_plugin.models import SmsChannel, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.channels import LOOK_AT_UNREADABLE
from illumichat_sms_plugin.services.housekeeping import run_once
from illumichat_sms_plugin.services.setup.channel_settings import ChannelSettings, read_settings
from illumichat_sms_plugin.services.setup.look_at_accounts import (
    LONGEST_PAUSE,
    UNANSWERED_PAUSE,
    look_at_accounts,
)
from illumichat_sms_plugin.services.setup.ownership import Asked, Verdict
from illumichat_sms_plugin.services.setup.save_channel import disconnect
from tests.services.answering.answers import due_now
from tests.support.channels import (
    OWNER,
    change,
    connect,
    inbound,
    messages,
    outbound,
    run_jobs,
    sql,
    write,
)
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import inbound_form, post_signed, status_in, text_in

INVENTED = {"account_sid": "AC" + "1" * 32, "auth_token": "e" * 32, "phone_number": "+15005550111"}
REFUSED = Verdict(Asked.REFUSED, error_code=20003)
SALES = {"phone_number": seed.SALES_NUMBER}


@pytest.fixture
def asking(make: Any, twilio: Any) -> Flask:
    app: Flask = make(SMS_TWILIO_API_URL=twilio.url)
    return app


def stored(app: Flask, assistant_id: str = "ast_support") -> ChannelSettings:
    with app.app_context():
        return read_settings(current_runtime(), assistant_id)


def look(app: Flask) -> int:
    """Ask about everything that waits for it, now."""
    write(app, SmsChannel, SmsChannel.look_at.is_not(None), look_at=db_now(-1.0))
    with app.app_context():
        return look_at_accounts(current_runtime())


def pause(app: Flask) -> float:
    """Seconds until Twilio is asked again."""
    waits = stored(app)
    assert waits.look_at is not None
    with app.app_context():
        from illumichat_sms_plugin.models.database import read_now

        return (waits.look_at - read_now()).total_seconds()


class TestADraft:
    @pytest.mark.parametrize("verdict", [REFUSED, Verdict(Asked.NO_ANSWER), None])
    def test_takes_no_webhook(self, app: Flask, verdict: Verdict | None) -> None:
        connect(app, verdict=verdict)
        assert text_in(app).status_code == 403
        assert status_in(app, "SM" + "1" * 32, "delivered").status_code == 403
        assert not messages(app)

    def test_whoever_invents_an_account_has_no_model_call_from_it(self, app: Flask, host: MemoryHost) -> None:
        connect(app, "ast_globex", verdict=REFUSED, **INVENTED)
        for _ in range(60):
            form = inbound_form(AccountSid=INVENTED["account_sid"], To=INVENTED["phone_number"])
            answer = post_signed(app, "/api/sms/webhook/ast_globex", form, token=INVENTED["auth_token"])
            assert answer.status_code == 403
        run_jobs(app)
        assert not host.assistants.requests

    def test_neither_answers_what_was_recorded_before_nor_sends_it(
        self, texting: Flask, twilio: Any, host: MemoryHost
    ) -> None:
        text_in(texting, "hello")
        connect(texting, verdict=REFUSED, auth_token="e" * 32)
        run_jobs(texting)
        assert not host.assistants.requests
        assert not twilio.messages(created_by="api")
        connect(texting)
        due_now(texting)
        run_housekeeping(texting)
        run_jobs(texting)
        assert [row.send_state for row in outbound(texting)] == ["accepted"]

    def test_that_was_refused_while_the_assistant_thought_sends_nothing(
        self, texting: Flask, twilio: Any, host: MemoryHost
    ) -> None:
        def meanwhile(request: Any) -> str:
            connect(texting, verdict=REFUSED, auth_token="e" * 32)
            return "too late"

        host.assistants.reply = meanwhile
        text_in(texting, "hello")
        run_jobs(texting)
        assert not outbound(texting)
        assert inbound(texting)[0].no_reply_reason is None, "it waits"

    def test_becomes_one_again_when_another_token_is_not_accepted(self, connected: Flask) -> None:
        assert stored(connected).is_confirmed
        connect(connected, verdict=Verdict(Asked.NO_ANSWER), auth_token="d" * 32)
        assert stored(connected).is_draft

    def test_options_do_not_make_one(self, connected: Flask) -> None:
        change(connected, apology="Sorry.")
        assert stored(connected).is_confirmed

    def test_that_is_disconnected_is_none(self, app: Flask) -> None:
        connect(app, verdict=REFUSED)
        with app.app_context():
            disconnect(current_runtime(), "ast_support", by=OWNER)
        assert not stored(app).is_draft
        assert look(app) == 0

    def test_may_name_a_number_that_another_channel_has(self, connected: Flask) -> None:
        connect(connected, "ast_globex", verdict=REFUSED, auth_token="e" * 32)
        assert text_in(connected).status_code == 200


def run_housekeeping(app: Flask) -> None:
    write_sessions_old(app)
    with app.app_context():
        run_once(current_runtime())


def write_sessions_old(app: Flask) -> None:
    """Let the sweep find the sessions: their last text is a while ago."""
    sql(app, "UPDATE sms_sessions SET last_message_at = '2026-01-01 00:00:00.000000', swept_at = NULL")


class TestHousekeeping:
    def test_confirms_what_could_not_be_asked_about(self, asking: Flask, twilio: Any) -> None:
        connect(asking, verdict=Verdict(Asked.NO_ANSWER))
        assert pause(asking) <= 1, "at once, and so within a minute"
        assert look(asking) == 1
        assert stored(asking).is_confirmed
        assert text_in(asking).status_code == 200

    def test_asks_ever_less_often_about_what_twilio_refuses(self, asking: Flask, twilio: Any) -> None:
        connect(asking, verdict=REFUSED, auth_token="e" * 32)
        pauses = [pause(asking)]
        for _ in range(12):
            look(asking)
            pauses.append(pause(asking))
        assert pauses[0] == pytest.approx(60, abs=5)
        assert pauses[1:4] == [pytest.approx(expected, abs=5) for expected in (120, 240, 480)]
        assert pauses[-1] == pytest.approx(LONGEST_PAUSE, abs=5)
        assert sum(pauses) > 86400, "thirteen looks on the first day, and four on each one after it"
        assert stored(asking).attention_code == 20003

    def test_does_not_wait_for_hours_when_twilio_was_only_out(self, asking: Flask, twilio: Any) -> None:
        connect(asking, verdict=Verdict(Asked.NO_ANSWER))
        twilio.add_fault("outage", count=None, mode="503")
        for _ in range(8):
            look(asking)
        assert pause(asking) == pytest.approx(UNANSWERED_PAUSE, abs=5)
        twilio.clear_faults()
        assert look(asking) == 1

    def test_asks_nobody_about_a_token_that_cannot_be_read(
        self, asking: Flask, twilio: Any, make: Any
    ) -> None:
        connect(asking, verdict=None)
        other_keys = make(SMS_TWILIO_API_URL=twilio.url, SMS_ENCRYPTION_KEYS=[generate_key()])
        assert look(other_keys) == 0
        assert not twilio.store.requests
        assert pause(asking) <= LOOK_AT_UNREADABLE

    def test_does_not_undo_what_was_saved_while_it_asked(
        self, asking: Flask, twilio: Any, monkeypatch: Any
    ) -> None:
        from illumichat_sms_plugin.services.setup import look_at_accounts as looking

        connect(asking, verdict=None)

        def slow(*_: Any, **__: Any) -> Verdict:
            connect(asking, verdict=REFUSED, auth_token="e" * 32)
            return Verdict(Asked.OWNED)

        monkeypatch.setattr(looking, "ask_for_number", slow)
        look(asking)
        assert stored(asking).is_draft

    def test_leaves_a_number_with_the_channel_of_the_same_account_that_has_it(
        self, asking: Flask, twilio: Any
    ) -> None:
        connect(asking)
        connect(asking, "ast_sales", verdict=None)
        assert look(asking) == 0
        assert stored(asking, "ast_sales").number_in_use
        with asking.app_context():
            disconnect(current_runtime(), "ast_support", by=OWNER)
        assert look(asking) == 1
        assert stored(asking, "ast_sales").is_confirmed

    def test_takes_a_number_from_an_account_that_does_not_own_it_any_more(
        self, asking: Flask, twilio: Any
    ) -> None:
        connect(asking, "ast_globex", account_sid=seed.OTHER_ACCOUNT_SID, auth_token=seed.OTHER_AUTH_TOKEN)
        connect(asking, verdict=None)
        assert look(asking) == 1
        assert stored(asking).is_confirmed
        assert not stored(asking, "ast_globex").is_connected

    def test_has_texts_fetched_that_were_refused_meanwhile(self, texting: Flask, twilio: Any) -> None:
        connect(texting, verdict=Verdict(Asked.NO_ANSWER))
        connect(texting, verdict=None, auth_token="d" * 32)
        connect(texting, verdict=None)
        look(texting)
        assert stored(texting).is_confirmed
        with texting.app_context():
            assert sql(texting, "SELECT catch_up_at FROM sms_channels").scalar() is None, "it is due at once"


class TestAnAccountThatTwilioShutsOut:
    @pytest.fixture
    def shut_out(self, texting: Flask, twilio: Any) -> Flask:
        """Connected and working; then the account was suspended, which a send has found out."""
        twilio.add_fault("rotated_token", account_sid=seed.ACCOUNT_SID)
        text_in(texting, "first")
        run_jobs(texting)
        assert stored(texting).attention_code == 20003
        return texting

    def test_has_its_texts_recorded_and_its_assistant_not_asked(
        self, shut_out: Flask, host: MemoryHost
    ) -> None:
        asked = len(host.assistants.requests)
        for _ in range(20):
            assert text_in(shut_out).status_code == 200
        run_jobs(shut_out)
        assert len(inbound(shut_out)) == 21
        assert len(host.assistants.requests) == asked
        assert {row.no_reply_reason for row in inbound(shut_out)[1:]} == {None}, "they wait"

    def test_has_them_answered_when_it_is_mended(self, shut_out: Flask, twilio: Any) -> None:
        text_in(shut_out, "second")
        twilio.clear_faults()
        assert look(shut_out) == 1
        assert stored(shut_out).attention_code is None
        run_housekeeping(shut_out)
        run_jobs(shut_out)
        assert outbound(shut_out)[-1].send_state == "accepted"

    def test_has_them_closed_as_too_old_when_it_is_not(self, shut_out: Flask) -> None:
        text_in(shut_out, "second")
        sql(shut_out, "UPDATE sms_messages SET created_at = '2026-01-01 00:00:00.000000'")
        write_sessions_old(shut_out)
        with shut_out.app_context():
            run_once(current_runtime())
        run_jobs(shut_out)
        assert inbound(shut_out)[-1].no_reply_reason == "stale"

    def test_is_asked_about_by_one_piece_of_work_only_and_ever_less_often(
        self, shut_out: Flask, twilio: Any
    ) -> None:
        before = len(twilio.store.requests)
        for _ in range(10):
            write(shut_out, SmsChannel, SmsChannel.id > 0, catch_up_at=None)
            with shut_out.app_context():
                run_once(current_runtime())
        assert len(twilio.store.requests) == before, "the first look is a minute away"
        look(shut_out)
        asked = len(twilio.store.requests)
        assert before < asked <= before + 2
        assert pause(shut_out) == pytest.approx(60, abs=5)
        look(shut_out)
        assert pause(shut_out) == pytest.approx(120, abs=5)
        assert stored(shut_out).is_confirmed

    def test_stays_confirmed_but_for_a_number_that_has_left_the_account(
        self, texting: Flask, twilio: Any
    ) -> None:
        connect(texting, phone_number=seed.OTHER_NUMBER)
        write(texting, SmsChannel, SmsChannel.id > 0, attention_code=21660, look_at=db_now(-1.0))
        look(texting)
        assert stored(texting).is_draft
        assert stored(texting).attention_code == 21606
