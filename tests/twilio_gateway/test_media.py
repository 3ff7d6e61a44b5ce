"""Attachments are fetched from Twilio and nowhere else, and what is fetched ends in time and size."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from demo.twilio_simulator import seed
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.twilio_gateway.media import (
    MediaPlace,
    MediaProblem,
    fetch_media,
    media_place,
)
from illumichat_sms_plugin.twilio_gateway.public_addresses import is_public
from illumichat_sms_plugin.twilio_gateway.values import Credentials

ACCOUNT, MESSAGE, MEDIA = seed.ACCOUNT_SID, "MM" + "a" * 32, "ME" + "b" * 32
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{MESSAGE}/Media/{MEDIA}"
CREDENTIALS = Credentials(ACCOUNT, Secret(seed.AUTH_TOKEN))
TWILIO = "https://api.twilio.com"

PLACES = {
    "Twilio's": (TWILIO, True),
    "of a region": ("https://api.dublin.ie1.twilio.com", True),
    "with its port": ("https://api.twilio.com:443", True),
    "without TLS": ("http://api.twilio.com", False),
    "of somebody else": ("https://evil.example", False),
    "with Twilio's in front": ("https://api.twilio.com.evil.example", False),
    "with Twilio's as a user": ("https://api.twilio.com@evil.example", False),
    "with a user": ("https://a:b@api.twilio.com", False),
    "of another product": ("https://messaging.twilio.com", False),
    "with a backslash": ("https://api.twilio.com\\@evil.example", False),
    "of this machine": ("http://127.0.0.1:6379", False),
    "of a cloud's metadata": ("http://169.254.169.254", False),
    "with another port": ("https://api.twilio.com:8443", False),
    "of no host": ("file://", False),
}


@pytest.mark.parametrize(("base", "good"), PLACES.values(), ids=list(PLACES))
def test_only_an_address_of_twilios_names_an_attachment(base: str, good: bool) -> None:
    try:
        place = media_place(base + PATH, api_url=TWILIO, account_sid=ACCOUNT, message_sid=MESSAGE)
    except MediaProblem as problem:
        assert (good, str(problem)) == (False, "elsewhere")
    else:
        assert good
        assert place == MediaPlace(MESSAGE, MEDIA)


OTHERS = {
    "another account's": PATH.replace(ACCOUNT, "AC" + "0" * 32),
    "another message's": PATH.replace(MESSAGE, "MM" + "0" * 32),
    "another resource": PATH.rpartition("/Media")[0] + ".json",
    "with a way up": PATH + "/../../../../Balance.json",
    "with an escape": PATH + "%2f..%2fBalance.json",
    "with more behind it": PATH + "/x",
    "none": "",
}


@pytest.mark.parametrize("path", OTHERS.values(), ids=list(OTHERS))
def test_it_names_one_of_this_message_of_this_account(path: str) -> None:
    with pytest.raises(MediaProblem, match="elsewhere"):
        media_place(TWILIO + path, api_url=TWILIO, account_sid=ACCOUNT, message_sid=MESSAGE)


ADDRESSES = {
    "8.8.8.8": True,
    "2606:4700::1": True,
    **dict.fromkeys(
        [
            *(
                "127.0.0.1",
                "10.0.0.1",
                "172.16.0.1",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "0.0.0.0",
            ),
            *("::1", "fe80::1%eth0", "fc00::1", "::", "224.0.0.1", "255.255.255.255", "198.18.0.1"),
            *("::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1", "ff02::1"),
        ],
        False,
    ),
}


@pytest.mark.parametrize(("address", "public"), ADDRESSES.items(), ids=list(ADDRESSES))
def test_an_address_is_public_or_not(address: str, public: bool) -> None:
    assert is_public(address) is public


class Wire:
    """A server that sends what ``respond`` writes; counts what it was asked."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.respond: Callable[[Any, bytes], None] = lambda connection, request: None
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            self.requests.append(connection.recv(65536))
            with contextlib.suppress(OSError):  # the other side goes when it has enough
                self.respond(connection, self.requests[-1])

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.close()


