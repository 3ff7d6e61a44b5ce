"""Is it on, can its token be read, and is its public address one?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.encryption import generate_key
from illumichat_sms_plugin.services.findings import Level
from tests.services.doctor.conftest import Examine, Front, problems
from tests.services.doctor.situations import UNKNOWABLE
from tests.support.channels import change


def test_an_assistant_without_a_channel_has_one_problem(examine: Examine) -> None:
    assert problems(examine(assistant_id="ast_sales")) - UNKNOWABLE == {"channel_on"}


def test_off_is_a_problem_with_a_button(healthy: Flask, examine: Examine) -> None:
    change(healthy, enabled=False)
    found = examine("channel_on")["channel_on"]
    assert (found.level, found.action and found.action.target) == (Level.PROBLEM, "turn-on")


def test_a_lost_key_means_enter_the_token_again(
    make: Callable[..., Flask], healthy: Flask, examine: Examine, twilio: Any, front: Front
) -> None:
    other = make(
        SMS_TWILIO_API_URL=twilio.url, SMS_PUBLIC_URL=front.url, SMS_ENCRYPTION_KEYS=[generate_key()]
    )
    found = examine(app=other)
    assert "token_readable" in problems(found)
    assert "Enter the Auth Token again" in found["token_readable"].fix
    assert "account_active" not in problems(found)


@pytest.mark.parametrize(
    ("public_url", "result", "words"),
    [
        ("https://chat.example.com", Level.OK, "HTTPS"),
        ("https://my_chat.example.com", Level.PROBLEM, "underscore"),
        ("http://127.0.0.1:5000", Level.WARNING, "this machine itself"),
    ],
)
def test_the_public_address(
    make: Callable[..., Flask], examine: Examine, public_url: str, result: Level, words: str
) -> None:
    found = examine("public_address", app=make(SMS_PUBLIC_URL=public_url))["public_address"]
    assert (found.level, words in found.evidence) == (result, True)
