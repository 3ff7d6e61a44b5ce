"""Refused webhooks: what is kept of them, and why their signature was wrong."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Row

from illumichat_sms_plugin.models import SmsChannel, SmsRejection, db_now
from illumichat_sms_plugin.runtime import current_runtime, rejection_buffer
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.inbound.rejection_diagnosis import Reason
from illumichat_sms_plugin.services.inbound.rejections import (
    flush_rejections,
    forget_old_rejections,
    recent_rejections,
)
from illumichat_sms_plugin.twilio_gateway.signature import sign
from illumichat_sms_plugin.twilio_gateway.values import SigningKey
from tests.blueprints.twilio_webhooks.test_cost import counted
from tests.support.apps import PUBLIC_URL
from tests.support.channels import change, connect, sql, write
from tests.support.twilio_requests import ACCOUNT_SID, AUTH_TOKEN, inbound_form, status_form, text_in

PATH = "/api/sms/webhook/ast_support"
OTHER_TOKEN = "0" * 32
SHARED_KEY = "shared-key-of-the-webhooks-api"
SHARED = {"X-Twilio-Webhooks-Signature-Settings": "key=WK1,algorithm=HMAC_SHA256"}


def post(
    app: Flask,
    *,
    url: str = PUBLIC_URL + PATH,
    token: str = AUTH_TOKEN,
    algorithm: Any = "HMAC_SHA1",
    path: str = PATH,
    headers: dict[str, str] | None = None,
    **fields: Any,
) -> int:
    """POST a text that was signed for ``url`` with ``token`` to ``path``; returns the HTTP status."""
    form = inbound_form(**fields)
    signature = sign(url, form.items(), SigningKey("test", Secret(token), algorithm))
    sent = {"X-Twilio-Signature": signature} | (headers or {})
    answer = app.test_client().post(path, data=form, headers=sent)
    return int(answer.status_code)


def refused(app: Flask) -> Sequence[Row[Any]]:
    """What was written down once the noted refusals were examined."""
    with app.app_context():
        flush_rejections(current_runtime())
        return recent_rejections(1)


def only(app: Flask) -> Row[Any]:
    (row,) = refused(app)
    return row


@pytest.mark.parametrize(
    ("sent", "reason", "detail"),
    [
        ({"url": "http://chat.example.com" + PATH}, Reason.SCHEME, "http://chat.example.com/api"),
        ({"url": PUBLIC_URL + PATH + "/"}, Reason.SLASH, f"{PATH}/"),
        ({"url": "https://www.chat.example.com" + PATH}, Reason.HOST, "www.chat.example.com"),
        (
            {
                "url": "https://internal.example.net:8443" + PATH,
                "headers": {"Host": "internal.example.net:8443"},
            },
            Reason.HOST,
            "internal.example.net:8443",
        ),
        (
            {
                "url": "http://old.example.com" + PATH,
                "headers": {"X-Forwarded-Host": "old.example.com, proxy.internal"},
            },
            Reason.HOST,
            "http://old.example.com",
        ),
        (
            {"url": f"{PUBLIC_URL}/app{PATH}", "headers": {"X-Forwarded-Prefix": "/app"}},
            Reason.PATH,
            "/app/api",
        ),
        ({"path": f"{PATH}?added=by-a-proxy"}, Reason.QUERY, PATH),
        (
            {"token": AUTH_TOKEN, "algorithm": "HMAC_SHA256", "headers": SHARED},
            Reason.ALGORITHM,
            "Auth Token",
        ),
        ({"token": SHARED_KEY, "algorithm": "HMAC_SHA256", "headers": SHARED}, Reason.NO_SIGNING_KEY, ""),
        ({"token": OTHER_TOKEN}, Reason.UNKNOWN, ""),
        ({"headers": {"X-Twilio-Signature": ""}}, Reason.NO_SIGNATURE, ""),
        ({"AccountSid": "AC" + "9" * 32}, Reason.OTHER_ACCOUNT, "ends in 9999"),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "",
)
def test_the_reason_is_the_address_or_the_key_that_would_have_matched(
    connected: Flask, sent: dict[str, Any], reason: Reason, detail: str
) -> None:
    assert post(connected, **sent) == 403
    row = only(connected)
    assert (row.route, row.reason, row.times) == ("inbound", reason.value, 1)
    assert detail in row.detail


def test_another_signing_key_is_told_from_none(connected: Flask) -> None:
    change(connected, signing_key="the-one-stored-here")
    assert post(connected, token=SHARED_KEY, algorithm="HMAC_SHA256", headers=SHARED) == 403
    assert only(connected).reason == Reason.WRONG_SIGNING_KEY


def test_a_key_of_another_assistant_of_the_workspace_is_named(connected: Flask) -> None:
    """The account's token was changed, and entered at one of its assistants only."""
    connect(connected, "ast_sales", phone_number="+15551230002", auth_token=OTHER_TOKEN)
    post(connected, token=OTHER_TOKEN)
    row = only(connected)
    assert row.reason == Reason.OTHER_KEY
    assert "ast_sales" in row.detail


