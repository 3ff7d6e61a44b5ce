"""Webhooks that were refused."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.services.findings import Level
from tests.services.doctor.conftest import Examine
from tests.services.doctor.situations import text


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("rotated_token", "No address and no key that we know"),
        ("wrong_signature", "No address and no key that we know"),
    ],
)
def test_refused_webhooks_are_explained(
    healthy: Flask, examine: Examine, twilio: Any, fault: str, words: str
) -> None:
    twilio.add_fault(fault, count=None)
    text(twilio)
    found = examine("refused_webhooks")["refused_webhooks"]
    assert (found.level, words in found.evidence) == (Level.PROBLEM, True)
    twilio.clear_faults()
    text(twilio)
    found = examine("refused_webhooks")["refused_webhooks"]
    assert (found.level, "have come in since" in found.evidence) == (Level.WARNING, True)
