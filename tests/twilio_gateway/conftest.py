from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClients
from illumichat_sms_plugin.twilio_gateway.values import Credentials

from .scripted_server import ScriptedServer

CREDENTIALS = Credentials("AC" + "1" * 32, Secret("5ec7e7" * 5 + "aa"))


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def make_client() -> Iterator[Callable[..., Any]]:
    """Make a client for the API at a URL."""
    made: list[TwilioClients] = []

    def make(url: str, connect_timeout: float = 10.0, read_timeout: float = 10.0) -> Any:
        clients = TwilioClients(url, connect_timeout, read_timeout)
        made.append(clients)
        return clients.get(CREDENTIALS)

    yield make
    for clients in made:
        clients.close()


@pytest.fixture
def client(make_client: Callable[..., Any], server: ScriptedServer) -> Any:
    """A client of the scripted server."""
    return make_client(server.url)
