"""Where the texts of the number go."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.services.findings import Level
from tests.services.doctor.conftest import Examine, Front
from tests.support.twilio_requests import NUMBER


@pytest.mark.parametrize(
    ("url", "words", "action"),
    [
        ("{right}/", "ends with a slash", "set-webhook"),
        ("{right}?x=1", "question mark", "set-webhook"),
        ("{front}/API/sms/webhook/ast_support", "go to", "webhook"),
        ("https://crm.example.net/sms", "go to https://crm.example.net/sms", "webhook"),
        ("{front}/api/sms/webhook/ast_sales", "another assistant", "webhook"),
        ("", "empty", "set-webhook"),
    ],
)
def test_a_wrong_webhook_is_told_apart(
    *, healthy: Flask, examine: Examine, twilio: Any, front: Front, url: str, words: str, action: str
) -> None:
    right = f"{front.url}/api/sms/webhook/ast_support"
    twilio.set_webhook(NUMBER, url.format(right=right, front=front.url))
    found = examine("webhook_url")["webhook_url"]
    assert found.level is Level.PROBLEM
    assert words in found.evidence
    assert found.action is not None
    assert found.action.target == action


def test_a_webhook_without_retry_rules_is_a_warning_with_a_button(
    healthy: Flask, examine: Examine, twilio: Any, front: Front
) -> None:
    twilio.set_webhook(NUMBER, f"{front.url}/api/sms/webhook/ast_support")
    found = examine("webhook_url")["webhook_url"]
    assert (found.level, "retry rules" in found.evidence) == (Level.WARNING, True)
    assert found.action is not None
    assert found.action.target == "set-webhook"


def test_a_fallback_of_somebody_else_is_a_warning(healthy: Flask, examine: Examine, twilio: Any) -> None:
    assert examine("webhook_fallback")["webhook_fallback"].level is Level.OK
    twilio.number(NUMBER).sms_fallback_url = "https://crm.example.net/sorry"
    found = examine("webhook_fallback")["webhook_fallback"]
    assert (found.level, "https://crm.example.net/sorry" in found.evidence) == (Level.WARNING, True)
