"""Saving as an admin does, and what came of it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.setup.ask_and_save import Saved, ask_and_save
from illumichat_sms_plugin.services.setup.channel_settings import ChannelSettings, read_settings
from illumichat_sms_plugin.services.setup.ownership import Asked
from tests.support.channels import OWNER, changes_of
from tests.support.twilio_requests import NUMBER

CREDENTIALS = {"account_sid": seed.ACCOUNT_SID, "auth_token": seed.AUTH_TOKEN, "phone_number": NUMBER}
OTHERS = {"account_sid": seed.OTHER_ACCOUNT_SID, "auth_token": seed.OTHER_AUTH_TOKEN}
WRONG_TOKEN = "0" * 32


def save(
    app: Flask,
    assistant_id: str = "ast_support",
    *,
    by: Person = OWNER,
    seen: int | None = None,
    **changes: Any,
) -> Saved:
    with app.app_context():
        runtime = current_runtime()
        assistant = runtime.host.assistants.find(assistant_id)
        assert assistant is not None
        return ask_and_save(runtime, assistant, changes_of(changes), by=by, seen_version=seen)


def refused(app: Flask, assistant_id: str = "ast_support", **changes: Any) -> int | None:
    """Twilio's code for what it does not like about a save."""
    verdict = save(app, assistant_id, **changes).verdict
    assert verdict.asked is Asked.REFUSED
    assert stored(app, assistant_id).attention_code == verdict.error_code
    return verdict.error_code


def invalid(app: Flask, assistant_id: str = "ast_support", **changes: Any) -> dict[str, str]:
    """The sentences of a save that cannot be, by field."""
    with pytest.raises(InvalidInput) as caught:
        save(app, assistant_id, **changes)
    return caught.value.fields


def stored(app: Flask, assistant_id: str = "ast_support") -> ChannelSettings:
    with app.app_context():
        return read_settings(current_runtime(), assistant_id)
