"""A text of the tests' account, and what the app is told of it."""

from __future__ import annotations

from typing import Any

from twilio.rest import Client

from demo.twilio_simulator import seed
from tests.twilio_simulator.receiver import Receiver

OURS, PHONE, OTHER_PHONE = seed.SUPPORT_NUMBER, seed.PHONES[0], seed.PHONES[1]


def send(client: Client, receiver: Receiver | None = None, **changes: Any) -> Any:
    values = {"to": PHONE, "from_": OURS, "body": "Hello", **changes}
    if receiver is not None:
        values["status_callback"] = f"{receiver.url}/status"
    return client.messages.create(**values)


def told(receiver: Receiver) -> list[str]:
    return [request.form["MessageStatus"] for request in receiver.requests]
