"""Old texts go in bounded pages, round by round, whoever does it and however many channels there are."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsMessage
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.retention import let_go as service
from illumichat_sms_plugin.services.retention import old_sessions, old_texts
from tests.services.retention.old import age, let_go
from tests.support.channels import (
    change,
    connect,
    messages,
    run_jobs,
    sessions,
    sql,
    write,
)
from tests.support.twilio_requests import text_in


def test_a_long_history_goes_in_bounded_pages_each_of_few_statements(
    texting: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_texts, "PAGE", 4)
    monkeypatch.setattr(old_sessions, "PAGE", 2)
    for number in range(6):
        text_in(texting, From=f"+1555765000{number}")
    run_jobs(texting)
    write(texting, SmsMessage, SmsMessage.id == 1, answer_id=None)
    change(texting, keep_days=3650)
    age(texting, 2000)
    assert let_go(texting) > 0
    assert len(messages(texting)) == 12
    change(texting, keep_days=30)
    with texting.app_context():
        sql(texting, "UPDATE sms_retentions SET look_at = '2020-01-01 00:00:00'")
        assert service.take_a_turn(current_runtime()) == service.PAGES
        left = len(messages(texting))
        assert 1 <= left < 12, "one turn takes a part"
    let_go(texting)
    assert [row.id for row in messages(texting)] == [1]
    assert [row.id for row in sessions(texting)] == [1]


def test_what_has_to_stay_is_looked_at_once_a_round(texting: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old_texts, "PAGE", 2)
    for _ in range(7):
        text_in(texting)
    change(texting, keep_days=30)
    age(texting, 40)
    assert let_go(texting) == 6, "four pages of texts, one of sessions, one of the audit"
    assert len(messages(texting)) == 7


def test_two_housekeepers_share_the_work(texting: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old_texts, "PAGE", 3)
    for number in range(8):
        text_in(texting, From=f"+1555765000{number}")
    run_jobs(texting)
    change(texting, keep_days=30)
    age(texting, 40)
    threads = [threading.Thread(target=lambda: let_go(texting)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    let_go(texting)
    assert (messages(texting), sessions(texting)) == ([], [])


def test_nothing_goes_while_the_databases_clock_is_years_ahead(
    texting: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    text_in(texting)
    run_jobs(texting)
    change(texting, keep_days=30)
    monkeypatch.setattr(service, "APART", timedelta(seconds=-1))
    let_go(texting)
    assert len(messages(texting)) == 2
    assert "clock" in caplog.text


def test_a_channel_that_keeps_its_texts_again_is_looked_at_no_more(texting: Flask) -> None:
    change(texting, keep_days=30)
    let_go(texting)
    change(texting, keep_days=0)
    text_in(texting)
    age(texting, 4000)
    let_go(texting)
    assert len(messages(texting)) == 1
    assert sql(texting, "SELECT count(*) FROM sms_retentions").scalar() == 0


def test_many_channels_take_turns_in_one_round(texting: Flask) -> None:
    connect(texting, "ast_sales", phone_number="+15551230077", keep_days=30)
    change(texting, keep_days=30)
    text_in(texting, "STOP")
    age(texting, 40)
    with texting.app_context():
        assert service.let_old_texts_go(current_runtime()) == 2
        assert service.let_old_texts_go(current_runtime()) == 0, "nothing is due for an hour"