def test_a_key_of_another_workspace_stays_its_secret(connected: Flask) -> None:
    connect(connected, "ast_globex", phone_number="+15551230003", auth_token=OTHER_TOKEN)
    post(connected, token=OTHER_TOKEN)
    assert only(connected).reason == Reason.UNKNOWN


def test_status_callbacks_are_told_from_texts(connected: Flask) -> None:
    path = "/api/sms/status/ast_support"
    form = status_form("SM" + "a" * 32, "sent")
    connected.test_client().post(f"{path}?m=1", data=form, headers={"X-Twilio-Signature": "wrong"})
    assert only(connected).route == "status"


def test_accepted_texts_leave_no_trace(connected: Flask) -> None:
    assert text_in(connected).status_code == 200
    assert refused(connected) == []


def test_unknown_assistants_leave_no_trace(connected: Flask) -> None:
    post(connected, path="/api/sms/webhook/ast_nowhere")
    with connected.app_context():
        assert flush_rejections(current_runtime()) == 0


def test_a_refusal_itself_writes_nothing_and_asks_redis_nothing(connected: Flask) -> None:
    post(connected, token=OTHER_TOKEN)
    with counted(connected) as seen:
        post(connected, token=OTHER_TOKEN)
    written = [sql for sql in seen["statements"] if not sql.lstrip().upper().startswith("SELECT")]
    assert (written, seen["redis"]) == ([], [])


def test_a_flood_of_forgeries_costs_a_bounded_number_of_rows(connected: Flask) -> None:
    for _ in range(40):
        post(connected, token=secrets.token_hex(16))
    refused(connected)
    for _ in range(40):
        post(connected, token=secrets.token_hex(16))
    rows = refused(connected)
    assert sum(row.times for row in rows) == 80
    assert {row.reason for row in rows} == {Reason.UNKNOWN, Reason.NOT_EXAMINED}
    assert sql(connected, "SELECT count(*) FROM sms_rejections").scalar() <= 4  # a minute may have passed


def test_they_are_written_down_by_themselves_within_seconds(
    connected: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejection_buffer, "DELAY", 0.05)
    post(connected, token=OTHER_TOKEN)
    with connected.app_context():
        current_runtime().rejections._timer.join(5.0)  # type: ignore[union-attr]
        assert recent_rejections(1)[0].times == 1


def test_nothing_of_what_was_sent_is_kept(connected: Flask) -> None:
    post(connected, url="https://www.chat.example.com" + PATH, Body="my secret diary", From="+15550009999")
    post(connected, token=OTHER_TOKEN, Body="my secret diary", From="+15550009999")
    refused(connected)
    stored = str(sql(connected, "SELECT * FROM sms_rejections").all())
    assert "diary" not in stored
    assert "0009999" not in stored


def test_after_a_week_they_are_gone(connected: Flask) -> None:
    post(connected, token=OTHER_TOKEN)
    assert len(refused(connected)) == 1
    write(connected, SmsRejection, SmsRejection.id > 0, last_at=db_now(-8 * 86400.0))
    assert refused(connected) == []
    with connected.app_context():
        assert forget_old_rejections(current_runtime()) == 1


def test_hostile_headers_break_nothing(connected: Flask) -> None:
    headers = {
        "X-Forwarded-Host": "<script>alert(1)</script>",
        "X-Original-Host": "a" * 5000,
        "X-Forwarded-Prefix": "/" + "b" * 5000,
        "X-Twilio-Webhooks-Signature-Settings": "algorithm=,,=,key",
    }
    assert post(connected, token=OTHER_TOKEN, headers=headers) == 403
    assert "script" not in only(connected).detail


def test_a_channel_that_was_disconnected_meanwhile_is_left_out(connected: Flask) -> None:
    post(connected, token=OTHER_TOKEN)
    write(connected, SmsChannel, SmsChannel.id == 1, account_sid=None)
    assert refused(connected) == []


def test_an_unreadable_token_is_not_a_crash(make: Callable[..., Flask], connected: Flask) -> None:
    from illumichat_sms_plugin.encryption import generate_key

    other = make(SMS_ENCRYPTION_KEYS=[generate_key()])
    assert post(other) == 403
    assert only(other).reason == Reason.UNKNOWN
    assert ACCOUNT_SID not in str(refused(other))
