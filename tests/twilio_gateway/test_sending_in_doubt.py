"""A fault after the request was sent leaves doubt, and no second request."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from urllib3.connection import HTTPConnection

from illumichat_sms_plugin.errors import TwilioInDoubt, TwilioUnreachable
from tests.twilio_gateway.one_text import CREATED, TEXT, error, send

from .scripted_server import (
    Act,
    ScriptedServer,
    answers,
    closes,
    drips,
    pours,
    resets,
    resets_at_next_request,
    sends,
)

FAULTS: dict[str, Act] = {
    "closed after reading": closes,
    "reset after reading": resets,
    "closed within the status line": sends(b"HTTP/1.1 20"),
    "closed within the headers": sends(b"HTTP/1.1 201 Created\r\nContent-Le"),
    "closed within the body": sends(b'HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{"sid": "SM'),
    "closed within a chunk": sends(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"),
    "not HTTP": sends(b"\x15\x03\x01\x00\x02\x02\x46"),
    "broken gzip": answers(201, b"not gzip", headers={"Content-Encoding": "gzip"}),
    "500 with Twilio's JSON": error(20500, 500),
    "502 of a gateway": answers(502, b"<html>Bad Gateway</html>"),
    "503": error(20503, 503),
    "504": answers(504),
    "403 of a gateway, not Twilio's": answers(403, b"<html>Forbidden</html>"),
    "400 with JSON that is not Twilio's": answers(400, {"message": "Forbidden"}),
    "400 with a list": answers(400, [{"code": 21211}]),
    "404 with a deep nesting": answers(404, b"[" * 100_000),
    "201 without a body": answers(201),
    "201 with half of the JSON": answers(201, b'{"sid": "SM'),
    "201 with a page": answers(201, b"<html>Welcome to the hotel's network</html>"),
    "201 with a list": answers(201, [CREATED]),
    "201 without a SID": answers(201, {"status": "queued"}),
    "201 with a number for a SID": answers(201, {**CREATED, "sid": 17}),
    "201 with an empty SID": answers(201, {**CREATED, "sid": ""}),
    "201 with an unreadable date": answers(201, {**CREATED, "date_created": 17}),
    "201 with a deep nesting": answers(201, b"[" * 100_000),
    "200 too large": answers(200, b'{"sid": "' + b"a" * 9_000_000 + b'"}'),
    "204": answers(204),
    "a redirect": answers(307, CREATED, headers={"Location": "/elsewhere"}),
    "a redirect that would become a GET": answers(302, CREATED, headers={"Location": "/elsewhere"}),
    "a redirect to another host": answers(308, CREATED, headers={"Location": "http://localhost:1/"}),
}


class TestInDoubt:
    @pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
    def test_a_fault_leaves_doubt_and_makes_no_second_request(
        self, server: ScriptedServer, client: Any, fault: Act
    ):
        server.plays(fault, answers(201, CREATED))
        with pytest.raises(TwilioInDoubt):
            send(client)
        assert [request.method for request in server.received] == ["POST"]

    @pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
    def test_a_fault_on_a_connection_that_was_used_before(
        self, server: ScriptedServer, client: Any, fault: Act
    ):
        server.plays(answers(201, CREATED), fault, answers(201, CREATED))
        send(client)
        with pytest.raises(TwilioInDoubt):
            send(client, body="the second")
        assert [request.connection for request in server.received] == [1, 1]

    def test_no_answer_in_time(self, server: ScriptedServer, make_client: Callable[..., Any]):
        server.plays(server.stall)
        client = make_client(server.url, read_timeout=0.3)
        started = time.monotonic()
        with pytest.raises(TwilioInDoubt, match="did not answer in time"):
            send(client)
        assert 0.3 <= time.monotonic() - started < 9
        assert len(server.received) == 1

    def test_an_answer_that_stops_in_the_middle(
        self, server: ScriptedServer, make_client: Callable[..., Any]
    ):
        def half(connection: socket.socket) -> bool:
            connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{")
            return server.stall(connection)

        server.plays(half)
        with pytest.raises(TwilioInDoubt, match="did not answer in time"):
            send(make_client(server.url, read_timeout=0.3))

    @pytest.mark.parametrize(
        "head",
        [
            b"",
            b"HTTP/1.1 201 Created\r\nX-Long: ",
            b"HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n{",
            b"HTTP/1.1 201 Created\r\n\r\n{",
            b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n",
        ],
        ids=["status line", "headers", "body", "body without length", "size of a chunk"],
    )
    def test_an_answer_that_drips_is_not_waited_for(
        self, server: ScriptedServer, make_client: Callable[..., Any], head: bytes
    ):
        """Each byte comes in time, and the whole never would."""
        server.plays(drips(head, 0.05))
        client = make_client(server.url, connect_timeout=0.4, read_timeout=0.4)
        started = time.monotonic()
        with pytest.raises(TwilioInDoubt, match="did not answer in time"):
            send(client)
        assert 0.8 <= time.monotonic() - started < 5
        assert [request.method for request in server.received] == ["POST"]

    def test_a_text_is_not_sent_after_its_time(
        self, server: ScriptedServer, make_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ):
        """Connecting took so long that the answer could not be waited for any more."""
        connect = HTTPConnection.connect

        def slowly(self: HTTPConnection) -> None:
            connect(self)
            time.sleep(0.5)

        monkeypatch.setattr(HTTPConnection, "connect", slowly)
        with pytest.raises(TwilioUnreachable):
            send(make_client(server.url, connect_timeout=0.2, read_timeout=0.2))
        assert not server.received

    @pytest.mark.parametrize(
        "head", [b"Content-Length: 99999999\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"]
    )
    def test_an_answer_without_end_is_not_kept(self, server: ScriptedServer, client: Any, head: bytes):
        server.plays(pours(b"HTTP/1.1 201 Created\r\n" + head))
        with pytest.raises(TwilioInDoubt):
            send(client)

    def test_a_used_connection_that_breaks_as_the_request_arrives(self, server: ScriptedServer, client: Any):
        """The server did not read it, but nobody on this side can know that."""
        server.plays(answers(201, CREATED, then=resets_at_next_request), answers(201, CREATED))
        send(client)
        with pytest.raises(TwilioInDoubt):
            send(client, body="the second")
        assert [request.form["Body"] for request in server.received] == [TEXT["body"]]
        assert server.connections == 1

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.dictionaries(
            st.sampled_from(
                ["sid", "status", "num_segments", "error_code", "date_created", "date_sent", "price"]
            ),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
                max_leaves=4,
            ),
        )
    )
    def test_whatever_a_success_says_it_is_a_text_or_in_doubt(
        self, server: ScriptedServer, client: Any, body: dict[str, Any]
    ):
        server.plays(answers(201, json.dumps(body).encode()))
        try:
            sent = send(client)
        except TwilioInDoubt:
            return
        assert sent.sid == body["sid"]
