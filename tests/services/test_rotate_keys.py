"""``flask sms rotate-keys``: every secret under the newest key, as often and as interrupted as one likes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.encryption import generate_key
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services import rotate_keys as module
from illumichat_sms_plugin.services.channels import load_channel
from illumichat_sms_plugin.services.rotate_keys import rotate_keys
from tests.support.apps import KEY
from tests.support.channels import change, connect, sql
from tests.support.twilio_requests import AUTH_TOKEN, text_in

NEW = generate_key()


def rotate(app: Flask) -> Any:
    with app.app_context():
        return rotate_keys(current_runtime())


@pytest.fixture
def old(connected: Flask) -> Flask:
    """An installation whose secrets are under the old key: two tokens, and the key of kept opt-outs."""
    change(connected, next_auth_token="b" * 32)
    return connected


def test_everything_is_readable_with_the_new_key_alone_afterwards(
    old: Flask, make: Callable[..., Flask]
) -> None:
    both = make(SMS_ENCRYPTION_KEYS=[NEW, KEY])
    assert (rotate(both).rewritten, rotate(both).current) == (3, 3)
    alone = make(SMS_ENCRYPTION_KEYS=[NEW])
    assert text_in(alone).status_code == 200
    with alone.app_context():
        channel = load_channel(current_runtime(), "ast_support")
    assert channel is not None
    assert channel.credentials is not None
    assert channel.credentials.secret == Secret(AUTH_TOKEN)


def test_doing_it_twice_changes_nothing(old: Flask, make: Callable[..., Flask]) -> None:
    both = make(SMS_ENCRYPTION_KEYS=[NEW, KEY])
    rotate(both)
    before = sql(both, "SELECT auth_token, next_auth_token, version, updated_at FROM sms_channels").one()
    again = rotate(both)
    assert (again.rewritten, again.current, again.unreadable) == (0, 3, [])
    assert (
        sql(both, "SELECT auth_token, next_auth_token, version, updated_at FROM sms_channels").one() == before
    )


def test_an_interrupted_rotation_is_finished_by_the_next(
    old: Flask, make: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    both = make(SMS_ENCRYPTION_KEYS=[NEW, KEY])
    replace = module._replace

    def interrupted(*arguments: str) -> int:
        replace(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rotate(both)
    assert text_in(both).status_code == 200, "half under one key and half under the other works"
    monkeypatch.setattr(module, "_replace", replace)
    assert (rotate(both).rewritten, rotate(both).current) == (2, 3)


def test_a_token_that_is_entered_meanwhile_is_not_overwritten(
    old: Flask, make: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    both = make(SMS_ENCRYPTION_KEYS=[NEW, KEY])
    replace = module._replace

    def late(assistant_id: str, column: str, before: str, after: str) -> int:
        if column == "auth_token":
            change(both, auth_token="c" * 32)
        return replace(assistant_id, column, before, after)

    monkeypatch.setattr(module, "_replace", late)
    rotate(both)
    with both.app_context():
        channel = load_channel(current_runtime(), "ast_support")
    assert channel is not None
    assert channel.credentials is not None
    assert channel.credentials.secret == Secret("c" * 32)


def test_a_lost_key_is_named_and_the_rest_goes_on(old: Flask, make: Callable[..., Flask]) -> None:
    lost = make(SMS_ENCRYPTION_KEYS=[NEW])
    connect(lost, "ast_sales", account_sid="AC" + "9" * 32, phone_number="+15551230009")
    done = rotate(lost)
    assert done.unreadable == [("ast_support", "auth_token"), ("ast_support", "next_auth_token")]
    assert done.current == 2
    result = lost.test_cli_runner().invoke(args=["sms", "rotate-keys"])
    assert result.exit_code == 1
    assert "ast_support: no configured key reads auth_token; enter it again." in result.output
    assert text_in(lost).status_code == 403, "not a 500"
