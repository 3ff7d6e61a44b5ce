"""The configuration as JSON: strict in, complete out, secrets only in."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from demo.twilio_simulator import seed
from illumichat_sms_plugin.services.setup.credential_budget import PER_PERSON
from tests.support.twilio_requests import ACCOUNT_SID, AUTH_TOKEN, NUMBER
from tests.support.visitors import visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CONFIG = "/api/sms/config/ast_support"
CREDENTIALS = {"accountSid": ACCOUNT_SID, "authToken": AUTH_TOKEN, "phoneNumber": NUMBER}


@pytest.fixture
def app(make: Any, twilio: Any) -> Flask:
    """An app that asks the simulated Twilio; nothing is connected."""
    found: Flask = make(SMS_TWILIO_API_URL=twilio.url)
    return found


def call(app: Flask, method: str, path: str = "", **kwargs: Any) -> TestResponse:
    return visit(app).open(CONFIG + path, method=method, **kwargs)


def test_what_was_never_saved_reads_as_the_defaults(app: Flask):
    body = call(app, "GET").json
    assert body is not None
    assert (body["state"], body["version"], body["accountSid"], body["hasAuthToken"]) == (
        "not_connected",
        0,
        None,
        False,
    )
    assert body["maxMessageLength"] == 1600
    assert body["webhookUrl"].endswith("/api/sms/webhook/ast_support#rc=3&rp=5xx,ct,rt")


def test_put_connects_with_201_and_replaces_with_200(app: Flask):
    first = call(app, "PUT", json=CREDENTIALS | {"maxMessageLength": 320})
    assert first.status_code == 201
    second = call(app, "PUT", json={"accountSid": ACCOUNT_SID, "phoneNumber": NUMBER})
    assert second.status_code == 200
    assert second.json is not None
    assert (second.json["maxMessageLength"], second.json["hasAuthToken"]) == (1600, True)


def test_patch_changes_what_is_named_and_nothing_else(app: Flask):
    call(app, "PUT", json=CREDENTIALS | {"maxMessageLength": 320, "guidelines": "Be kind."})
    body = call(app, "PATCH", json={"enabled": False}).json
    assert body is not None
    assert (body["enabled"], body["maxMessageLength"], body["guidelines"]) == (False, 320, "Be kind.")
    assert body["state"] == "off"


def test_null_takes_back_what_can_be_taken_back(app: Flask):
    call(app, "PUT", json=CREDENTIALS | {"guidelines": "Be kind.", "signingKey": "shared"})
    body = call(app, "PATCH", json={"guidelines": None, "signingKey": None}).json
    assert body is not None
    assert (body["guidelines"], body["hasSigningKey"]) == (None, False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"enabled": "yes"}, "enabled"),
        ({"enabled": 1}, "enabled"),
        ({"enabled": None}, "enabled"),
        ({"maxMessageLength": "320"}, "maxMessageLength"),
        ({"maxMessageLength": 320.0}, "maxMessageLength"),
        ({"maxMessageLength": True}, "maxMessageLength"),
        ({"maxMessageLength": 49}, "maxMessageLength"),
        ({"maxMessageLength": 1601}, "maxMessageLength"),
        ({"max_message_length": 320}, "maxMessageLength"),
        ({"phoneNumber": 15551230001}, "phoneNumber"),
        ({"phoneNumber": "5551230001"}, "phoneNumber"),
        ({"accountSid": "AC1"}, "accountSid"),
        ({"authToken": "two words"}, "authToken"),
        ({"guidelines": "x" * 4001}, "guidelines"),
        ({"guidelines": "a\u0000b"}, "guidelines"),
        ({"guidelines": "\ud800"}, "guidelines"),
        ({"optOutWords": "STOP"}, "optOutWords"),
        ({"optOutWords": ["x" * 41]}, "optOutWords"),
        ({"optOutWords": ["a"] * 51}, "optOutWords"),
        ({"version": -1}, "version"),
        ({"workspaceId": "ws_globex"}, "workspaceId"),
    ],
)
def test_what_cannot_be_used_is_named(app: Flask, body: dict[str, Any], field: str):
    call(app, "PUT", json=CREDENTIALS)
    before = call(app, "GET").json
    answer = call(app, "PATCH", json=body)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["code"] == "bad_request:api"
    assert field in {name.partition(".")[0] for name in answer.json["details"]}
    assert call(app, "GET").json == before


@pytest.mark.parametrize(
    ("data", "mimetype", "status", "code"),
    [
        (b"{", "application/json", 400, "bad_request:api"),
        (b"[]", "application/json", 400, "bad_request:api"),
        (b'{"enabled": NaN}', "application/json", 400, "bad_request:api"),
        (b"\xff\xfe", "application/json", 400, "bad_request:api"),
        (b"[" * 60000, "application/json", 400, "bad_request:api"),
        (b"enabled=false", "application/x-www-form-urlencoded", 415, "unsupported_media_type:api"),
        (b'{"enabled": false}', "text/plain", 415, "unsupported_media_type:api"),
        (b'{"guidelines": "' + b"x" * 70000 + b'"}', "application/json", 413, "too_large:api"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(
    app: Flask, data: bytes, mimetype: str, status: int, code: str
):
    answer = call(app, "PATCH", data=data, content_type=mimetype)
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["code"] == code


def test_a_version_that_is_not_the_current_one_is_a_conflict(app: Flask):
    assert call(app, "PUT", json=CREDENTIALS | {"version": 0}).status_code == 201
    answer = call(app, "PUT", json=CREDENTIALS | {"version": 0})
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "conflict:api"
    assert call(app, "DELETE", query_string={"version": 0}).status_code == 409


def test_what_twilio_refuses_is_saved_as_a_draft(app: Flask):
    for given, words in (
        ({"phoneNumber": seed.OTHER_NUMBER}, "not on the account"),
        ({"authToken": "0" * 32}, "do not go together"),
    ):
        answer = call(app, "PUT", json=CREDENTIALS | given)
        assert answer.status_code in (200, 201)
        assert answer.json is not None
        assert (answer.json["numberCheck"], answer.json["state"]) == ("refused", "draft")
        assert words in answer.json["reasons"][0]["what"]
    answer = call(app, "PUT", json=CREDENTIALS)
    assert answer.json is not None
    assert (answer.json["numberCheck"], answer.json["state"]) == ("owned", "one_step_left")


def test_a_save_says_whether_twilio_agreed(app: Flask, twilio: Any):
    def check(**body: Any) -> str:
        answer = call(app, "PATCH", json=body)
        assert answer.status_code == 200
        assert answer.json is not None
        return str(answer.json["numberCheck"])

    assert check(**CREDENTIALS) == "owned"
    assert check(enabled=False) == "not_needed"
    twilio.add_fault("outage", count=None, mode="503")
    assert check(phoneNumber=seed.SALES_NUMBER) == "no_answer"
    assert "numberCheck" not in call(app, "GET").json  # type: ignore[operator]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.usefixtures("one_period")
def test_saving_credentials_too_often_says_when_again(app: Flask, method: str):
    call(app, "PUT", json=CREDENTIALS)
    for number in range(1, PER_PERSON):
        body = CREDENTIALS | {"authToken": f"{number:032}"}
        assert call(app, method, json=body).status_code == 200
    answer = call(app, method, json=CREDENTIALS | {"authToken": "0" * 32})
    assert answer.status_code == 429
    assert answer.json is not None
    assert answer.json["code"] == "rate_limit:api"
    assert int(answer.headers["Retry-After"]) > 0
    assert call(app, "PATCH", json={"enabled": False}).status_code == 200


def test_a_number_in_use_is_a_conflict_that_names_nobody(app: Flask):
    call(app, "PUT", json=CREDENTIALS)
    answer = visit(app).put("/api/sms/config/ast_sales", json=CREDENTIALS)
    assert answer.status_code == 409
    assert "support" not in answer.text.lower()


def test_delete_disconnects_and_a_second_time_there_is_nothing(app: Flask):
    call(app, "PUT", json=CREDENTIALS)
    answer = call(app, "DELETE")
    assert (answer.status_code, answer.data) == (204, b"")
    assert call(app, "DELETE").status_code == 404
    body = call(app, "GET").json
    assert body is not None
    assert body["state"] == "not_connected"


@pytest.mark.parametrize("query", ["version=1.0", "version=x", "version=1&version=1", "what=1"])
def test_a_query_that_cannot_be_used_is_refused(app: Flask, query: str):
    call(app, "PUT", json=CREDENTIALS)
    assert call(app, "DELETE", query_string=query).status_code == 400
    assert call(app, "GET").json["hasAuthToken"]  # type: ignore[index]


def test_test_says_what_was_found(app: Flask):
    body = call(app, "POST", "/test", json=CREDENTIALS).json
    assert body is not None
    assert body["works"] is True
    assert body["account"] == {"name": seed.ACCOUNT_NAME, "status": "active", "type": "Full"}
    assert body["balance"] == {"amount": "42.50", "currency": "USD"}
    assert {"phoneNumber": NUMBER, "name": NUMBER, "sms": True} in body["numbers"]
    wrong = call(app, "POST", "/test", json=CREDENTIALS | {"authToken": "0" * 32})
    assert wrong.status_code == 200
    assert wrong.json is not None
    assert wrong.json["works"] is False


def test_the_webhook_is_read_asked_about_and_set(texting: Flask, twilio: Any):
    twilio.set_webhook(NUMBER, "https://crm.example.net/sms")
    read = call(texting, "GET", "/webhook").json
    assert read is not None
    assert (read["target"]["kind"], read["replaces"]) == ("foreign", "https://crm.example.net/sms")
    assert call(texting, "POST", "/webhook", json={}).status_code == 409
    done = call(texting, "POST", "/webhook", json={"replaces": read["replaces"]}).json
    assert done is not None
    assert (done["before"]["target"]["works"], done["after"]["target"]["works"]) == (False, True)


def test_a_twilio_that_does_not_work_is_a_bad_gateway(texting: Flask, twilio: Any):
    twilio.add_fault("outage", count=None, mode="503")
    answer = call(texting, "GET", "/webhook")
    assert answer.status_code == 502
    assert answer.json is not None
    assert answer.json["code"] == "bad_gateway:api"


@pytest.mark.usefixtures("one_period")
def test_too_often_says_when_again(texting: Flask):
    for _ in range(PER_PERSON):
        call(texting, "POST", "/test", json={"accountSid": ACCOUNT_SID})
    answer = call(texting, "POST", "/test", json={"accountSid": ACCOUNT_SID})
    assert answer.status_code == 429
    assert answer.json is not None
    assert answer.json["code"] == "rate_limit:api"
    assert int(answer.headers["Retry-After"]) > 0
