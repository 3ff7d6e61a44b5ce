"""A texter whose first text was answered."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.services.answering import other_texts
from tests.services.reconcile.missed_texts import connected_long_ago
from tests.support.channels import run_jobs
from tests.support.twilio_requests import text_in


@pytest.fixture
def answered(texting: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A texter whose first text was answered; Twilio's list is waited for, however slow the machine is."""
    monkeypatch.setattr(other_texts, "PATIENCE", 20.0)
    connected_long_ago(texting)
    text_in(texting, "Hello?")
    run_jobs(texting)
    twilio.wait_idle(5)
    return texting
