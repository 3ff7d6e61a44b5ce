"""The account and its balance."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from illumichat_sms_plugin.services.findings import Level
from tests.services.doctor.conftest import Examine
from tests.support.channels import change


def test_test_credentials_are_explained(healthy: Flask, examine: Examine) -> None:
    change(healthy, account_sid=seed.TEST_ACCOUNT_SID, auth_token=seed.TEST_AUTH_TOKEN)
    assert "test credentials" in examine("account_active")["account_active"].evidence


def test_a_trial_account_is_a_warning(healthy: Flask, examine: Examine, twilio: Any) -> None:
    twilio.add_fault("trial_account", count=None)
    found = examine("account_active")["account_active"]
    assert (found.level, "trial" in found.evidence) == (Level.WARNING, True)


@pytest.mark.parametrize(
    ("left", "result"), [("0.00", Level.PROBLEM), ("-3.10", Level.PROBLEM), ("0.21", Level.WARNING)]
)
def test_the_balance(healthy: Flask, examine: Examine, twilio: Any, left: str, result: Level) -> None:
    twilio.add_fault("low_balance", count=None, balance=left)
    found = examine("enough_balance")["enough_balance"]
    assert (found.level, left in found.evidence) == (result, True)
