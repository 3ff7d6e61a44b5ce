"""Texts that came while we were down are fetched from Twilio's list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from illumichat_sms_plugin.models import SmsChannel, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.secret import Secret
from tests.services.reconcile.missed_texts import connected_long_ago, missed
from tests.support.channels import inbound, keep_house, run_jobs, sql, write
from tests.support.twilio_requests import AUTH_TOKEN, NUMBER, TEXTER, text_in


def due_within(app: Flask, seconds: float) -> bool:
    """Whether the next comparison, one every 600 s, comes within so many seconds."""
    soon = select(SmsChannel.id).where(SmsChannel.catch_up_at <= db_now(seconds - 600.0))
    with app.app_context(), transaction() as connection:
        return connection.scalar(soon) is not None


def bring_forward(app: Flask, seconds: float) -> None:
    """Let the next comparison be due so much earlier."""
    with app.app_context(), transaction() as connection:
        (last,) = connection.scalars(select(SmsChannel.catch_up_at))
    write(app, SmsChannel, SmsChannel.id > 0, catch_up_at=last - timedelta(seconds=seconds))


def test_a_comparison_that_twilio_refused_is_tried_again_in_a_minute(texting: Flask, twilio: Any) -> None:
    connected_long_ago(texting)
    twilio.add_fault("outage", count=None)
    keep_house(texting)
    twilio.clear_faults()
    missed(twilio, "are you there?")
    assert keep_house(texting)["catch up"] == 0
    assert due_within(texting, 61.0)


def test_after_an_outage_the_comparison_does_not_wait_for_its_turn(texting: Flask, twilio: Any) -> None:
    from illumichat_sms_plugin.services.reconcile.catch_up import hasten

    connected_long_ago(texting)
    keep_house(texting)
    missed(twilio, "are you there?")
    assert keep_house(texting)["catch up"] == 0
    assert not due_within(texting, 500.0)
    with texting.app_context():
        hasten(current_runtime())
    assert due_within(texting, 21.0), "when the youngest missed text is no longer left to its webhook"
    bring_forward(texting, 21.0)
    assert keep_house(texting)["catch up"] == 1


def test_comparisons_asked_for_all_the_time_are_not_made_all_the_time(texting: Flask, twilio: Any) -> None:
    from illumichat_sms_plugin.services.reconcile.catch_up import hasten

    connected_long_ago(texting)
    keep_house(texting)
    missed(twilio, "are you there?")
    for _ in range(3):
        with texting.app_context():
            hasten(current_runtime())
        bring_forward(texting, 4.0)
        assert keep_house(texting)["catch up"] == 0
    bring_forward(texting, 8.0)
    assert keep_house(texting)["catch up"] == 1


def test_a_text_that_was_too_fresh_is_looked_for_again_soon(texting: Flask, twilio: Any) -> None:
    connected_long_ago(texting)
    missed(twilio, "just now", age=1.0)
    keep_house(texting)
    for message in twilio.messages(body="just now"):
        message.date_created -= 60
    assert keep_house(texting)["catch up"] == 0, "not at once"
    assert due_within(texting, 30.0)


def test_a_missed_text_is_fetched_and_answered(texting: Flask, twilio: Any) -> None:
    connected_long_ago(texting)
    missed(twilio, "are you there?")
    assert keep_house(texting)["catch up"] == 1
    run_jobs(texting)
    assert [message.body for message in twilio.messages(to=TEXTER, created_by="api")]
    assert inbound(texting)[0].answer_id


def test_a_missed_text_that_is_stale_is_recorded_and_not_answered(texting: Flask, twilio: Any) -> None:
    connected_long_ago(texting)
    missed(twilio, "last night", age=7200)
    keep_house(texting)
    run_jobs(texting)
    assert inbound(texting)[0].no_reply_reason == "stale"
    assert not twilio.messages(to=TEXTER, created_by="api")


def test_a_missed_stop_counts(texting: Flask, twilio: Any) -> None:
    connected_long_ago(texting)
    missed(twilio, "STOP", age=7200)
    keep_house(texting)
    assert sql(texting, "SELECT opted_out_at FROM sms_sessions").scalar() is not None


def test_catching_up_twice_records_once(texting: Flask, twilio: Any) -> None:
    connected_long_ago(texting)
    text_in(texting, "by webhook")
    missed(twilio, "missed")
    for _ in range(2):
        keep_house(texting)
        write(texting, SmsChannel, SmsChannel.id > 0, catch_up_at=None)
    assert [row.body for row in inbound(texting)] == ["by webhook", "missed"]


def test_missed_texts_keep_their_order(texting: Flask, twilio: Any) -> None:
    connected_long_ago(texting)
    for number, body in enumerate(("one", "two", "three")):
        missed(twilio, body, age=90.0 - number)
    keep_house(texting)
    assert [row.body for row in inbound(texting)] == ["one", "two", "three"]


def test_a_text_whose_webhook_may_still_come_is_left_alone(texting: Flask, twilio: Any) -> None:
    connected_long_ago(texting)
    missed(twilio, "just now", age=10.0)
    assert keep_house(texting)["catch up"] == 0


def test_texts_from_before_the_channel_are_somebody_elses(texting: Flask, twilio: Any) -> None:
    missed(twilio, "to the previous owner", age=3600)
    assert keep_house(texting)["catch up"] == 0


def test_a_round_compares_so_many_channels_and_those_first_that_waited_longest(
    texting: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from illumichat_sms_plugin.services.reconcile import catch_up
    from tests.support.channels import connect

    monkeypatch.setattr(catch_up, "BATCH", 1)
    connect(texting, "ast_sales", phone_number="+15551230002")
    write(texting, SmsChannel, SmsChannel.assistant_id == "ast_support", catch_up_at=db_now(-700.0))
    write(texting, SmsChannel, SmsChannel.assistant_id == "ast_sales", catch_up_at=db_now(-900.0))
    for compared in (["ast_sales"], ["ast_sales", "ast_support"]):
        keep_house(texting)
        fresh = "SELECT assistant_id FROM sms_channels WHERE compared_to IS NOT NULL ORDER BY 1"
        assert list(sql(texting, fresh).scalars()) == compared


def test_catch_up_is_not_done_all_the_time(texting: Flask, twilio: Any) -> None:
    connected_long_ago(texting)
    keep_house(texting)
    missed(twilio, "later")
    assert keep_house(texting)["catch up"] == 0


def test_an_outage_of_twilio_stops_nothing(texting: Flask, twilio: Any) -> None:
    connected_long_ago(texting)
    twilio.add_fault("outage", count=None)
    assert keep_house(texting)["catch up"] == 0
    assert sql(texting, "SELECT count(*) FROM sms_heartbeats").scalar() == 1


def test_one_channels_unusable_token_does_not_stop_the_others(texting: Flask, twilio: Any) -> None:
    from illumichat_sms_plugin.services.channel_secrets import secret_context
    from tests.support.channels import connect

    connect(texting, "ast_globex", phone_number="+15551230009")
    with texting.app_context():
        odd = current_runtime().secrets.encrypt(
            Secret("not-a-token"), context=secret_context("ast_globex", "auth_token")
        )
    write(texting, SmsChannel, SmsChannel.assistant_id == "ast_globex", auth_token=odd)
    connected_long_ago(texting)
    missed(twilio, "are you there?")
    assert keep_house(texting)["catch up"] == 1


def test_a_token_that_was_entered_again_brings_at_once_what_was_refused_meanwhile(
    texting: Flask, twilio: Any
) -> None:
    from tests.support.channels import change

    connected_long_ago(texting)
    keep_house(texting)
    missed(twilio, "are you there?")
    assert keep_house(texting)["catch up"] == 0, "the comparison is not due"
    change(texting, auth_token=AUTH_TOKEN)
    assert keep_house(texting)["catch up"] == 1


def test_a_number_that_moves_brings_no_old_texts_along(texting: Flask, twilio: Any) -> None:
    """The assistant that had it has answered them."""
    from tests.support.channels import change

    connected_long_ago(texting)
    missed(twilio, "to whoever had the number")
    change(texting, phone_number="+15551230002")
    change(texting, phone_number=NUMBER)
    write(texting, SmsChannel, SmsChannel.id > 0, catch_up_at=None)
    assert keep_house(texting)["catch up"] == 0


def test_an_old_stop_does_not_undo_a_newer_start(texting: Flask, twilio: Any) -> None:
    connected_long_ago(texting)
    text_in(texting, "STOP")
    text_in(texting, "START")
    missed(twilio, "STOP", age=3600)
    assert keep_house(texting)["catch up"] == 1
    assert sql(texting, "SELECT opted_out_at FROM sms_sessions").scalar() is None
