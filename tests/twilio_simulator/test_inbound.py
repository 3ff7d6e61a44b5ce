"""A phone texts a number: what the webhook is told, and what its answer brings about."""

from __future__ import annotations

import re

import pytest
from twilio.rest import Client

from demo.twilio_simulator import Simulator, seed
from demo.twilio_simulator.records import MessagingService
from tests.twilio_simulator.receiver import Answer, Receiver

OURS, PHONE = seed.SUPPORT_NUMBER, seed.PHONES[0]
SERVICE = "MG" + "3" * 32


def reply(*texts: str) -> Answer:
    messages = "".join(f"<Message>{text}</Message>" for text in texts)
    return Answer(body=f"<?xml version='1.0'?><Response>{messages}</Response>".encode())


def debugger(twilio: Simulator) -> list[int]:
    return [entry.code for entry in twilio.store.debugger]


def test_the_webhook_is_told_everything_that_twilio_tells(twilio: Simulator, app: Receiver) -> None:
    hook = twilio.text(PHONE, OURS, "Hello there")
    assert hook is not None
    assert (hook.ok, hook.status_code, hook.outcome) == (True, 200, "ok")
    [request] = app.requests
    form = request.form
    assert re.fullmatch(r"SM[0-9a-f]{32}", form["MessageSid"])
    assert form["SmsSid"] == form["SmsMessageSid"] == form["MessageSid"]
    assert (form["From"], form["To"], form["Body"]) == (PHONE, OURS, "Hello there")
    assert (form["AccountSid"], form["ApiVersion"]) == (seed.ACCOUNT_SID, "2010-04-01")
    assert (form["NumSegments"], form["NumMedia"], form["SmsStatus"]) == ("1", "0", "received")
    assert form["FromCity"] == form["ToZip"] == ""
    assert not {"MessagingServiceSid", "OptOutType", "MediaUrl0"} & set(form)
    assert request.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    assert request.headers["User-Agent"].startswith("TwilioProxy")


def test_pictures_come_as_urls_that_are_counted_when_fetched(twilio: Simulator, app: Receiver) -> None:
    import requests

    twilio.text(PHONE, OURS, "", media=["image/png", "image/jpeg"])
    form = app.requests[0].form
    assert form["MessageSid"].startswith("MM")
    assert (form["NumMedia"], form["MediaContentType1"], form["Body"]) == ("2", "image/jpeg", "")
    assert twilio.store.media_fetches == []
    response = requests.get(form["MediaUrl0"], auth=(seed.ACCOUNT_SID, seed.AUTH_TOKEN), timeout=5)
    assert response.content.startswith(b"\x89PNG")
    assert len(twilio.store.media_fetches) == 1


def test_parameters_can_be_added_replaced_and_left_out(twilio: Simulator, app: Receiver) -> None:
    twilio.text(PHONE, OURS, "x", extra={"From": "anonymous", "Brand": ["b", "a"], "NumSegments": None})
    form = app.requests[0].form
    assert (form["From"], form.getlist("Brand")) == ("anonymous", ["b", "a"])
    assert "NumSegments" not in form
    assert app.requests[0].signed_by(seed.AUTH_TOKEN, app.url)


def test_the_fragment_stays_at_home(twilio: Simulator, app: Receiver) -> None:
    twilio.set_webhook(OURS, f"{app.url}/in?x=%2F#rc=3&rp=5xx,ct,rt")
    twilio.text(PHONE, OURS, "x")
    assert app.requests[0].path == "/in?x=%2F"


def test_a_number_without_an_owner_cannot_be_texted(twilio: Simulator) -> None:
    with pytest.raises(LookupError, match="no account owns"):
        twilio.text(PHONE, "+15550000000", "x")


def test_texts_to_a_suspended_account_reach_nobody(twilio: Simulator, app: Receiver) -> None:
    twilio.add_fault("suspended_account")
    assert twilio.text(PHONE, OURS, "x") is None
    assert app.requests == []


def test_an_empty_response_sends_nothing(twilio: Simulator, app: Receiver) -> None:
    twilio.text(PHONE, OURS, "x")
    twilio.wait_idle()
    assert twilio.messages(to=PHONE) == []
    assert debugger(twilio) == []


def test_messages_in_the_answer_are_sent(twilio: Simulator, app: Receiver, client: Client) -> None:
    app.answer(reply("one", "<Body>two</Body>"))
    twilio.text(PHONE, OURS, "x")
    twilio.wait_idle()
    sent = client.messages.list(to=PHONE)
    assert sorted(m.body for m in sent) == ["one", "two"]
    assert {(m.direction, m.from_, m.status) for m in sent} == {("outbound-reply", OURS, "delivered")}


