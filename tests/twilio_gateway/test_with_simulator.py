"""The gateway against the simulator: what Twilio really has afterwards is what the outcome said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from demo.twilio_simulator import Simulator, seed
from demo.twilio_simulator.records import MessagingService as SimulatedService
from illumichat_sms_plugin.errors import TwilioInDoubt, TwilioRefused, TwilioThrottled
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClients
from illumichat_sms_plugin.twilio_gateway.listing import delete_text, fetch_text, list_texts
from illumichat_sms_plugin.twilio_gateway.lookup import (
    account,
    balance,
    owned_numbers,
    set_sms_webhook,
)
from illumichat_sms_plugin.twilio_gateway.messaging_services import MessagingService, service_of_number
from illumichat_sms_plugin.twilio_gateway.sending import send_text
from illumichat_sms_plugin.twilio_gateway.values import Credentials, SentText

OURS, PHONE = seed.SUPPORT_NUMBER, seed.PHONES[0]


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def twilio(running: Simulator) -> Simulator:
    running.reset()
    return running


@pytest.fixture
def connect(twilio: Simulator) -> Iterator[Callable[..., Any]]:
    """Connect with credentials, those of the first account if not said otherwise."""
    made: list[TwilioClients] = []

    def make(
        account_sid: str = seed.ACCOUNT_SID, auth_token: str = seed.AUTH_TOKEN, read_timeout: float = 10
    ) -> Any:
        clients = TwilioClients(twilio.url, 5, read_timeout)
        made.append(clients)
        return clients.get(Credentials(account_sid, Secret(auth_token)))

    yield make
    for clients in made:
        clients.close()


def send(client: Any, to: str = PHONE, body: str = "We are open from 9 to 17.") -> SentText:
    return send_text(client, from_number=OURS, to_number=to, body=body, status_callback=None)


def test_a_text_is_sent_delivered_priced_and_found_again(twilio: Simulator, connect: Callable[..., Any]):
    client = connect()
    sent = send(client, body="naïve café – 9 €")
    (message,) = twilio.messages(to=PHONE)
    assert (message.sid, message.body) == (sent.sid, "naïve café – 9 €")
    twilio.wait_idle()
    found = fetch_text(client, sent.sid)
    assert found is not None
    assert (found.status, found.body, found.direction) == ("delivered", message.body, "outbound-api")
    assert (found.from_number, found.to_number, found.error_code) == (OURS, PHONE, None)
    assert found.date_created is not None
    assert found.date_sent is not None
    assert found.date_created <= found.date_sent
    assert [text.sid for text in list_texts(client, to_number=PHONE, from_number=OURS)] == [sent.sid]
    assert list(list_texts(client, to_number=seed.PHONES[1])) == []
    assert found.price is None or found.price > Decimal(0)


def test_texts_are_listed_newest_first_over_pages(twilio: Simulator, connect: Callable[..., Any]):
    client = connect()
    sids = [send(client, body=f"text {number}").sid for number in range(5)]
    assert [text.sid for text in list_texts(client)] == sids[::-1]
    assert [text.sid for text in list_texts(client, limit=3)] == sids[:1:-1]


def test_a_text_that_came_in_is_listed(twilio: Simulator, connect: Callable[..., Any]):
    twilio.text(PHONE, OURS, "Are you open?")
    (text,) = [text for text in list_texts(connect(), to_number=OURS) if text.direction == "inbound"]
    assert (text.from_number, text.body, text.status) == (PHONE, "Are you open?", "received")


def test_deleting(twilio: Simulator, connect: Callable[..., Any]):
    client = connect()
    sid = send(client).sid
    twilio.wait_idle()
    assert delete_text(client, sid)
    assert fetch_text(client, sid) is None
    assert not delete_text(client, sid)


@pytest.mark.parametrize(
    ("fault", "outcome", "texts"),
    [
        ({"kind": "too_many_requests"}, TwilioThrottled, 0),
        ({"kind": "api_error", "code": 21610}, TwilioRefused, 0),
        ({"kind": "api_error", "code": 63038}, TwilioRefused, 0),
        ({"kind": "error_before_accepting"}, TwilioInDoubt, 0),
        ({"kind": "error_after_accepting"}, TwilioInDoubt, 1),
        ({"kind": "hang_after_accepting", "seconds": 3}, TwilioInDoubt, 1),
        ({"kind": "reset_after_accepting"}, TwilioInDoubt, 1),
        ({"kind": "no_sid"}, TwilioInDoubt, 1),
        ({"kind": "outage"}, TwilioInDoubt, 0),
        ({"kind": "outage", "mode": "reset"}, TwilioInDoubt, 0),
    ],
)
def test_a_fault_sends_no_text_twice_and_refused_means_none(
    twilio: Simulator,
    connect: Callable[..., Any],
    fault: dict[str, Any],
    outcome: type[Exception],
    texts: int,
):
    client = connect(read_timeout=1 if "seconds" in fault else 10)
    twilio.add_fault(**fault)
    with pytest.raises(outcome) as failed:
        send(client)
    assert type(failed.value) is outcome
    assert len(twilio.messages(to=PHONE)) == texts
    twilio.clear_faults()
    send(connect(), body="the next")
    assert len(twilio.messages(to=PHONE)) == texts + 1


def test_a_stopped_twilio_refuses_and_a_started_one_accepts(twilio: Simulator, connect: Callable[..., Any]):
    """The connection that rested over the restart is not mistaken for a good one."""
    client = connect()
    send(client)
    twilio.stop()
    with pytest.raises(TwilioRefused, match="could not be reached"):
        send(client)
    twilio.start()
    send(client)
    assert len(twilio.messages(to=PHONE)) == 2


@pytest.mark.parametrize(
    ("account_sid", "auth_token", "code"),
    [
        (seed.ACCOUNT_SID, seed.OTHER_AUTH_TOKEN, 20003),
        ("AC" + "0" * 32, seed.AUTH_TOKEN, 20003),
        (seed.TEST_ACCOUNT_SID, seed.TEST_AUTH_TOKEN, 20008),
    ],
)
def test_wrong_credentials_are_told_apart(
    connect: Callable[..., Any], account_sid: str, auth_token: str, code: int
):
    with pytest.raises(TwilioRefused) as refused:
        account(connect(account_sid, auth_token))
    assert refused.value.error_code == code


def test_the_account_and_its_balance(connect: Callable[..., Any]):
    client = connect()
    found = account(client)
    assert (found.sid, found.friendly_name, found.status) == (seed.ACCOUNT_SID, seed.ACCOUNT_NAME, "active")
    left = balance(client)
    assert left is not None
    assert (left.amount, left.currency) == (Decimal("42.50"), "USD")


def test_the_numbers_and_their_webhook(twilio: Simulator, connect: Callable[..., Any]):
    client = connect()
    assert {number.phone_number for number in owned_numbers(client)} == {OURS, seed.SALES_NUMBER}
    assert owned_numbers(client, seed.OTHER_NUMBER) == []
    (number,) = owned_numbers(client, OURS)
    assert number.sms
    url = "https://h.example.com/api/sms/webhook/a1#rc=3&rp=5xx,ct,rt"
    changed = set_sms_webhook(client, number.sid, sms_url=url)
    assert (changed.sms_url, changed.sms_method) == (url, "POST")
    assert twilio.number(OURS).sms_url == url


def test_the_messaging_service_of_a_number(twilio: Simulator, connect: Callable[..., Any]):
    """It is found among others, and it tells where the texts really go."""
    client = connect()
    (number,) = owned_numbers(client, OURS)
    assert service_of_number(client, number.sid) is None
    url = "https://elsewhere.example.com/in"
    for sid, members in (
        ("MG" + "1" * 32, [seed.SALES_NUMBER]),
        ("MG" + "2" * 32, [seed.SALES_NUMBER, OURS]),
    ):
        twilio.store.save(
            SimulatedService(
                sid,
                seed.ACCOUNT_SID,
                "Acme pool",
                phone_numbers=members,
                inbound_request_url=url,
                use_inbound_webhook_on_number=False,
            )
        )
    expected = MessagingService(
        "MG" + "2" * 32, "Acme pool", uses_number_url=False, inbound_url=url, inbound_method="POST"
    )
    assert service_of_number(client, number.sid) == expected
