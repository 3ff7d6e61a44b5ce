"""What nobody gives of a recorded text has the model's default, also where one statement writes it without the model."""

from __future__ import annotations

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsMessage, SmsSession
from tests.support.channels import messages, sessions
from tests.support.twilio_requests import text_in

GIVEN = {"is_test", "segments"}


@pytest.mark.parametrize("model", [SmsMessage, SmsSession])
def test_a_recorded_text_and_its_session_have_the_models_defaults(
    texting: Flask, model: type[SmsMessage] | type[SmsSession]
) -> None:
    text_in(texting, "Hello")
    [row] = messages(texting) if model is SmsMessage else sessions(texting)
    defaults = {
        column.name: column.default.arg
        for column in model.__table__.columns
        if column.default is not None and column.default.is_scalar and column.name not in GIVEN
    }
    assert len(defaults) > 3
    assert {name: row._mapping[name] for name in defaults} == defaults
