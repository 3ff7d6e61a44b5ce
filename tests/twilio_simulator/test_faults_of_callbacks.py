"""What can be made to go wrong with status callbacks, and that it goes wrong exactly so."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.rest import Client

from demo.twilio_simulator import Simulator
from tests.twilio_simulator.receiver import Receiver
from tests.twilio_simulator.sending import send, told


def test_late_callbacks_come_late(twilio: Simulator, client: Client, receiver: Receiver) -> None:
    twilio.add_fault("late_callbacks", seconds=0.3, status="sent")
    send(client, receiver)
    twilio.wait_idle()
    assert told(receiver) == ["sending", "delivered", "sent"]


def test_an_early_callback_comes_before_the_create_request_is_answered(
    twilio: Simulator, client: Client, receiver: Receiver
) -> None:
    twilio.add_fault("early_callback")
    message = send(client, receiver)
    assert told(receiver)[:2] == ["sending", "sent"]
    assert message.status == "queued"
    twilio.wait_idle()
    assert told(receiver) == ["sending", "sent", "delivered"]


def test_reversed_callbacks_come_last_one_first(
    twilio: Simulator, client: Client, receiver: Receiver
) -> None:
    twilio.add_fault("reversed_callbacks")
    send(client, receiver)
    twilio.wait_idle()
    assert told(receiver) == ["delivered", "sent", "sending"]


def test_duplicated_callbacks_come_as_often_as_asked(
    twilio: Simulator, client: Client, receiver: Receiver
) -> None:
    twilio.add_fault("duplicate_callbacks", count=None, times=5)
    send(client, receiver)
    twilio.wait_idle()
    assert told(receiver) == ["sending"] * 5 + ["sent"] * 5 + ["delivered"] * 5


def test_dropped_callbacks_never_come_and_are_recorded(
    twilio: Simulator, client: Client, receiver: Receiver
) -> None:
    twilio.add_fault("dropped_callbacks", status="delivered")
    sid = send(client, receiver).sid
    twilio.wait_idle()
    assert told(receiver) == ["sending", "sent"]
    assert [w.outcome for w in twilio.webhooks(message_sid=sid)] == ["ok", "ok", "dropped"]
    assert client.messages(sid).fetch().status == "delivered"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({}, ["sending", "sent", "delivered"]),
        ({"reverse": True}, ["delivered", "sent", "sending"]),
        ({"times": 2}, ["sending", "sending", "sent", "sent", "delivered", "delivered"]),
    ],
)
def test_held_callbacks_wait_for_their_release(
    order: dict[str, Any], expected: list[str], twilio: Simulator, client: Client, receiver: Receiver
) -> None:
    twilio.callbacks.hold()
    sid = send(client, receiver).sid
    twilio.wait_for(lambda: twilio.store.messages[sid].status == "delivered")
    twilio.wait_idle()
    assert told(receiver) == []
    assert twilio.callbacks.release(**order) == 3
    twilio.wait_idle()
    assert told(receiver) == expected


def test_a_stuck_message_stays_sent(twilio: Simulator, client: Client, receiver: Receiver) -> None:
    twilio.add_fault("stuck")
    sid = send(client, receiver).sid
    twilio.wait_idle()
    assert twilio.store.messages[sid].status == "sent"
    assert told(receiver) == ["sending", "sent"]
