"""Nobody is texted first at night, whatever was in doubt when it began."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from flask import Flask

from illumichat_sms_plugin.errors import TwilioInDoubt
from illumichat_sms_plugin.models import SmsMessage, db_now
from illumichat_sms_plugin.refusals import Refusal
from illumichat_sms_plugin.services.answering import send_message
from illumichat_sms_plugin.sms_channel import Refused, Sent
from tests.services.answering.answers import on_twilio
from tests.services.people.first_texts import day, let_it_be_night, start
from tests.support.channels import (
    keep_house,
    outbound,
    run_jobs,
    write,
)


def test_at_night_it_is_said_when_the_text_may_be_sent(ready: Flask, twilio: Any) -> None:
    let_it_be_night(ready)
    refused = start(ready, number="+12125550123")
    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.NIGHT
    assert refused.not_before is not None
    assert datetime.now(UTC) < refused.not_before < datetime.now(UTC) + timedelta(days=1)
    assert f"{refused.not_before:%-d %b %Y, %H:%M} UTC" in refused.sentence
    assert "in America/New York" in refused.sentence
    day(ready, 0, 24)
    assert isinstance(start(ready, number="+12125550123"), Sent)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_in_doubt_when_night_begins_is_not_sent_again(
    ready: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(ready)
    with monkeypatch.context() as patched:
        patched.setattr(send_message, "send_text", Mock(side_effect=TwilioInDoubt("No response.")))
        run_jobs(ready)
    day(ready, 25, 26)
    for _ in range(3):
        write(ready, SmsMessage, SmsMessage.send_state == "in_doubt", check_at=db_now(-1.0))
        keep_house(ready)
    assert outbound(ready)[-1].send_state == "unsettled"
    assert on_twilio(twilio) == []
