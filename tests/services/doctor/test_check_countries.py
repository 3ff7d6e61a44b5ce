"""Does Twilio send to the countries that the channel answers?"""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from demo.twilio_simulator.api_keys import FOR_THE_PLUGIN
from demo.twilio_simulator.records import ApiKey
from illumichat_sms_plugin.models import SmsMessage
from illumichat_sms_plugin.services.findings import Finding, Level
from tests.services.doctor.conftest import Examine
from tests.services.doctor.situations import converse
from tests.support.channels import change, write

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def look(examine: Examine) -> tuple[Level, str]:
    found: Finding = examine("countries_open")["countries_open"]
    return found.level, f"{found.evidence} {found.fix}"


@pytest.mark.parametrize(
    ("countries", "closed", "level", "words"),
    [
        ((), "+33", Level.OK, "Twilio sends to all countries that were looked at: CA, US."),
        (("FR", "US"), "+33", Level.WARNING, "Numbers of FR get no answer"),
        (("FR",), "+33", Level.WARNING, "Numbers of FR get no answer"),
        ((), "+1", Level.PROBLEM, "Numbers of CA, US get no answer"),
        (("*",), "+33", Level.OK, "CA, US"),
        (("*",), "+1", Level.PROBLEM, "or take them out of the option Countries"),
        (("FR",), "+3", Level.OK, "FR"),  # a prefix is no whole calling code here
    ],
)
def test_twilios_geo_permissions_are_read(
    *,
    healthy: Flask,
    examine: Examine,
    twilio: Any,
    countries: tuple[str, ...],
    closed: str,
    level: Level,
    words: str,
) -> None:
    change(healthy, countries=countries)
    if closed != "+3":
        twilio.add_fault("geo_permission", prefix=closed, count=None)
    found, said = look(examine)
    assert (found, words in said) == (level, True), said


def test_a_key_that_may_not_read_them_leaves_what_was_refused(
    healthy: Flask, examine: Examine, twilio: Any
) -> None:
    converse(healthy, twilio)
    twilio.store.save(ApiKey("SK" + "1" * 32, seed.ACCOUNT_SID, "secret", "Restricted", list(FOR_THE_PLUGIN)))
    change(healthy, api_key_sid="SK" + "1" * 32, api_key_secret="secret")
    assert look(examine) == (
        Level.OK,
        "These credentials may not read the geo permissions. No text was refused for its country within the week. ",
    )
    refused = {"send_state": "failed", "error_code": 21408, "to_number": "+33612345678"}
    write(healthy, SmsMessage, SmsMessage.direction == "outbound", **refused)
    found, said = look(examine)
    assert (found, "refused texts to FR within the week (21408)" in said) == (Level.WARNING, True)


def test_while_twilio_does_not_answer_they_are_unknown(healthy: Flask, examine: Examine, twilio: Any) -> None:
    twilio.add_fault("outage", count=None)
    assert look(examine)[0] is Level.UNKNOWN