def says(status: str, body: bytes = b"", **headers: object) -> Callable[[Any, bytes], None]:
    lines = {
        "Content-Length": len(body),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = f"HTTP/1.1 {status}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return lambda connection, request: connection.sendall(head.encode() + b"\r\n" + body)


def fetch(wire: Wire, *, seconds: float = 3.0, **options: Any) -> bytes:
    return fetch_media(
        MediaPlace(MESSAGE, MEDIA),
        api_url=wire.url,
        credentials=CREDENTIALS,
        deadline=time.monotonic() + seconds,
        connect_timeout=1.0,
        **options,
    )


def test_a_file_comes_with_the_credentials(wire: Wire) -> None:
    wire.respond = says("200 OK", b"%PDF-")
    assert fetch(wire) == b"%PDF-"
    assert wire.requests[0].startswith(f"GET {PATH} HTTP/1.1\r\n".encode())
    assert b"\r\nAuthorization: Basic " in wire.requests[0]


def test_a_redirect_is_followed_without_them(wire: Wire) -> None:
    def respond(connection: Any, request: bytes) -> None:
        first = request.startswith(f"GET {PATH} ".encode())
        (says("307 Temporary Redirect", Location="/cdn/x?Signature=1") if first else says("200 OK", b"x"))(
            connection, request
        )

    wire.respond = respond
    assert fetch(wire) == b"x"
    assert len(wire.requests) == 2
    assert b"Authorization" not in wire.requests[1]


ELSEWHERE = (
    "http://169.254.169.254/latest/meta-data/",
    "https://evil.example/x.png",
    "https://twiliocdn.com.evil.example/x",
    "https://eviltwiliocdn.com/x",
    "http://mms.twiliocdn.com/x",
    "https://mms.twiliocdn.com:22/x",
    "https://user@mms.twiliocdn.com/x",
    "https://s3-external-1.amazonaws.com/somebody-elses-bucket/x",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "//evil.example/x",
    "https://[::1]/x",
)


@pytest.mark.parametrize("location", ELSEWHERE)
def test_a_redirect_to_anywhere_else_is_not_followed(wire: Wire, location: str) -> None:
    wire.respond = says("302 Found", Location=location)
    with pytest.raises(MediaProblem, match="elsewhere"):
        fetch(wire)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "::ffff:169.254.169.254"])
def test_a_name_of_twilios_that_leads_inside_is_not_connected_to(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    look_up = socket.getaddrinfo

    def poisoned(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        if host == "mms.twiliocdn.com":
            return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port))]
        return look_up(host, port, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", poisoned)
    wire.respond = says("307 Temporary Redirect", Location="https://mms.twiliocdn.com/AC/x")
    with pytest.raises(MediaProblem, match="elsewhere"):
        fetch(wire)


def test_a_loop_of_redirects_ends(wire: Wire) -> None:
    wire.respond = says("307 Temporary Redirect", Location=PATH)
    with pytest.raises(MediaProblem, match="elsewhere"):
        fetch(wire)
    assert len(wire.requests) == 4


REFUSALS = {
    "not there": (says("404 Not Found"), "gone"),
    "not for this account": (says("401 Unauthorized"), "refused"),
    "the CDN's signature is over": (says("403 Forbidden"), "refused"),
    "Twilio is down": (says("503 Service Unavailable"), "unreachable"),
    "10 GB, as it says": (says("200 OK", Content_Length=10 * 1024**3), "large"),
    "a number without an end": (says("200 OK", Content_Length="9" * 30), "large"),
    "packed": (says("200 OK", gzip.compress(bytes(10**6)), Content_Encoding="gzip"), "unreachable"),
    "no HTTP": (lambda connection, request: connection.sendall(b"hello\r\n\r\n"), "unreachable"),
}


@pytest.mark.parametrize(("respond", "problem"), REFUSALS.values(), ids=list(REFUSALS))
def test_what_is_no_file_is_a_reason(wire: Wire, respond: Callable[[Any, bytes], None], problem: str) -> None:
    wire.respond = respond
    with pytest.raises(MediaProblem, match=problem):
        fetch(wire)


def test_a_body_that_does_not_end_is_read_no_further_than_allowed(wire: Wire) -> None:
    sent = []

    def endless(connection: Any, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            sent.append(connection.send(bytes(65536)))

    wire.respond = endless
    with pytest.raises(MediaProblem, match="large"):
        fetch(wire, max_bytes=100_000)
    assert sum(sent) < 20_000_000


@pytest.mark.parametrize("slow", ["head", "body"])
def test_one_that_drips_ends_in_time(wire: Wire, slow: str) -> None:
    def drip(connection: Any, request: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
        if slow == "body":
            connection.sendall(head)
        for byte in head * 100:
            connection.sendall(bytes([byte]))
            time.sleep(0.02)

    wire.respond = drip
    started = time.monotonic()
    with pytest.raises(MediaProblem, match=r"late|unreachable"):
        fetch(wire, seconds=0.3)
    assert time.monotonic() - started < 2.0


def test_a_header_with_line_breaks_adds_none(wire: Wire) -> None:
    wire.respond = says("307 Temporary Redirect", Location="/x\ty\x0bz")
    with pytest.raises(MediaProblem, match="elsewhere"):
        fetch(wire)
