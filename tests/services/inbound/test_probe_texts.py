"""The Doctor's own texts: known by a code that nobody outside can make, and in no figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.encryption import generate_key
from illumichat_sms_plugin.models import SmsMessage, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.inbound.probe_texts import (
    SENDER,
    is_recorded,
    new_probe_sid,
    probe_columns,
    remove_probes,
)
from tests.support.apps import KEY
from tests.support.channels import messages, run_jobs, sessions, write
from tests.support.twilio_requests import new_sid, text_in


def probe(app: Flask) -> str:
    with app.app_context():
        return new_probe_sid(current_runtime(), 1)


def test_a_probe_is_recorded_as_a_test_and_answered_by_nobody(connected: Flask) -> None:
    sid = probe(connected)
    assert len(sid) == 34
    assert text_in(connected, MessageSid=sid, From=SENDER).status_code == 200
    (message,) = messages(connected)
    assert (message.is_test, message.no_reply_reason) == (True, "test")
    assert run_jobs(connected) == 0


def test_an_ordinary_text_is_not_looked_at_twice(connected: Flask) -> None:
    with connected.app_context():
        assert probe_columns(current_runtime(), 1, new_sid()) == {}


@pytest.mark.parametrize(
    "forge",
    [
        lambda sid: sid[:-1] + ("0" if sid[-1] != "0" else "1"),
        lambda sid: sid[:6] + "0" * 28,
        lambda sid: sid[:18],
        lambda sid: sid[:6] + "é" * 28,
    ],
)
def test_who_does_not_have_the_keys_cannot_mark_a_text_as_a_test(
    connected: Flask, forge: Callable[[str], str]
) -> None:
    with connected.app_context():
        assert probe_columns(current_runtime(), 1, forge(probe(connected))) == {}


def test_a_probe_of_one_channel_is_none_of_another(connected: Flask) -> None:
    with connected.app_context():
        assert probe_columns(current_runtime(), 2, probe(connected)) == {}


def test_processes_in_the_middle_of_a_key_rotation_know_each_others_probes(
    make: Callable[..., Flask],
) -> None:
    new_key = generate_key()
    old, both = make(), make(SMS_ENCRYPTION_KEYS=[new_key, KEY])
    with both.app_context():
        assert probe_columns(current_runtime(), 1, probe(old))


def test_it_is_removed_with_its_session_and_nothing_else(connected: Flask) -> None:
    text_in(connected)
    sid = probe(connected)
    text_in(connected, MessageSid=sid, From=SENDER)
    with connected.app_context():
        assert is_recorded(1, sid)
        remove_probes(1, sid)
        assert not is_recorded(1, sid)
    assert len(messages(connected)) == len(sessions(connected)) == 1


def test_a_session_in_which_somebody_real_texted_stays(connected: Flask) -> None:
    text_in(connected, From=SENDER)
    sid = probe(connected)
    text_in(connected, MessageSid=sid, From=SENDER)
    with connected.app_context():
        remove_probes(1, sid)
    assert len(messages(connected)) == len(sessions(connected)) == 1


def test_what_a_dead_process_left_behind_is_removed_the_next_time(connected: Flask, host: Any) -> None:
    text_in(connected, MessageSid=probe(connected), From=SENDER)
    with connected.app_context():
        remove_probes(1)
        assert len(messages(connected)) == 1, "it may be at work still"
        write(connected, SmsMessage, SmsMessage.is_test, created_at=db_now(-400.0))
        remove_probes(1)
    assert messages(connected) == []
