"""Ten thousand odd forms with right signatures: whatever a phone or a carrier sends, no 5xx."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.twilio_gateway.signature import sign
from illumichat_sms_plugin.twilio_gateway.values import SigningKey
from tests.support.apps import PUBLIC_URL
from tests.support.twilio_requests import ACCOUNT_SID, AUTH_TOKEN, NUMBER, new_sid

FORMS = 10_000
KEY = SigningKey("auth_token", Secret(AUTH_TOKEN))
PATHS = ("/api/sms/webhook/ast_support", "/api/sms/status/ast_support", "/api/sms/status/ast_support?m={m}")
NAMES = (
    "MessageSid", "SmsSid", "From", "To", "Body", "NumMedia", "NumSegments", "MediaUrl0", "MediaContentType0",
    "OptOutType", "MessageStatus", "SmsStatus", "ErrorCode", "RawDlrDoneDate", "MessagingServiceSid", "ApiVersion",
    "Latitude", "ProfileName", "", "\x00", "Body[]", "AccountSid ",
)  # fmt: skip
WORDS = (
    "", " ", "\x00", "a\x00b", "\ud800", "�", "\u202eevil\u202c", "👩‍👩‍👧‍👦", "e" + "\u0301" * 50, "STOP", "stop.", "START", "HELP",
    "ARRÊT", "-1", "0", "1", "10", "99999999999999999999", "1e9", "٣", "NaN", "true", "null", "+15557650001", "+266696687",
    "whatsapp:+15557650001", "rcs:agent", "12345", "ANON", "+", "+1", "+" + "9" * 40, "delivered", "failed", "READ",
    "flying", "queued", "30007", "21610", "<script>alert(1)</script>", "=HYPERLINK(\"x\")", "' OR 1=1 --", "{{7*7}}",
    "%00", "%s%s%n", "../../etc/passwd", "\r\nX-Injected: 1", "Liked “hello”", "http://169.254.169.254/", "x" * 2000,
)  # fmt: skip


def text_of(rng: random.Random) -> str:
    if rng.random() < 0.7:
        return rng.choice(WORDS)
    return "".join(
        chr(rng.choice((rng.randrange(1, 128), rng.randrange(0xD7FF), 0x1F600)))
        for _ in range(rng.randrange(30))
    )


def form_of(rng: random.Random) -> MultiDict[str, str]:
    """Mostly like Twilio's, with some fields missing, doubled or mad."""
    fields: list[tuple[str, str]] = [("AccountSid", ACCOUNT_SID)]
    if rng.random() < 0.9:
        fields.append(("MessageSid", new_sid() if rng.random() < 0.9 else text_of(rng)))
    if rng.random() < 0.9:
        fields.append(("From", f"+1555765{rng.randrange(10_000):04}" if rng.random() < 0.6 else text_of(rng)))
    if rng.random() < 0.9:
        fields.append(("To", NUMBER if rng.random() < 0.8 else text_of(rng)))
    fields += [(rng.choice(NAMES), text_of(rng)) for _ in range(rng.randrange(8))]
    rng.shuffle(fields)
    return MultiDict(fields)


@pytest.mark.slow
@pytest.mark.xdist_group("fuzz")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_form_with_a_right_signature_is_a_server_error(connected: Flask, redis_url: str) -> None:
    seed = int(time.time())
    rng = random.Random(seed)
    client = connected.test_client()
    seen: Counter[int] = Counter()
    for _ in range(FORMS):
        path = rng.choice(PATHS).format(m=rng.choice(("1", "2", "x", "-1", "9" * 30, "")))
        form = form_of(rng)
        answer = _post(client, path, form)
        seen[answer] += 1
        assert answer < 500, f"seed {seed}: {path} {form!r}"
    assert seen[200] > FORMS / 10, f"too few of the forms were good ones: {seen}"
    assert set(seen) <= {200, 204, 400, 403, 413}, seen


def _post(client: Any, path: str, form: MultiDict[str, str]) -> int:
    """As the wire carries it: what is no valid text arrives as replacement characters, and is signed so."""
    pairs = [(_wire(name), _wire(value)) for name, value in form.items(multi=True)]
    signed = sign(PUBLIC_URL + path, pairs, KEY)
    answer = client.post(path, data=MultiDict(pairs), headers={"X-Twilio-Signature": signed})
    return int(answer.status_code)


def _wire(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
