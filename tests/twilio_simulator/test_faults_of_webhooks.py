"""What can be made to go wrong with webhooks, and that it goes wrong exactly so."""

from __future__ import annotations

import time

import pytest
from twilio.rest import Client

from demo.twilio_simulator import Simulator
from tests.twilio_simulator.receiver import Receiver
from tests.twilio_simulator.sending import OURS, PHONE


def test_a_duplicated_webhook_tells_one_text_several_times_at_once(twilio: Simulator, app: Receiver) -> None:
    twilio.add_fault("duplicate_webhook", times=20)
    twilio.text(PHONE, OURS, "x")
    assert len(app.requests) == 20
    assert len({r.form["MessageSid"] for r in app.requests}) == 1
    assert len(twilio.messages()) == 1


def test_a_lost_webhook_leaves_the_text_in_the_list(twilio: Simulator, app: Receiver, client: Client) -> None:
    twilio.add_fault("lost_webhook")
    assert twilio.text(PHONE, OURS, "Hello?") is None
    assert app.requests == []
    assert [m.body for m in client.messages.list(to=OURS)] == ["Hello?"]


@pytest.mark.parametrize("kind", ["late_webhook", "slow_webhook"])
def test_a_webhook_can_be_late_or_slow(kind: str, twilio: Simulator, app: Receiver) -> None:
    twilio.add_fault(kind, seconds=0.3)
    started = time.monotonic()
    twilio.text(PHONE, OURS, "Hello")
    assert time.monotonic() - started >= 0.25
    assert app.requests[0].form["Body"] == "Hello"


def test_a_webhook_changed_behind_ones_back_is_changed_back_when_the_fault_ends(
    twilio: Simulator, app: Receiver
) -> None:
    before = twilio.number(OURS).sms_url
    twilio.add_fault("webhook_changed", number=OURS, url="https://elsewhere.test/in")
    assert twilio.number(OURS).sms_url == "https://elsewhere.test/in"
    twilio.clear_faults()
    assert twilio.number(OURS).sms_url == before


def test_what_somebody_has_repaired_stays_repaired_when_the_fault_ends(twilio: Simulator) -> None:
    twilio.add_fault("webhook_changed", number=OURS)
    twilio.set_webhook(OURS, "https://app.test/repaired")
    twilio.clear_faults()
    assert twilio.number(OURS).sms_url == "https://app.test/repaired"
