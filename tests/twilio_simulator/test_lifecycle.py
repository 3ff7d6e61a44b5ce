"""From queued to delivered, with callbacks on the way and the price at the end."""

from __future__ import annotations

import re
import threading
from typing import Any

from twilio.rest import Client

from demo.twilio_simulator import Simulator, seed
from tests.twilio_simulator.receiver import Answer, Receiver

OURS, PHONE = seed.SUPPORT_NUMBER, seed.PHONES[0]


def send(client: Client, receiver: Receiver, **changes: Any) -> str:
    values = {
        "to": PHONE,
        "from_": OURS,
        "body": "Hello",
        "status_callback": f"{receiver.url}/status?m=42#rc=2&rp=5xx",
        **changes,
    }
    sid: str = client.messages.create(**values).sid
    return sid


def told(receiver: Receiver) -> list[str]:
    return [request.form["MessageStatus"] for request in receiver.requests]


def test_a_message_is_delivered_and_every_step_is_told(
    twilio: Simulator, client: Client, receiver: Receiver
) -> None:
    sid = send(client, receiver)
    twilio.wait_idle()
    assert told(receiver) == ["sending", "sent", "delivered"]
    assert [status for _, status in twilio.store.messages[sid].history] == [
        "queued",
        "sending",
        "sent",
        "delivered",
    ]
    last = receiver.requests[-1]
    assert last.path == "/status?m=42"
    assert last.signed_by(seed.AUTH_TOKEN, receiver.url)
    assert (last.form["MessageSid"], last.form["SmsStatus"]) == (sid, "delivered")
    assert (last.form["From"], last.form["To"], last.form["AccountSid"]) == (OURS, PHONE, seed.ACCOUNT_SID)
    assert re.fullmatch(r"\d{10}", last.form["RawDlrDoneDate"])
    assert not {"ErrorCode", "Body", "Price"} & set(last.form)


def test_the_first_status_is_never_told(twilio: Simulator, client: Client, receiver: Receiver) -> None:
    send(client, receiver)
    twilio.wait_idle()
    assert "queued" not in told(receiver)


def test_the_price_comes_after_the_end_and_is_taken_from_the_balance(
    twilio: Simulator, client: Client, receiver: Receiver
) -> None:
    sid = send(client, receiver, body="x" * 200)
    twilio.wait_for(lambda: twilio.store.messages[sid].price)
    message = client.messages(sid).fetch()
    assert (message.price, message.price_unit, message.num_segments) == ("-0.01580", "USD", "2")
    assert client.balance.fetch().balance == "42.4842"


def test_undelivered_messages_say_why(twilio: Simulator, client: Client, receiver: Receiver) -> None:
    twilio.add_fault("30007", number=PHONE)
    sid = send(client, receiver)
    twilio.wait_idle()
    assert told(receiver) == ["sending", "sent", "undelivered"]
    assert receiver.requests[-1].form["ErrorCode"] == "30007"
    message = client.messages(sid).fetch()
    assert (message.status, message.error_code, message.error_message) == (
        "undelivered",
        30007,
        "Message filtered",
    )


def test_failed_messages_were_never_sent_and_cost_nothing(
    twilio: Simulator, client: Client, receiver: Receiver
) -> None:
    twilio.add_fault("30034")
    sid = send(client, receiver)
    twilio.wait_idle()
    assert told(receiver) == ["sending", "failed"]
    message = client.messages(sid).fetch()
    assert (message.status, message.date_sent, message.price) == ("failed", None, None)


def test_a_suspension_in_between_fails_what_is_queued(
    twilio: Simulator, client: Client, receiver: Receiver
) -> None:
    with twilio.store.lock:
        sid = send_locked(twilio, receiver)
        twilio.add_fault("suspended_account")
    twilio.wait_idle()
    message = twilio.store.messages[sid]
    assert (message.status, message.error_code) == ("failed", 30002)


def send_locked(twilio: Simulator, receiver: Receiver) -> str:
    """Create a message without HTTP, because the test holds the lock that a request would need."""
    from demo.twilio_simulator.outbound import read_message

    account = twilio.store.accounts[seed.ACCOUNT_SID]
    message = read_message(twilio.store, account, {"To": PHONE, "From": OURS, "Body": "x"}, [])
    twilio.lifecycle.begin(message)
    return message.sid


def test_a_callback_that_fails_follows_the_urls_rules(
    twilio: Simulator, client: Client, receiver: Receiver
) -> None:
    receiver.answer(Answer(status=500), Answer(status=500), Answer())
    send(client, receiver)
    twilio.wait_idle()
    assert told(receiver) == ["sending", "sending", "sending", "sent", "delivered"]
    assert [len(hook.attempts) for hook in twilio.webhooks(kind="status")] == [3, 1, 1]


def test_without_a_callback_url_nobody_is_told(twilio: Simulator, client: Client, receiver: Receiver) -> None:
    send(client, receiver, status_callback="")
    twilio.wait_idle()
    assert receiver.requests == []


def test_a_price_that_comes_after_a_reset_changes_nothing(
    twilio: Simulator, client: Client, receiver: Receiver
) -> None:
    message = twilio.store.messages[send(client, receiver)]
    twilio.wait_idle()
    twilio.reset()
    version = twilio.store.version
    twilio.lifecycle.fill_in_price(message)
    afterwards = threading.Event()
    twilio.scheduler.later(0.1, afterwards.set, background=True)
    assert afterwards.wait(10)
    assert twilio.store.version == version
