"""The signed test text through the public address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.services.doctor import check_loopback
from illumichat_sms_plugin.services.findings import Level
from tests.services.doctor.conftest import Examine, Front
from tests.support.channels import messages, sessions


def test_the_test_text_goes_through_the_public_address_and_leaves_no_trace(
    healthy: Flask, examine: Examine
) -> None:
    found = examine("loopback")["loopback"]
    assert (found.level, "recorded within" in found.evidence) == (Level.OK, True)
    assert (list(messages(healthy)), list(sessions(healthy))) == ([], [])


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (
            "301 Moved",
            [("Location", "https://elsewhere.example.com/x?token=1")],
            "redirected to https://elsewhere",
        ),
        ("401 Who", [], "asks for a login"),
        ("403 No", [], "refused our own"),
        ("404 Nothing", [], "nothing at"),
        ("405 No", [], "did not take the form"),
        ("502 Bad", [], "was not there"),
        ("418 Teapot", [], "status 418"),
        ("200 OK", [("Content-Type", "text/html")], "something else"),
    ],
)
def test_what_stands_in_the_way_of_the_test_text_is_named(
    *, healthy: Flask, examine: Examine, front: Front, status: str, headers: list[tuple[str, str]], words: str
) -> None:
    front.answer(status, headers)
    found = examine("loopback")["loopback"]
    assert found.level is Level.PROBLEM
    assert words in found.evidence
    assert "token=1" not in found.evidence


LOGIN = b'<form method="post"><input name="user"><input type="password" name="pw"></form>'


@pytest.mark.parametrize(
    ("status", "headers", "body", "words"),
    [
        (
            "302 Found",
            [("Location", "/login?next=%2Fapi")],
            b"",
            "sends its caller to a sign-in page (/login)",
        ),
        (
            "303 See",
            [("Location", "https://sso.example.com/auth?x=1")],
            b"",
            "sends its caller to a sign-in page",
        ),
        ("200 OK", [("Content-Type", "text/html")], LOGIN, "answers with a sign-in page"),
        ("403 No", [("Content-Type", "text/html")], LOGIN, "answers with a sign-in page"),
        ("400 Bad Request", [], b"<p>The CSRF token is missing.</p>", "asks for a CSRF token"),
    ],
)
def test_a_guard_of_the_app_is_recognised(
    *,
    healthy: Flask,
    examine: Examine,
    front: Front,
    status: str,
    headers: list[tuple[str, str]],
    body: bytes,
    words: str,
) -> None:
    """To set SMS_PUBLIC_URL anew would be wrong: the address is right, and the app lets nobody through."""
    front.answer(status, headers, body)
    found = examine("loopback")["loopback"]
    assert found.level is Level.PROBLEM
    assert words in found.evidence
    assert "sms_webhooks.inbound" in found.fix


def test_a_public_address_that_leads_to_another_installation(
    healthy: Flask, examine: Examine, front: Front
) -> None:
    front.answer("200 OK", [("Content-Type", "text/xml")], b"<Response/>")
    assert "another installation" in examine("loopback")["loopback"].evidence


def test_nobody_at_the_public_address(
    make: Callable[..., Flask], healthy: Flask, examine: Examine, front: Front
) -> None:
    front.server.shutdown()
    front.server.server_close()
    assert "could not be reached" in examine("loopback")["loopback"].evidence


def test_a_public_address_that_does_not_answer(
    healthy: Flask, examine: Examine, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    monkeypatch.setattr(check_loopback, "READ_TIMEOUT", 0.2)
    asked = threading.Event()

    def silent(environ: Any, start: Any) -> list[bytes]:
        asked.wait(10.0)
        start("200 OK", [])
        return [b""]

    front.app = silent
    try:
        assert "did not answer within" in examine("loopback")["loopback"].evidence
    finally:
        asked.set()
