"""Each check, in health and in sickness."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.services.doctor.checks import CHECKS
from illumichat_sms_plugin.services.findings import Level
from tests.services.doctor.conftest import Examine, problems
from tests.services.doctor.situations import UNKNOWABLE, a_worker, converse
from tests.support.twilio_requests import NUMBER


def test_a_healthy_channel_has_nothing_but_the_demos_address_to_say(
    healthy: Flask, examine: Examine, twilio: Any
) -> None:
    converse(healthy, twilio)
    with a_worker(healthy):
        found = examine()
    assert {name: c.evidence for name, c in found.items() if c.level is not Level.OK} == {
        "public_address": found["public_address"].evidence
    }
    assert found["public_address"].level is Level.WARNING


def test_every_finding_that_is_not_fine_says_what_to_do(examine: Examine) -> None:
    for check in examine(assistant_id="ast_sales").values():
        assert check.evidence.endswith((".", ")"))
        if check.level in (Level.WARNING, Level.PROBLEM):
            assert check.fix.endswith(".")


@pytest.mark.parametrize(
    ("fault", "check", "words"),
    [
        ("rotated_token", "account_active", "does not accept this Account SID with this Auth Token"),
        ("suspended_account", "account_active", "suspended"),
        ("closed_account", "account_active", "does not accept"),
        ("outage", "twilio_reachable", "does not answer as it should"),
        ("number_released", "number_able", "does not own"),
        ("not_sms_capable", "number_able", "cannot send or receive SMS"),
        ("webhook_changed", "webhook_url", "welcome answer"),
        ("webhook_method_get", "webhook_method", "GET"),
        ("application_override", "webhook_not_overridden", "TwiML app"),
    ],
)
def test_what_is_wrong_at_twilio_is_found_by_one_check_and_named(
    *, healthy: Flask, examine: Examine, twilio: Any, fault: str, check: str, words: str
) -> None:
    twilio.add_fault(fault, number=NUMBER if fault in NUMBER_FAULTS else None, count=None)
    found = examine()
    assert problems(found) - UNKNOWABLE == {check}
    assert words in found[check].evidence


NUMBER_FAULTS = {
    "number_released",
    "not_sms_capable",
    "webhook_changed",
    "webhook_method_get",
    "application_override",
}


def test_every_check_has_a_name_and_a_title_of_its_own() -> None:
    assert len({check.name for check in CHECKS}) == len({check.title for check in CHECKS}) == len(CHECKS)
