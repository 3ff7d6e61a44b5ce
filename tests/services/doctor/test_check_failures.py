"""What failed, and what waits for a person."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsMessage
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.findings import Level
from illumichat_sms_plugin.services.texters.erase_at_twilio import delete_erased_texts
from tests.services.doctor.conftest import Examine
from tests.services.doctor.situations import converse, text
from tests.services.retention.old import age, let_go
from tests.support.channels import change, inbound, outbound, write
from tests.support.memory_host import MemoryHost


@pytest.mark.parametrize("code", [30003, 30005, 30007, 30034])
def test_failed_texts_are_counted_by_code_and_explained(
    healthy: Flask, examine: Examine, twilio: Any, code: int
) -> None:
    twilio.add_fault(str(code), count=None)
    for _ in range(3):
        converse(healthy, twilio)
    found = examine("recent_failures")["recent_failures"]
    assert (found.level, "Failed: 3 of the last 3 texts." in found.evidence) == (Level.PROBLEM, True)
    assert str(code) in found.evidence
    assert found.fix


def test_one_failure_among_many_is_a_warning(healthy: Flask, examine: Examine, twilio: Any) -> None:
    twilio.add_fault("30005")
    for _ in range(2):
        converse(healthy, twilio)
    assert examine("recent_failures")["recent_failures"].level is Level.WARNING


def test_a_refusal_that_stands_is_a_problem(healthy: Flask, examine: Examine, twilio: Any) -> None:
    twilio.add_fault("api_error", code=21606)
    converse(healthy, twilio)
    found = examine("recent_failures")["recent_failures"]
    assert (found.level, "21606" in found.evidence) == (Level.PROBLEM, True)


def test_of_several_errors_what_can_be_mended_comes_first(
    healthy: Flask, examine: Examine, twilio: Any
) -> None:
    for code, times in ((30007, 2), (30034, 1)):
        for _ in range(times):
            twilio.add_fault(str(code))
            converse(healthy, twilio)
    found = examine("recent_failures")["recent_failures"]
    assert found.fix.startswith("30034: ")
    assert "\n30007: " in found.fix
    assert found.action is not None
    assert found.action.label == "About error 30034"


def test_an_assistant_that_fails(healthy: Flask, examine: Examine, twilio: Any, host: MemoryHost) -> None:
    converse(healthy, twilio)
    text(twilio, "and now?")
    write(healthy, SmsMessage, SmsMessage.id == inbound(healthy)[-1].id, no_reply_reason="assistant_failed")
    assert examine("assistant_answers")["assistant_answers"].level is Level.PROBLEM
    converse(healthy, twilio)
    assert examine("assistant_answers")["assistant_answers"].level is Level.WARNING


def test_texts_that_wait_for_a_decision(healthy: Flask, examine: Examine, twilio: Any) -> None:
    converse(healthy, twilio)
    write(healthy, SmsMessage, SmsMessage.id == outbound(healthy)[0].id, send_state="unsettled")
    found = examine("no_decision_due")["no_decision_due"]
    assert (found.level, found.action and found.action.target) == (Level.WARNING, "decisions")


def test_old_texts_that_twilio_does_not_delete(healthy: Flask, examine: Examine, twilio: Any) -> None:
    converse(healthy, twilio)
    twilio.wait_idle()
    change(healthy, keep_days=30, delete_at_twilio=True)
    age(healthy, 40)
    let_go(healthy)
    assert examine("no_decision_due")["no_decision_due"].level is Level.OK
    twilio.add_fault("outage", count=None)
    with healthy.app_context():
        delete_erased_texts(current_runtime())
    twilio.clear_faults()
    found = examine("no_decision_due")["no_decision_due"]
    assert found.level is Level.WARNING
    assert found.evidence.startswith(
        "2 texts that this channel keeps no longer could not be deleted at Twilio yet."
    )
    assert found.fix.startswith("It is tried again by itself.")
