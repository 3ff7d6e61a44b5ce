"""A simulator, Twilio's own client for it, and an application's webhook."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from twilio.rest import Client

from demo.twilio_simulator import Simulator, seed
from tests.twilio_simulator.rebased_client import rebased_client
from tests.twilio_simulator.receiver import Receiver


@pytest.fixture(scope="session")
def running() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def twilio(running: Simulator) -> Iterator[Simulator]:
    """A simulator as new."""
    running.reset()
    yield running
    running.clear_faults()
    running.callbacks.reset()
    running.wait_idle()


@pytest.fixture
def client(twilio: Simulator) -> Client:
    """twilio-python with the first account's credentials."""
    return rebased_client(twilio.url, seed.ACCOUNT_SID, seed.AUTH_TOKEN)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An application's webhook."""
    server = Receiver()
    yield server
    server.close()


@pytest.fixture
def app(twilio: Simulator, receiver: Receiver) -> Receiver:
    """The webhook of the first number."""
    twilio.set_webhook(seed.SUPPORT_NUMBER, f"{receiver.url}/inbound")
    return receiver