def test_a_plain_text_answer_is_sent_to_the_phone(twilio: Simulator, app: Receiver) -> None:
    app.answer(Answer(content_type="text/plain; charset=utf-8", body=b"OK"))
    twilio.text(PHONE, OURS, "x")
    twilio.wait_idle()
    [sent] = twilio.messages(to=PHONE)
    assert (sent.body, sent.created_by) == ("OK", "text/plain")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(content_type="text/html", body=b"<p>Hi</p>"), 12300),
        (Answer(content_type="application/json", body=b"{}"), 12300),
        (Answer(body=b"<Response>"), 12100),
        (Answer(body=b"<!DOCTYPE x><Response/>"), 12100),
        (Answer(body=b"<Reply/>"), 12200),
        (Answer(body=b"<Response><Dial/></Response>"), 12200),
        (Answer(body=b"<Response>" + b" " * 70_000 + b"</Response>"), 11750),
        (Answer(content_type="", body=b""), 11200),
        (Answer(headers={"Transfer-Encoding": "chunked"}, body=b"0\r\n\r\n"), 11770),
        (Answer(status=500), 11200),
        (Answer(status=403), 11200),
        (Answer(status=0), 11206),
    ],
)
def test_the_debugger_says_what_is_wrong_with_an_answer(
    answer: Answer, code: int, twilio: Simulator, app: Receiver
) -> None:
    app.answer(answer)
    twilio.text(PHONE, OURS, "x")
    twilio.wait_idle()
    assert debugger(twilio) == [code]
    assert twilio.messages(to=PHONE) == []


def test_204_is_a_good_answer(twilio: Simulator, app: Receiver) -> None:
    app.answer(Answer(status=204, content_type="", body=b""))
    hook = twilio.text(PHONE, OURS, "x")
    assert hook is not None
    assert hook.ok
    assert debugger(twilio) == []


def test_a_redirect_is_followed_by_get_and_signed_anew(twilio: Simulator, app: Receiver) -> None:
    app.answer(Answer(status=301, headers={"Location": "/inbound/"}), Answer())
    twilio.text(PHONE, OURS, "x")
    assert [(r.method, r.path) for r in app.requests] == [("POST", "/inbound"), ("GET", "/inbound/")]
    assert all(r.signed_by(seed.AUTH_TOKEN, app.url) for r in app.requests)


def test_a_307_keeps_the_form(twilio: Simulator, app: Receiver) -> None:
    app.answer(Answer(status=307, headers={"Location": "/other"}), Answer())
    twilio.text(PHONE, OURS, "Hello")
    assert (app.requests[1].method, app.requests[1].form["Body"]) == ("POST", "Hello")


def test_a_redirect_loop_is_given_up(twilio: Simulator, app: Receiver) -> None:
    app.answer(Answer(status=302, headers={"Location": "/inbound"}))
    twilio.text(PHONE, OURS, "x")
    assert debugger(twilio) == [11215]


def test_the_fallback_is_asked_when_the_webhook_fails(twilio: Simulator, app: Receiver) -> None:
    twilio.number(OURS).sms_fallback_url = f"{app.url}/fallback"
    app.answers = lambda request: Answer(status=500) if request.path == "/inbound" else reply("sorry")
    twilio.text(PHONE, OURS, "x")
    twilio.wait_idle()
    form = app.requests[1].form
    assert (app.requests[1].path, form["ErrorCode"]) == ("/fallback", "11200")
    assert form["ErrorUrl"] == f"{app.url}/inbound"
    assert form["MessageSid"] == app.requests[0].form["MessageSid"]
    assert [m.body for m in twilio.messages(to=PHONE)] == ["sorry"]


def test_a_twiml_app_overrides_the_number(twilio: Simulator, app: Receiver) -> None:
    twilio.store.applications[seed.APPLICATION_SID].sms_url = f"{app.url}/application"
    twilio.add_fault("application_override", number=OURS)
    twilio.text(PHONE, OURS, "x")
    assert [r.path for r in app.requests] == ["/application"]


def test_a_messaging_service_overrides_the_number_unless_it_defers(twilio: Simulator, app: Receiver) -> None:
    service = MessagingService(SERVICE, seed.ACCOUNT_SID, "Acme", [OURS], f"{app.url}/service")
    twilio.store.save(service)
    twilio.text(PHONE, OURS, "x")
    service.use_inbound_webhook_on_number = False
    twilio.text(PHONE, OURS, "x")
    assert [r.path for r in app.requests] == ["/inbound", "/service"]
    assert app.requests[1].form["MessagingServiceSid"] == SERVICE


def test_the_welcome_of_a_new_number_is_answered_without_leaving_the_machine(twilio: Simulator) -> None:
    hook = twilio.text(PHONE, seed.SALES_NUMBER, "Hello")
    assert hook is not None
    assert hook.ok
    twilio.wait_idle()
    assert "Set the SMS URL" in twilio.messages(to=PHONE)[0].body


def test_the_same_text_can_be_told_again(twilio: Simulator, app: Receiver) -> None:
    first = twilio.text(PHONE, OURS, "x")
    assert first is not None
    twilio.text(PHONE, OURS, sid=first.message_sid)
    assert len({r.form["MessageSid"] for r in app.requests}) == 1
    assert [r.form["Body"] for r in app.requests] == ["x", "x"]
    assert len(twilio.messages()) == 1


def test_many_phones_can_text_at_once(twilio: Simulator, app: Receiver) -> None:
    for number in range(100):
        twilio.text(f"+1555765{number:04}", OURS, f"text {number}", wait=False)
    twilio.wait_idle()
    assert {r.form["Body"] for r in app.requests} == {f"text {number}" for number in range(100)}
