"""Do the limits protect the channel, and how far is it from them?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsMessage
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services import pauses
from illumichat_sms_plugin.services.findings import Finding, Level
from tests.services.doctor.conftest import Examine
from tests.services.doctor.situations import converse
from tests.support.channels import OWNER, change, sql, write
from tests.support.memory_host import ACME

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def look(examine: Examine) -> tuple[Level, str]:
    found: Finding = examine("limits_set")["limits_set"]
    return found.level, f"{found.evidence} {found.fix}"


def test_what_is_used_is_said(healthy: Flask, examine: Examine, twilio: Any) -> None:
    converse(healthy, twilio)
    found, said = look(examine)
    assert (found, "Segments today: 1 of 5,000 used (0 %)." in said) == (Level.OK, True), said


def test_a_limit_that_is_close_is_a_warning(healthy: Flask, examine: Examine, twilio: Any) -> None:
    converse(healthy, twilio)
    change(healthy, money_per_day="0.01")
    found, said = look(examine)
    assert (found, "Money today: 0.01 of 0.01 used" in said) == (Level.WARNING, True), said


def test_a_channel_that_costs_something_has_a_limit_in_money(
    healthy: Flask, examine: Examine, twilio: Any
) -> None:
    converse(healthy, twilio)
    write(healthy, SmsMessage, SmsMessage.direction == "outbound", price=Decimal("1.20"), price_unit="USD")
    found, said = look(examine)
    assert (found, "No limit in money is set, and the last 30 days cost 1.2" in said) == (Level.WARNING, True)
    assert "USD a month leave room" in said
    change(healthy, money_per_month="50")
    assert look(examine)[0] is Level.OK
    assert sql(healthy, "SELECT timezone FROM sms_rollups").scalar_one() == ACME.timezone, (
        "counted anew for nobody"
    )
    change(healthy, money_per_month=None)
    assert look(examine)[0] is Level.WARNING


def test_a_pause_is_a_problem_that_says_who_can_end_it(healthy: Flask, examine: Examine) -> None:
    with healthy.app_context():
        pauses.pause(current_runtime(), "ast_support", by=OWNER)
    assert look(examine) == (
        Level.PROBLEM,
        "Sending is paused. Texts are recorded and not answered. Press Resume.",
    )
    with healthy.app_context():
        pauses.pause_all(current_runtime(), by=OWNER)
    assert "only an operator can start it again" in look(examine)[1]
