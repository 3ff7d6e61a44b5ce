"""Which texts are taken for Twilio's: the signature, the key, the account."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.secret import Secret
from tests.support.channels import change, inbound, messages, queued, sql
from tests.support.twilio_requests import (
    AUTH_TOKEN,
    inbound_form,
    new_sid,
    post_signed,
    text_in,
)

PATH = "/api/sms/webhook/ast_support"


@pytest.mark.parametrize(
    ("case", "headers"),
    [
        ("missing", {}),
        ("empty", {"X-Twilio-Signature": ""}),
        ("wrong", {"X-Twilio-Signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}),
        ("not ASCII", {"X-Twilio-Signature": "é☃"}),
        ("long", {"X-Twilio-Signature": "A" * 5000}),
    ],
)
@pytest.mark.parametrize("path", [PATH, "/api/sms/status/ast_support"])
def test_a_request_without_the_right_signature_is_refused(
    connected: Flask, path: str, case: str, headers: dict[str, str]
) -> None:
    answer = connected.test_client().post(path, data=inbound_form(), headers=headers)
    assert (answer.status_code, answer.text) == (403, "Forbidden.")
    assert not messages(connected)
    assert queued(connected) == 0


@pytest.mark.parametrize("assistant_id", ["%00", "a" * 5000, "%E2%80%AE", "..", "%0d%0a"])
def test_odd_assistant_ids_are_nobodys(connected: Flask, assistant_id: str) -> None:
    headers = {"X-Twilio-Signature": "x"}
    for route in ("webhook", "status"):
        answer = connected.test_client().post(
            f"/api/sms/{route}/{assistant_id}", data=inbound_form(), headers=headers
        )
        assert answer.status_code in (403, 404)


def test_all_refusals_look_the_same(connected: Flask) -> None:
    """Whoever is refused does not learn whether the assistant exists or its token can be read."""
    wrong = connected.test_client().post(PATH, data=inbound_form(), headers={"X-Twilio-Signature": "x"})
    unknown = post_signed(connected, "/api/sms/webhook/ast_unknown", inbound_form())
    sql(connected, "UPDATE sms_channels SET auth_token = 'gAAAA broken'")
    with connected.app_context():
        current_runtime().channels.forget("ast_support")
    unreadable = text_in(connected)
    answers = {(a.status_code, a.text, a.mimetype) for a in (wrong, unknown, unreadable)}
    assert answers == {(403, "Forbidden.", "text/plain")}


def test_the_account_sid_must_be_the_channels(connected: Flask) -> None:
    assert text_in(connected, AccountSid="AC" + "f" * 32).status_code == 403
    assert not messages(connected)


def test_the_signature_counts_for_the_public_url_only(connected: Flask) -> None:
    """A hostile Host or X-Forwarded-Host changes nothing."""
    form = inbound_form()
    forged = post_signed(
        connected,
        PATH,
        form,
        url=f"https://evil.example{PATH}",
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
    )
    assert forged.status_code == 403
    honest = post_signed(
        connected, PATH, form, headers={"Host": "internal:8000", "X-Forwarded-Proto": "http"}
    )
    assert honest.status_code == 200


def test_during_a_rotation_both_tokens_verify(connected: Flask) -> None:
    change(connected, next_auth_token="b" * 32)
    assert post_signed(connected, PATH, inbound_form(), token="b" * 32).status_code == 200
    assert post_signed(connected, PATH, inbound_form(), token=AUTH_TOKEN).status_code == 200


def test_a_token_changed_in_another_process_is_honoured_at_once(make: Any) -> None:
    from tests.support.channels import connect

    first, second = make(), make()
    connect(first)
    assert text_in(second).status_code == 200
    change(first, auth_token="c" * 32)
    with second.app_context():
        cache = current_runtime().channels
        cache._entries = {key: (at - 5, value) for key, (at, value) in cache._entries.items()}
    assert post_signed(second, PATH, inbound_form(), token="c" * 32).status_code == 200


def test_the_shared_key_verifies_with_sha256(connected: Flask) -> None:
    from illumichat_sms_plugin.twilio_gateway.signature import sign
    from illumichat_sms_plugin.twilio_gateway.values import SigningKey
    from tests.support.apps import PUBLIC_URL

    change(connected, signing_key="s" * 40)
    form = inbound_form()
    headers = {
        "X-Twilio-Signature": sign(
            PUBLIC_URL + PATH, list(form.items()), SigningKey("signing_key", Secret("s" * 40), "HMAC_SHA256")
        ),
        "X-Twilio-Webhooks-Signature-Settings": "key=SK1,algorithm=HMAC_SHA256",
    }
    assert connected.test_client().post(PATH, data=form, headers=headers).status_code == 200


def test_repeated_and_blank_parameters_are_part_of_the_signature(connected: Flask) -> None:
    form = MultiDict([*inbound_form().items(), ("Tag", "b"), ("Tag", "a"), ("Tag", "b"), ("Blank", "")])
    assert post_signed(connected, PATH, form).status_code == 200
    tampered = inbound_form(MessageSid=new_sid())
    headers = {"X-Twilio-Signature": "x"}
    assert connected.test_client().post(PATH, data=tampered, headers=headers).status_code == 403


def test_nobody_can_text_in_the_name_of_another_account(connected: Flask) -> None:
    """Its token signed the text, and it may write any number into it."""
    from demo.twilio_simulator import seed
    from tests.support.channels import connect

    connect(
        connected,
        "ast_globex",
        account_sid=seed.OTHER_ACCOUNT_SID,
        auth_token=seed.OTHER_AUTH_TOKEN,
        phone_number=seed.OTHER_NUMBER,
    )
    assert text_in(connected, To=seed.OTHER_NUMBER).status_code == 200
    assert [row.channel_id for row in inbound(connected)] == [1]
