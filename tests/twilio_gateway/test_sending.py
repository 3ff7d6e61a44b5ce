"""One call of send_text is one request at most, and its outcome is never guessed."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from illumichat_sms_plugin.errors import TwilioInDoubt, TwilioRefused, TwilioThrottled
from illumichat_sms_plugin.twilio_gateway.values import SentText
from tests.twilio_gateway.one_text import CREATED, SID, error, send

from .conftest import CREDENTIALS
from .scripted_server import (
    ScriptedServer,
    answers,
)


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
