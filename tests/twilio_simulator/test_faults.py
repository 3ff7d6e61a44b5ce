"""What can be made to go wrong at the API and with an account, and that it goes wrong exactly so."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from demo.twilio_simulator import Simulator, seed
from demo.twilio_simulator.fault_kinds import KINDS, FaultError
from tests.twilio_simulator.rebased_client import rebased_client
from tests.twilio_simulator.sending import OTHER_PHONE, OURS, PHONE, send


def refusal(client: Client, **changes: Any) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        send(client, **changes)
    return caught.value.status, caught.value.code


def test_429_comes_as_often_as_asked_and_creates_nothing(twilio: Simulator, client: Client) -> None:
    fault = twilio.add_fault("429", count=3)
    assert [refusal(client) for _ in range(3)] == [(429, 20429)] * 3
    assert twilio.messages() == []
    assert send(client).status == "queued"
    assert (len(fault.hits), fault.active) == (3, False)


def test_429_strikes_creating_only_unless_told_otherwise(twilio: Simulator, client: Client) -> None:
    twilio.add_fault("429")
    assert client.balance.fetch().currency == "USD"
    assert refusal(client) == (429, 20429)
    twilio.add_fault("429", scope="all")
    with pytest.raises(TwilioRestException) as caught:
        client.balance.fetch()
    assert caught.value.status == 429


@pytest.mark.parametrize(
    ("code", "status"), [("21610", 400), ("21408", 400), ("63038", 429), ("21611", 400), ("20500", 500)]
)
def test_any_error_code_can_refuse_a_message(
    code: str, status: int, twilio: Simulator, client: Client
) -> None:
    twilio.add_fault(code)
    assert refusal(client) == (status, int(code))
    assert twilio.messages() == []


@pytest.mark.parametrize(
    ("code", "status"), [("30007", "undelivered"), ("30003", "undelivered"), ("30034", "failed")]
)
def test_any_delivery_code_can_end_a_message(
    code: str, status: str, twilio: Simulator, client: Client
) -> None:
    twilio.add_fault(code)
    sid = send(client).sid
    twilio.wait_idle()
    assert (twilio.store.messages[sid].status, twilio.store.messages[sid].error_code) == (status, int(code))


def test_a_fault_for_one_number_leaves_the_others_alone(twilio: Simulator, client: Client) -> None:
    twilio.add_fault("21610", number=PHONE, count=None)
    assert send(client, to=OTHER_PHONE).status == "queued"
    assert refusal(client) == refusal(client) == (400, 21610)


def test_a_fault_for_one_account_leaves_the_others_alone(twilio: Simulator, client: Client) -> None:
    twilio.add_fault("outage", account_sid=seed.OTHER_ACCOUNT_SID, count=None)
    other = rebased_client(twilio.url, seed.OTHER_ACCOUNT_SID, seed.OTHER_AUTH_TOKEN)
    assert client.balance.fetch().currency == "USD"
    with pytest.raises(TwilioRestException) as caught:
        other.balance.fetch()
    assert (caught.value.status, caught.value.code) == (503, 20503)


def test_500_before_accepting_creates_nothing(twilio: Simulator, client: Client) -> None:
    twilio.add_fault("error_before_accepting")
    assert refusal(client) == (500, 20500)
    assert twilio.messages() == []


def test_500_after_accepting_delivers_the_message(twilio: Simulator, client: Client) -> None:
    twilio.add_fault("error_after_accepting")
    assert refusal(client) == (500, 20500)
    assert_delivered_once(twilio)


def test_a_time_out_after_accepting_delivers_the_message(twilio: Simulator) -> None:
    twilio.add_fault("hang_after_accepting")
    hasty = rebased_client(twilio.url, seed.ACCOUNT_SID, seed.AUTH_TOKEN, timeout=0.3)
    with pytest.raises(requests.exceptions.ReadTimeout):
        send(hasty)
    assert_delivered_once(twilio)


def test_a_hang_ends_with_a_reset(twilio: Simulator, client: Client) -> None:
    twilio.add_fault("hang_after_accepting", seconds=0.2)
    with pytest.raises(requests.exceptions.ConnectionError):
        send(client)
    assert_delivered_once(twilio)


def test_a_reset_after_accepting_delivers_the_message(twilio: Simulator, client: Client) -> None:
    twilio.add_fault("reset_after_accepting")
    with pytest.raises(requests.exceptions.ConnectionError):
        send(client)
    assert_delivered_once(twilio)
    assert twilio.store.requests[-1].status is None


def test_200_without_a_sid_delivers_the_message(twilio: Simulator, client: Client) -> None:
    twilio.add_fault("no_sid")
    response = requests.post(
        f"{twilio.url}/2010-04-01/Accounts/{seed.ACCOUNT_SID}/Messages.json",
        data={"To": PHONE, "From": OURS, "Body": "x"},
        auth=(seed.ACCOUNT_SID, seed.AUTH_TOKEN),
        timeout=5,
    )
    assert (response.status_code, response.json()) == (200, {})
    assert_delivered_once(twilio)


def assert_delivered_once(twilio: Simulator) -> None:
    twilio.wait_idle()
    assert [m.status for m in twilio.messages(created_by="api")] == ["delivered"]


def test_an_outage_answers_503_or_cuts_the_connection(twilio: Simulator, client: Client) -> None:
    twilio.add_fault("outage", count=None)
    assert refusal(client) == (503, 20503)
    twilio.clear_faults()
    twilio.add_fault("outage", mode="reset")
    with pytest.raises(requests.exceptions.ConnectionError):
        send(client)
    assert twilio.messages() == []
    assert send(client).status == "queued"


def test_a_stopped_simulator_refuses_connections_and_goes_on_where_it_was(
    twilio: Simulator, client: Client
) -> None:
    sid, url = send(client).sid, twilio.url
    twilio.stop()
    with pytest.raises(requests.exceptions.ConnectionError, match="refused"):
        requests.get(url, timeout=1)
    twilio.start()
    assert twilio.url == url
    twilio.wait_idle()
    assert client.messages(sid).fetch().status == "delivered"


def test_a_slow_api_takes_its_time(twilio: Simulator, client: Client) -> None:
    twilio.add_fault("slow_api", seconds=0.3)
    started = time.monotonic()
    client.balance.fetch()
    assert time.monotonic() - started >= 0.3


def test_many_can_hang_while_others_are_served(twilio: Simulator, client: Client) -> None:
    from concurrent.futures import ThreadPoolExecutor

    twilio.add_fault("hang_after_accepting", count=30, seconds=1.5)

    def send_and_hang(_: int) -> None:
        with pytest.raises(requests.exceptions.RequestException):
            send(rebased_client(twilio.url, seed.ACCOUNT_SID, seed.AUTH_TOKEN))

    with ThreadPoolExecutor(30) as pool:
        hanging = [pool.submit(send_and_hang, number) for number in range(30)]
        twilio.wait_for(lambda: len(twilio.messages()) == 30)
        assert client.balance.fetch().currency == "USD"
        for future in hanging:
            future.result()


def test_what_was_spent_while_the_balance_was_low_stays_spent(twilio: Simulator) -> None:
    account = twilio.store.accounts[seed.ACCOUNT_SID]
    twilio.add_fault("low_balance")
    account.balance = "0.2017"
    twilio.clear_faults()
    assert account.balance == "42.4917"


def test_a_released_number_is_no_longer_the_accounts(twilio: Simulator, client: Client) -> None:
    twilio.add_fault("number_released", number=OURS)
    assert refusal(client) == (400, 21659)
    assert [n.phone_number for n in client.incoming_phone_numbers.list()] == [seed.SALES_NUMBER]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "no_such_fault"},
        {"kind": "outage", "colour": "red"},
        {"kind": "outage", "count": 0},
        {"kind": "late_callbacks", "seconds": None},
        {"kind": "outage", "mode": 503},
        {"kind": "webhook_changed", "number": "+15550009999"},
        {"kind": "suspended_account", "account_sid": "AC" + "0" * 32},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(wrong: dict[str, Any], twilio: Simulator) -> None:
    with pytest.raises(FaultError, match=r"there is no|has no parameter|count|owns|must be"):
        twilio.add_fault(**wrong)
    assert twilio.faults.all == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_set_and_ended(kind: str, twilio: Simulator) -> None:
    before = repr(
        (twilio.store.accounts, [(n.sid, n.sms_url, n.sms_method) for n in twilio.store.numbers.values()])
    )
    twilio.add_fault(kind)
    twilio.clear_faults()
    after = repr(
        (twilio.store.accounts, [(n.sid, n.sms_url, n.sms_method) for n in twilio.store.numbers.values()])
    )
    assert before == after


def test_two_faults_of_one_account_end_in_the_state_before_both(twilio: Simulator) -> None:
    twilio.add_fault("geo_permission", prefix="+7")
    twilio.add_fault("geo_permission", prefix="+49")
    twilio.add_fault("low_balance")
    account = twilio.store.accounts[seed.ACCOUNT_SID]
    assert (account.blocked_prefixes, account.balance) == (["+7", "+49"], "0.21")
    twilio.clear_faults()
    assert (account.blocked_prefixes, account.balance) == ([], "42.50")
