"""One call of send_text is one request at most, and its outcome is never guessed."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from urllib3.connection import HTTPConnection

from illumichat_sms_plugin.errors import TwilioInDoubt, TwilioRefused, TwilioThrottled, TwilioUnreachable
from illumichat_sms_plugin.twilio_gateway import connections
from illumichat_sms_plugin.twilio_gateway.sending import send_text
from illumichat_sms_plugin.twilio_gateway.values import SentText

from .conftest import CREDENTIALS
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

SID = "SM" + "a" * 32
CREATED = {"sid": SID, "status": "queued", "num_segments": "2", "error_code": None, "price": None}
TEXT = {"from_number": "+15551230002", "to_number": "+15551230001", "body": "Hello 🎉 & more"}


def send(client: Any, **changes: Any) -> SentText:
    return send_text(client, **{**TEXT, "status_callback": "https://h.example.com/s?m=1", **changes})


def error(code: int | None, status: int, message: str = "no") -> Act:
    return answers(status, {"code": code, "message": message, "more_info": "…", "status": status})


class TestAccepted:
    def test_the_sid_and_the_first_status_come_back(self, server: ScriptedServer, client: Any):
        server.plays(answers(201, CREATED))
        assert send(client) == SentText(SID, "queued", 2)

    def test_the_request_is_what_twilio_documents(self, server: ScriptedServer, client: Any):
        server.plays(answers(201, CREATED))
        send(client, validity_period=600)
        (request,) = server.received
        assert (request.method, request.path) == (
            "POST",
            f"/2010-04-01/Accounts/{CREDENTIALS.account_sid}/Messages.json",
        )
        assert request.form == {
            "From": "+15551230002",
            "To": "+15551230001",
            "Body": "Hello 🎉 & more",
            "StatusCallback": "https://h.example.com/s?m=1",
            "ValidityPeriod": "600",
        }

    def test_what_is_not_given_is_not_sent(self, server: ScriptedServer, client: Any):
        server.plays(answers(201, CREATED))
        send(client, status_callback=None)
        assert set(server.received[0].form) == {"From", "To", "Body"}

    def test_segments_that_twilio_does_not_know_yet_are_none(self, server: ScriptedServer, client: Any):
        server.plays(answers(201, {**CREATED, "num_segments": "0", "status": "accepted"}))
        assert send(client) == SentText(SID, "accepted", None)

    def test_an_answer_without_a_status_is_accepted_all_the_same(self, server: ScriptedServer, client: Any):
        server.plays(answers(201, {"sid": SID}))
        assert send(client) == SentText(SID, "unknown", None)


class TestRefused:
    def test_a_code_comes_with_its_explanation(self, server: ScriptedServer, client: Any):
        server.plays(error(21610, 400))
        with pytest.raises(TwilioRefused) as refused:
            send(client)
        assert (refused.value.error_code, refused.value.twilio_http_status) == (21610, 400)
        assert "has sent STOP" in str(refused.value)

    def test_the_newer_form_of_errors_is_understood(self, server: ScriptedServer, client: Any):
        """RFC 9457; its ``status`` may say anything, the HTTP status counts."""
        problem = {
            "type": "https://x",
            "title": "Bad",
            "status": 599,
            "code": 21211,
            "detail": "+15551230001",
        }
        server.plays(answers(400, problem))
        with pytest.raises(TwilioRefused) as refused:
            send(client)
        assert (refused.value.error_code, refused.value.twilio_http_status) == (21211, 400)

    def test_a_code_is_not_needed_where_the_answer_is_twilios(self, server: ScriptedServer, client: Any):
        server.plays(error(None, 400))
        with pytest.raises(TwilioRefused) as refused:
            send(client)
        assert refused.value.twilio_http_status == 400

    def test_a_refused_connection(self, make_client: Callable[..., Any]):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        with pytest.raises(TwilioRefused, match="could not be reached") as refused:
            send(make_client(f"http://127.0.0.1:{port}"))
        assert refused.value.error_code is None

    def test_a_host_name_that_is_not_found(
        self, make_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ):
        def not_found(*_: Any, **__: Any) -> Any:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", not_found)
        with pytest.raises(TwilioRefused, match="host name was not found"):
            send(make_client("https://api.example.com"))

    def test_a_failed_tls_handshake(self, server: ScriptedServer, make_client: Callable[..., Any]):
        """The server speaks plain HTTP: nothing of the request was written yet."""
        server.greeting = b"HTTP/1.1 400 Bad Request\r\n\r\n"
        with pytest.raises(TwilioRefused, match="TLS"):
            send(make_client(server.url.replace("http:", "https:")))
        assert server.received == []

    def test_a_tls_handshake_that_hangs(self, server: ScriptedServer, make_client: Callable[..., Any]):
        with pytest.raises(TwilioRefused, match="no connection in time"):
            send(make_client(server.url.replace("http:", "https:"), connect_timeout=0.3))

    def test_no_connection_in_time(self, make_client: Callable[..., Any]):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            address = listener.getsockname()
            # Fill the queue of connections that nobody accepts; the next one is left hanging.
            waiting = [socket.socket() for _ in range(4)]
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(address)
            with pytest.raises(TwilioRefused, match="no connection in time"):
                send(make_client(f"http://127.0.0.1:{address[1]}", connect_timeout=0.3))
            for one in waiting:
                one.close()

    def test_a_proxy_that_does_not_let_it_through(
        self, server: ScriptedServer, make_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ):
        """The CONNECT to the proxy is not the request."""
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        server.plays(answers(403))
        with pytest.raises(TwilioRefused, match="proxy"):
            send(make_client("https://api.twilio.com"))
        assert [request.method for request in server.received] == ["CONNECT"]

    def test_a_request_that_cannot_be_written_down(self, server: ScriptedServer, client: Any):
        with pytest.raises(TwilioRefused, match="broken characters"):
            send(client, body="half a character: \ud83d")
        assert server.received == []


class TestThrottled:
    def test_too_many_requests_may_be_tried_again(self, server: ScriptedServer, client: Any):
        server.plays(error(20429, 429))
        with pytest.raises(TwilioThrottled) as throttled:
            send(client)
        assert throttled.value.error_code == 20429
        assert len(server.received) == 1

    def test_a_429_of_a_gateway_counts_too(self, server: ScriptedServer, client: Any):
        server.plays(answers(429, b"<html>slow down</html>"))
        with pytest.raises(TwilioThrottled, match="Too many requests"):
            send(client)

    def test_a_daily_limit_is_no_throttle(self, server: ScriptedServer, client: Any):
        """63038 comes as a 429 too, but seconds do not help; its message holds the Account SID."""
        server.plays(error(63038, 429, f"Account {CREDENTIALS.account_sid} exceeded"))
        with pytest.raises(TwilioRefused) as refused:
            send(client)
        assert not isinstance(refused.value, TwilioThrottled)
        assert refused.value.error_code == 63038
        assert CREDENTIALS.account_sid not in str(refused.value)

    def test_a_retry_after_header_is_not_obeyed_behind_our_back(self, server: ScriptedServer, client: Any):
        body = {"code": 20503, "message": "later", "status": 503}
        server.plays(answers(503, body, headers={"Retry-After": "0"}), answers(201, CREATED))
        with pytest.raises(TwilioInDoubt):
            send(client)
        assert len(server.received) == 1


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
