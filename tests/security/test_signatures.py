"""Which requests are Twilio's, on both addresses alike: one table.

``sent`` is what arrives, ``signed`` what the signature was made for. Only the configured public URL, the form
as it was sent and the channel's own account count.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from tests.support.apps import PUBLIC_URL
from tests.support.channels import messages
from tests.support.twilio_requests import AUTH_TOKEN, inbound_form, signature, status_form

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SID = "SM" + "1" * 32
ROUTES = {
    "inbound": ("/api/sms/webhook/ast_support", inbound_form("Hello", MessageSid=SID), 200),
    "status": ("/api/sms/status/ast_support", status_form(SID, "delivered"), 204),
}


@dataclass(frozen=True)
class Case:
    name: str
    passes: bool
    signed_url: str = PUBLIC_URL + "{path}"
    query: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    signed_extra: tuple[tuple[str, str], ...] | None = None
    """What the signature covers instead of ``extra``."""
    headers: dict[str, str] = field(default_factory=dict)
    token: str = AUTH_TOKEN


CASES = [
    Case("as it should be", True),
    Case("signed with the port that https has anyway", True, signed_url="https://chat.example.com:443{path}"),
    Case("signed with another port", False, signed_url="https://chat.example.com:8443{path}"),
    Case("signed for http", False, signed_url="http://chat.example.com{path}"),
    Case("signed for an upper-case host", False, signed_url="https://CHAT.example.com{path}"),
    Case("signed with a slash at the end", False, signed_url=PUBLIC_URL + "{path}/"),
    Case("signed for another assistant's address", False, signed_url=PUBLIC_URL + "{path}2"),
    Case("signed with the fragment of the retry rules", False, signed_url=PUBLIC_URL + "{path}#rc=3&rp=5xx"),
    Case("with a query that was signed", True, signed_url=PUBLIC_URL + "{path}?m=7", query="m=7"),
    Case("with a query that was not signed", False, query="m=7"),
    Case("without the query that was signed", False, signed_url=PUBLIC_URL + "{path}?m=7"),
    Case(
        "with a query spelled otherwise", False, signed_url=PUBLIC_URL + "{path}?a=%27", query="a='"
    ),
    Case("signed for another host that Host names", False, signed_url="https://evil.example{path}", headers={"Host": "evil.example"}),
    Case("a hostile Host beside a right signature", True, headers={"Host": "evil.example"}),
    Case(
        "signed for another host that X-Forwarded-Host names",
        False,
        signed_url="https://evil.example{path}",
        headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "443"},
    ),
    Case(
        "hostile X-Forwarded headers beside a right signature",
        True,
        headers={
            "X-Forwarded-Host": "evil.example, other.example",
            "X-Forwarded-Proto": "gopher",
            "X-Forwarded-Port": "99999",
            "X-Forwarded-Prefix": "/../..",
            "X-Forwarded-For": "127.0.0.1",
            "X-Original-URL": "/admin",
            "Forwarded": "host=evil.example;proto=http",
        },
    ),
    Case("a parameter nobody knows yet", True, extra=(("NewThing", "1"),)),
    Case("blank parameters", True, extra=(("FromCity", ""), ("FromZip", ""))),
    Case("a blank parameter that was not signed", False, extra=(("FromCity", ""),), signed_extra=()),
    Case("a repeated parameter", True, extra=(("X", "2"), ("X", "1"))),
    Case("a repeated parameter in another order", True, extra=(("X", "2"), ("X", "1")), signed_extra=(("X", "1"), ("X", "2"))),
    Case("a repeated parameter of which one was signed", False, extra=(("X", "2"), ("X", "1")), signed_extra=(("X", "1"),)),
    Case("a parameter that was added on the way", False, extra=(("Body2", "x"),), signed_extra=()),
    Case("edge whitespace and line ends", True, extra=(("Y", "  two\r\nlines \t"),)),
    Case("letters beyond ASCII", True, extra=(("Z", "Grüße 👋🏽 \u202e"),)),
    Case("signed with another token", False, token="f" * 32),
    Case("signed with an empty token", False, token=""),
]  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_counts_as_signed(connected: Flask, case: Case, route: str) -> None:
    path, form, good = ROUTES[route]
    sent = MultiDict([*form.items(), *case.extra])
    signed_extra = case.extra if case.signed_extra is None else case.signed_extra
    covered = MultiDict([*form.items(), *signed_extra])
    made = signature(case.signed_url.format(path=path), covered, case.token)
    answer = connected.test_client().post(
        path, query_string=case.query, data=sent, headers={"X-Twilio-Signature": made, **case.headers}
    )
    assert answer.status_code == (good if case.passes else 403)
    assert len(messages(connected)) == int(case.passes and route == "inbound")


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("value", [None, "", " ", "x", "é☃", "A" * 100_000, "=" * 28, "\t"])
def test_a_signature_that_is_none(connected: Flask, route: str, value: str | None) -> None:
    path, form, _ = ROUTES[route]
    headers = {} if value is None else {"X-Twilio-Signature": value}
    answer = connected.test_client().post(path, data=form, headers=headers)
    assert (answer.status_code, answer.text) == (403, "Forbidden.")
    assert not messages(connected)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_only_post_is_there(connected: Flask, route: str, method: str) -> None:
    """A GET signs the URL alone, with every parameter in it; none of ours is ever called so."""
    path, form, _ = ROUTES[route]
    url = f"{path}?{'&'.join(f'{name}={value}' for name, value in form.items())}"
    made = signature(PUBLIC_URL + url, {})
    answer = connected.test_client().open(url, method=method, headers={"X-Twilio-Signature": made})
    assert answer.status_code == 405
    assert not messages(connected)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "content_type",
    ["application/json", "text/plain", "multipart/form-data; boundary=x", "application/xml", "", "a/b/c;=;"],
)
def test_only_a_form_is_read(connected: Flask, route: str, content_type: str) -> None:
    """JSON with bodySHA256 would sign the URL alone; Twilio sends no such thing for texts."""
    path, form, _ = ROUTES[route]
    body = json.dumps(form).encode()
    digest = hashlib.sha256(body).hexdigest()
    url = f"{path}?bodySHA256={digest}"
    made = base64.b64encode(hmac.digest(AUTH_TOKEN.encode(), (PUBLIC_URL + url).encode(), "sha1")).decode()
    answer = connected.test_client().post(
        url, data=body, content_type=content_type, headers={"X-Twilio-Signature": made}
    )
    assert answer.status_code == 415
    assert not messages(connected)


@pytest.mark.parametrize("route", ROUTES)
def test_a_signed_request_that_is_replayed_changes_nothing(connected: Flask, route: str) -> None:
    path, form, good = ROUTES[route]
    made = signature(PUBLIC_URL + path, form)
    for _ in range(3):
        answer = connected.test_client().post(path, data=form, headers={"X-Twilio-Signature": made})
        assert answer.status_code == good
    assert len(messages(connected)) == int(route == "inbound")


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("size", "status"), [(60_000, "good"), (70_000, 413), (3_000_000, 413)], ids=["fits", "too large", "huge"]
)
def test_a_huge_form_is_not_read(connected: Flask, route: str, size: int, status: Any) -> None:
    path, form, good = ROUTES[route]
    large = form | {"Filler": "x" * size}
    made = signature(PUBLIC_URL + path, large)
    answer = connected.test_client().post(path, data=large, headers={"X-Twilio-Signature": made})
    assert answer.status_code == (good if status == "good" else status)


@pytest.mark.parametrize("route", ROUTES)
def test_thousands_of_fields_are_refused_before_they_are_sorted(connected: Flask, route: str) -> None:
    path, form, _ = ROUTES[route]
    many: Any = form | {f"f{n}": "" for n in range(5000)}
    answer = connected.test_client().post(
        path, data=many, headers={"X-Twilio-Signature": signature(PUBLIC_URL + path, many)}
    )
    assert answer.status_code == 413


def test_a_channel_that_is_read_again_is_checked_again(
    connected: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in memory may be outdated, so it is read anew before a refusal; that alone lets nobody in."""
    monkeypatch.setattr("illumichat_sms_plugin.services.inbound.authenticate.REREAD_AFTER", 0.0)
    path, form = "/api/sms/webhook/ast_support", inbound_form("hello")
    forged = {"X-Twilio-Signature": signature(PUBLIC_URL + path, form, "f" * 32)}
    for _ in range(2):
        assert connected.test_client().post(path, data=form, headers=forged).status_code == 403
