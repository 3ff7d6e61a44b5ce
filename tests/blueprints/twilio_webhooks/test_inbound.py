"""POST /api/sms/webhook/<assistant_id>: authenticate, record once, enqueue, answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from tests.support.channels import change, inbound, messages, queued, run_jobs, sessions, sql
from tests.support.twilio_requests import (
    NUMBER,
    TEXTER,
    inbound_form,
    post_signed,
    text_in,
)

PATH = "/api/sms/webhook/ast_support"


def test_a_signed_text_is_recorded_enqueued_and_answered_with_empty_twiml(connected: Flask) -> None:
    answer = text_in(connected, "Hello")

    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response/>'
    (message,) = messages(connected)
    assert (message.body, message.from_number, message.to_number) == ("Hello", TEXTER, NUMBER)
    assert message.no_reply_reason is None
    assert queued(connected) == 1


def test_the_same_message_sid_is_recorded_once(connected: Flask) -> None:
    form = inbound_form("Hello")
    for _ in range(3):
        assert post_signed(connected, PATH, form).status_code == 200
    assert len(messages(connected)) == 1
    assert queued(connected) == 1


def test_twenty_clients_with_the_same_message_sid_at_once_record_it_once(connected: Flask) -> None:
    form = inbound_form("Hello")
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: post_signed(connected, PATH, form).status_code, range(20)))
    assert answers == [200] * 20
    assert len(messages(connected)) == 1


def test_two_first_texts_of_one_sender_at_once_open_one_session(connected: Flask) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: text_in(connected, f"text {n}"), range(8)))
    assert len(sessions(connected)) == 1
    assert len(messages(connected)) == 8


def test_each_number_has_its_own_session(connected: Flask) -> None:
    text_in(connected, From="+15557650001")
    text_in(connected, From="+15557650002")
    text_in(connected, From="+15557650001")
    assert [row.phone_number for row in sessions(connected)] == ["+15557650001", "+15557650002"]


@pytest.mark.parametrize("path", [PATH, "/api/sms/status/ast_support"])
def test_only_forms_by_post_are_taken(connected: Flask, path: str) -> None:
    client = connected.test_client()
    assert client.get(path).status_code == 405
    assert client.put(path).status_code == 405
    assert client.post(path, json={"Body": "x"}).status_code == 415
    assert client.post(path, data="x", content_type="multipart/form-data; boundary=x").status_code == 415
    assert client.post(path + "/", data=inbound_form()).status_code == 404


@pytest.mark.parametrize("path", [PATH, "/api/sms/status/ast_support"])
def test_a_large_body_is_refused(connected: Flask, path: str) -> None:
    assert post_signed(connected, path, inbound_form("x" * 70_000)).status_code == 413


@pytest.mark.parametrize(
    "fields",
    [
        {"MessageSid": "odd"},
        {"MessageSid": ""},
        {"From": None},
        {"To": None},
    ],
)
def test_a_signed_form_of_the_wrong_shape_is_a_clear_error(connected: Flask, fields: dict[str, Any]) -> None:
    form = inbound_form()
    for name, value in fields.items():
        if value is None:
            del form[name]
        else:
            form[name] = value
    answer = post_signed(connected, PATH, form)
    assert answer.status_code == 400
    assert next(iter(fields)) in answer.text


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"From": "12345"}, "not_a_phone"),
        ({"From": "SUPPORT"}, "not_a_phone"),
        ({"From": "+266696687"}, "not_a_phone"),
        ({"From": "whatsapp:+15557654321"}, "not_a_phone"),
        ({"From": "rcs:brand_agent"}, "not_a_phone"),
        ({"From": ""}, "not_a_phone"),
        ({"From": NUMBER}, "own_number"),
        ({"Body": "STOP"}, "keyword"),
        ({"Body": "help"}, "keyword"),
        ({"Body": "whatever", "OptOutType": "STOP"}, "keyword"),
        ({"Body": "Liked “See you at 5”"}, "reaction"),
    ],
)
def test_texts_that_nobody_answers_say_why(connected: Flask, fields: dict[str, str], reason: str) -> None:
    assert text_in(connected, **{"Body": "Hello"} | fields).status_code == 200
    assert inbound(connected)[0].no_reply_reason == reason


@pytest.mark.parametrize(
    "fields",
    [
        {
            "Body": "",
            "NumMedia": "2",
            "MediaUrl0": "https://api.twilio.com/a",
            "MediaContentType0": "image/png",
        },
        {"Body": "nul\x00inside"},
        {"Body": "x" * 5000},
        {"Body": "\u202eright to left\u202c"},
        {"Body": "🧑‍🧑‍🧒‍🧒" * 50},
        {"NumMedia": "many", "NumSegments": "-1"},
        {"NumSegments": "9" * 30},
        {"Surprise": "new parameter", "AddOns": "{}"},
        {"FromCity": "", "FromZip": ""},
        {"To": "+15559999999"},
    ],
)
def test_whatever_twilio_sends_is_survivable(connected: Flask, fields: dict[str, str]) -> None:
    form = inbound_form() | fields
    assert post_signed(connected, PATH, form).status_code == 200
    assert len(messages(connected)) == 1


def test_bytes_that_are_no_utf8_are_survivable(connected: Flask) -> None:
    raw = "Body=%ED%A0%80%FF&" + "&".join(f"{k}={v}" for k, v in inbound_form().items() if k != "Body")
    raw = raw.replace("+", "%2B")
    answer = connected.test_client().post(
        PATH, data=raw, content_type="application/x-www-form-urlencoded", headers={"X-Twilio-Signature": "x"}
    )
    assert answer.status_code == 403


def test_media_are_kept_as_addresses_only(connected: Flask) -> None:
    text_in(
        connected, "", NumMedia="1", MediaUrl0="https://api.twilio.com/m/1", MediaContentType0="image/jpeg"
    )
    assert inbound(connected)[0].media == [
        {"url": "https://api.twilio.com/m/1", "content_type": "image/jpeg"}
    ]


def test_a_channel_that_is_off_records_and_says_so(connected: Flask) -> None:
    change(connected, enabled=False)
    assert text_in(connected).status_code == 200
    run_jobs(connected)
    assert inbound(connected)[0].no_reply_reason == "disabled"


def test_a_queue_that_is_down_loses_nothing(make: Any) -> None:
    from tests.support.channels import connect

    app = make(SMS_REDIS_URL="redis://127.0.0.1:1/0")
    connect(app)
    assert text_in(app).status_code == 200
    assert len(messages(app)) == 1


def test_a_database_that_is_down_is_a_503_at_once(connected: Flask, monkeypatch: Any) -> None:
    from sqlalchemy.exc import OperationalError

    from illumichat_sms_plugin.services.inbound import receive_message

    def down() -> Any:
        raise OperationalError("INSERT", {}, Exception("down"))

    assert text_in(connected).status_code == 200
    monkeypatch.setattr(receive_message, "transaction", down)
    answer = text_in(connected)
    assert answer.status_code == 503
    assert "INSERT" not in answer.text


def test_an_opted_out_number_is_kept_and_not_answered(connected: Flask) -> None:
    text_in(connected, "STOP")
    text_in(connected, "are you there?")
    run_jobs(connected)
    assert [row.no_reply_reason for row in inbound(connected)] == ["keyword", "opted_out"]
    assert not connected.extensions["illumichat_sms"].host.assistants.requests


def test_start_brings_an_opted_out_number_back(connected: Flask) -> None:
    text_in(connected, "STOP")
    assert sessions(connected)[0].opted_out_at is not None
    text_in(connected, "START")
    assert sessions(connected)[0].opted_out_at is None
    events = sql(connected, "SELECT action, source FROM sms_consent_events ORDER BY id").all()
    assert [tuple(event) for event in events] == [("opt_out", "text"), ("opt_in", "text")]


SALES_NUMBER = "+15551230002"


def test_a_text_that_comes_to_another_assistants_webhook_goes_to_the_one_that_has_its_number(
    connected: Flask,
) -> None:
    """Two numbers of one account, one of which points to the wrong webhook: one answer, by the right assistant."""
    from tests.support.channels import connect

    connect(connected, "ast_sales", phone_number=SALES_NUMBER)
    assert text_in(connected, To=SALES_NUMBER).status_code == 200
    owner = sql(connected, "SELECT id FROM sms_channels WHERE assistant_id = 'ast_sales'").scalar()
    assert [row.channel_id for row in inbound(connected)] == [owner]
    run_jobs(connected)
    requests = connected.extensions["illumichat_sms"].host.assistants.requests
    assert [request.assistant_id for request in requests] == ["ast_sales"]
