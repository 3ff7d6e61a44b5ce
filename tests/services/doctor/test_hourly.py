"""Housekeeping makes the cheap checks every hour, and the channel's state says what they found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from demo.twilio_simulator import seed
from illumichat_sms_plugin.models import SmsChannel, SmsDay, db_now
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.analytics.tally import Tally
from illumichat_sms_plugin.services.doctor import hourly
from illumichat_sms_plugin.services.doctor.hourly import examine_channels
from illumichat_sms_plugin.services.setup.channel_settings import read_settings
from illumichat_sms_plugin.services.setup.channel_state import ChannelState, state_of
from illumichat_sms_plugin.services.setup.webhook_setup import set_webhook
from tests.services.doctor.conftest import Examine
from tests.services.doctor.situations import converse
from tests.support.channels import OWNER, change, connect, write
from tests.support.twilio_requests import NUMBER


def examine_now(app: Flask) -> int:
    """As an hour later."""
    write(app, SmsChannel, SmsChannel.examined_at.is_not(None), examined_at=db_now(-2 * hourly.PAUSE))
    with app.app_context():
        return examine_channels(current_runtime())


def state(app: Flask) -> ChannelState:
    with app.app_context():
        return state_of(read_settings(current_runtime(), "ast_support"))


def found(app: Flask) -> set[str]:
    return {
        reason.name.removeprefix("found/")
        for reason in state(app).reasons
        if reason.name.startswith("found/")
    }


def examined_until(app: Flask, is_so: Callable[[], bool]) -> bool:
    """Whether it is so after a few hours: what a busy machine does not let us look at stays as it was."""
    for _ in range(5):
        examine_now(app)
        if is_so():
            return True
    return False


def test_what_changes_at_twilio_shows_within_the_hour_and_goes_away(healthy: Flask, twilio: Any) -> None:
    converse(healthy, twilio)
    assert examine_now(healthy) == 1
    assert state(healthy).code == "on"
    twilio.add_fault("webhook_changed", number=NUMBER, url="https://crm.example.net/sms", count=None)
    assert examine_now(healthy) == 1
    assert found(healthy) == {"webhook_url"}
    assert state(healthy).code == "needs_attention"
    assert "https://crm.example.net/sms" in state(healthy).sentence
    twilio.clear_faults()
    examine_now(healthy)
    assert state(healthy).code == "on"


def test_a_webhook_that_is_set_here_is_right_at_once_and_not_in_an_hour(healthy: Flask, twilio: Any) -> None:
    converse(healthy, twilio)
    twilio.add_fault("webhook_changed", number=NUMBER, url="https://crm.example.net/sms", count=None)
    examine_now(healthy)
    assert found(healthy) == {"webhook_url"}
    twilio.clear_faults()
    with healthy.app_context():
        set_webhook(current_runtime(), "ast_support", by=OWNER)
        assert state(healthy).code == "on"
        assert examine_channels(current_runtime()) == 1, "housekeeping looks again at its next round"


def test_what_was_found_before_the_webhook_was_set_is_not_kept_after_it(healthy: Flask, twilio: Any) -> None:
    converse(healthy, twilio)
    twilio.add_fault("webhook_changed", number=NUMBER, url="https://crm.example.net/sms", count=None)
    with healthy.app_context():
        claimed = hourly._claim()
        write(
            healthy, SmsChannel, SmsChannel.id == claimed.id, examined_at=None
        )  # as setting the webhook does
        hourly._examine(current_runtime(), claimed)
    assert found(healthy) == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_of_them_is_a_reason(healthy: Flask, twilio: Any) -> None:
    converse(healthy, twilio)
    for kind, name, more in (
        ("low_balance", "enough_balance", {"balance": "0.50"}),
        ("number_released", "number_able", {"number": NUMBER}),
        ("application_override", "webhook_not_overridden", {"number": NUMBER}),
        ("suspended_account", "account_active", {}),
    ):
        twilio.add_fault(kind, count=None, **more)
        assert examined_until(healthy, lambda name=name: name in found(healthy)), kind
        twilio.clear_faults()
    assert examined_until(healthy, lambda: found(healthy) == set())


def test_a_channel_is_examined_once_an_hour_by_one_process(healthy: Flask, twilio: Any) -> None:
    assert examine_now(healthy) == 1
    with healthy.app_context():
        assert examine_channels(current_runtime()) == 0
    write(healthy, SmsChannel, SmsChannel.id == 1, examined_at=db_now(1000.0))
    with healthy.app_context():
        assert examine_channels(current_runtime()) == 1, "the database's clock was set back"


def test_a_round_is_bounded_and_the_longest_unexamined_come_first(
    healthy: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(healthy, "ast_sales", phone_number=seed.SALES_NUMBER)
    write(healthy, SmsChannel, SmsChannel.assistant_id == "ast_support", examined_at=db_now(-9000.0))
    monkeypatch.setattr(hourly, "BATCH", 1)
    seen: list[str] = []
    monkeypatch.setattr(hourly, "_examine", lambda runtime, row: seen.append(row.assistant_id))
    with healthy.app_context():
        done = [examine_channels(current_runtime()) for _ in range(3)]
    assert (seen, done) == (["ast_sales", "ast_support"], [1, 1, 0])


def test_what_is_off_a_draft_or_disconnected_is_not_examined(healthy: Flask, twilio: Any) -> None:
    change(healthy, enabled=False)
    assert examine_now(healthy) == 0
    change(healthy, enabled=True)
    write(healthy, SmsChannel, SmsChannel.id == 1, confirmed_at=None)
    assert examine_now(healthy) == 0


def test_what_cannot_be_looked_at_stays_as_it_was(healthy: Flask, twilio: Any) -> None:
    converse(healthy, twilio)
    twilio.add_fault("webhook_changed", number=NUMBER, url="https://crm.example.net/sms", count=None)
    examine_now(healthy)
    twilio.add_fault("outage", count=None)
    examine_now(healthy)
    assert found(healthy) == {"webhook_url"}


def test_a_change_of_the_channel_makes_it_old(healthy: Flask, twilio: Any) -> None:
    converse(healthy, twilio)
    twilio.add_fault("webhook_changed", number=NUMBER, url="https://crm.example.net/sms", count=None)
    examine_now(healthy)
    with healthy.app_context(), transaction() as connection:
        connection.execute(SmsChannel.__table__.update().values(version=SmsChannel.version + 1))
    assert found(healthy) == set()


def test_a_webhook_that_was_never_set_is_a_step_and_no_trouble(healthy: Flask, twilio: Any) -> None:
    twilio.set_webhook(NUMBER, "")
    examine_now(healthy)
    assert state(healthy).code == "one_step_left"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_balance_below_what_a_week_costs_is_said(healthy: Flask, twilio: Any, examine: Examine) -> None:
    twilio.add_fault("low_balance", balance="3.00", count=None)
    assert examine("enough_balance")["enough_balance"].level == "ok"
    tally = Tally()
    tally.texts["outbound"] = tally.texts["segments"] = tally.unpriced["segments"] = 1000
    with healthy.app_context(), transaction() as connection:
        today = connection.scalars(select(db_now())).one().date()
        connection.execute(
            insert_or_conflict(connection, SmsDay).values(channel_id=1, day=today, counts=tally.to_json())
        )
    said = examine("enough_balance")["enough_balance"]
    assert said.level == "warning"
    assert "3.00 USD, and the texts of the last 7 days cost about" in said.evidence
