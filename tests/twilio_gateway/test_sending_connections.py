"""Connections to Twilio are used again, and a fault of one is no other's."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from illumichat_sms_plugin.errors import TwilioInDoubt, TwilioRefused
from illumichat_sms_plugin.twilio_gateway import connections
from tests.twilio_gateway.one_text import CREATED, SID, error, send

from .scripted_server import (
    ScriptedServer,
    answers,
    closes,
)


class TestConnections:
    def test_one_connection_serves_many_texts(self, server: ScriptedServer, client: Any):
        server.plays(*[answers(201, CREATED)] * 3)
        for _ in range(3):
            send(client)
        assert [request.connection for request in server.received] == [1, 1, 1]

    def test_a_refusal_keeps_the_connection(self, server: ScriptedServer, client: Any):
        server.plays(error(21211, 400), answers(201, CREATED))
        with pytest.raises(TwilioRefused):
            send(client)
        send(client)
        assert server.connections == 1

    def test_a_connection_closed_while_it_rested_is_replaced(self, server: ScriptedServer, client: Any):
        closed = threading.Event()

        def close_quietly(connection: socket.socket) -> bool:
            closes(connection)
            closed.set()
            return False

        server.plays(answers(201, CREATED, then=close_quietly), answers(201, CREATED))
        send(client)
        assert closed.wait(5)
        send(client, body="the second")
        assert [request.connection for request in server.received] == [1, 2]

    def test_a_connection_that_rested_too_long_is_not_used_again(
        self, server: ScriptedServer, client: Any, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(connections, "IDLE_LIMIT", 0.0)
        server.plays(*[answers(201, CREATED)] * 2)
        send(client)
        send(client)
        assert [request.connection for request in server.received] == [1, 2]

    def test_a_fault_does_not_spoil_the_next_text(self, server: ScriptedServer, client: Any):
        server.plays(closes, answers(201, CREATED))
        with pytest.raises(TwilioInDoubt):
            send(client)
        assert send(client).sid == SID

    def test_many_threads_send_at_once(self, server: ScriptedServer, client: Any):
        """A fault in one thread is not taken for one in another."""
        server.plays(*[answers(201, CREATED), closes] * 20)
        outcomes: list[str] = []

        def work() -> None:
            for _ in range(5):
                try:
                    outcomes.append(send(client).sid)
                except TwilioInDoubt:
                    outcomes.append("in doubt")

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(outcomes) == sorted([SID, "in doubt"] * 20)
        assert len(server.received) == 40
