"""Who may call the REST API, and what accounts in trouble get to see."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from demo.twilio_simulator import Simulator, seed
from demo.twilio_simulator.api_keys import MESSAGES
from demo.twilio_simulator.records import ApiKey
from tests.twilio_simulator.rebased_client import rebased_client


def refusal(call: Any) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        call()
    return caught.value.status, caught.value.code


def create(client: Client, **changes: Any) -> Any:
    return client.messages.create(
        **{"to": seed.PHONES[0], "from_": seed.SUPPORT_NUMBER, "body": "Hello", **changes}
    )


@pytest.mark.parametrize(
    ("sid", "token"),
    [
        (seed.ACCOUNT_SID, "wrong"),
        (seed.ACCOUNT_SID, seed.OTHER_AUTH_TOKEN),
        (seed.ACCOUNT_SID, f" {seed.AUTH_TOKEN}"),
        ("AC" + "0" * 32, seed.AUTH_TOKEN),
    ],
)
def test_sid_and_token_must_go_together(sid: str, token: str, twilio: Simulator) -> None:
    client = rebased_client(twilio.url, sid, token)
    assert refusal(client.api.accounts(sid).fetch) == (401, 20003)


def test_without_credentials_nothing_is_told(twilio: Simulator) -> None:
    response = requests.get(f"{twilio.url}/2010-04-01/Accounts/{seed.ACCOUNT_SID}.json", timeout=5)
    assert (response.status_code, response.json()["code"]) == (401, 20003)
    assert "Basic" in response.headers["WWW-Authenticate"]


def test_the_secondary_token_opens_the_rest_api(twilio: Simulator) -> None:
    client = rebased_client(twilio.url, seed.ACCOUNT_SID, seed.SECONDARY_AUTH_TOKEN)
    assert client.balance.fetch().balance == "42.50"


def test_another_account_cannot_be_looked_at(client: Client) -> None:
    assert refusal(client.api.accounts(seed.OTHER_ACCOUNT_SID).fetch) == (401, 20003)


def test_an_account_tells_its_state_and_even_its_token(client: Client) -> None:
    account = client.api.accounts(seed.ACCOUNT_SID).fetch()
    assert (account.status, account.type, account.friendly_name) == ("active", "Full", seed.ACCOUNT_NAME)
    assert account.auth_token == seed.AUTH_TOKEN


@pytest.mark.parametrize(("code", "status"), [(20005, 403), (20403, 403), (20003, 401)])
def test_a_suspended_account_can_be_looked_at_and_nothing_else(
    code: int, status: int, twilio: Simulator, client: Client
) -> None:
    twilio.add_fault("suspended_account", code=code)
    assert client.api.accounts(seed.ACCOUNT_SID).fetch().status == "suspended"
    assert refusal(lambda: create(client)) == (status, code)
    assert refusal(client.balance.fetch) == (status, code)
    twilio.clear_faults()
    assert create(client).status == "queued"


def test_a_closed_account_lets_nobody_in(twilio: Simulator, client: Client) -> None:
    twilio.add_fault("closed_account")
    assert refusal(client.api.accounts(seed.ACCOUNT_SID).fetch) == (401, 20003)


def test_test_credentials_create_messages_and_nothing_else(twilio: Simulator) -> None:
    client = rebased_client(twilio.url, seed.TEST_ACCOUNT_SID, seed.TEST_AUTH_TOKEN)
    assert refusal(client.api.accounts(seed.TEST_ACCOUNT_SID).fetch) == (403, 20008)
    assert refusal(client.balance.fetch) == (403, 20008)
    assert create(client, from_="+15005550006").status == "queued"
    twilio.wait_idle()
    assert twilio.messages() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"from_": "+15005550001"}, 21212),
        ({"from_": "+15005550007"}, 21606),
        ({"from_": "+15005550008"}, 21611),
        ({"from_": seed.SUPPORT_NUMBER}, 21606),
        ({"to": "+15005550001"}, 21211),
        ({"to": "+15005550002"}, 21612),
        ({"to": "+15005550003"}, 21408),
        ({"to": "+15005550004"}, 21610),
        ({"to": "+15005550009"}, 21614),
    ],
)
def test_magic_numbers_bring_about_their_errors(
    changes: dict[str, str], code: int, twilio: Simulator
) -> None:
    client = rebased_client(twilio.url, seed.TEST_ACCOUNT_SID, seed.TEST_AUTH_TOKEN)
    assert refusal(lambda: create(client, **{"from_": "+15005550006", **changes})) == (400, code)


def test_an_unknown_path_is_not_found_in_twilios_words(client: Client) -> None:
    assert refusal(client.calls("CA" + "0" * 32).fetch) == (404, 20404)


def test_a_wrong_method_is_said_to_be_one(twilio: Simulator) -> None:
    url = f"{twilio.url}/2010-04-01/Accounts/{seed.ACCOUNT_SID}/Balance.json"
    response = requests.post(url, auth=(seed.ACCOUNT_SID, seed.AUTH_TOKEN), timeout=5)
    assert (response.status_code, response.json()["code"]) == (405, 20004)


def test_a_rotated_token_closes_the_old_one_out(twilio: Simulator, client: Client) -> None:
    twilio.add_fault("rotated_token")
    assert refusal(client.balance.fetch) == (401, 20003)
    promoted = rebased_client(twilio.url, seed.ACCOUNT_SID, seed.SECONDARY_AUTH_TOKEN)
    assert promoted.balance.fetch().currency == "USD"
    twilio.clear_faults()
    assert client.balance.fetch().currency == "USD"


def with_key(twilio: Simulator, sid: str, secret: str) -> Client:
    return rebased_client(twilio.url, sid, secret, account_sid=seed.ACCOUNT_SID)


def test_a_standard_key_may_do_everything_but_look_at_the_account(twilio: Simulator) -> None:
    key = with_key(twilio, seed.STANDARD_KEY_SID, seed.STANDARD_KEY_SECRET)
    assert create(key).status == "queued"
    assert key.balance.fetch().balance == "42.50"
    assert key.incoming_phone_numbers.list()
    assert refusal(key.api.accounts(seed.ACCOUNT_SID).fetch) == (401, 20003)


def test_a_restricted_key_may_do_what_its_permissions_name(twilio: Simulator) -> None:
    key = with_key(twilio, seed.RESTRICTED_KEY_SID, seed.RESTRICTED_KEY_SECRET)
    sid = create(key).sid
    assert key.messages(sid).fetch().body == "Hello"
    assert key.messages.list()
    [number] = key.incoming_phone_numbers.list(phone_number=seed.SALES_NUMBER)
    assert number.update(sms_url="https://example.com/sms").sms_url == "https://example.com/sms"
    assert key.messaging.v1.services.list() == []
    assert key.messages(sid).delete()
    assert refusal(key.balance.fetch) == (401, 70051)
    assert refusal(key.api.accounts(seed.ACCOUNT_SID).fetch) == (401, 20003)


def test_reading_one_text_is_not_listing_them_all(twilio: Simulator, client: Client) -> None:
    sid = create(client).sid
    twilio.store.save(ApiKey("SK" + "1" * 32, seed.ACCOUNT_SID, "secret", "", [f"{MESSAGES}/read"]))
    reader = with_key(twilio, "SK" + "1" * 32, "secret")
    assert reader.messages(sid).fetch().sid == sid
    with pytest.raises(TwilioException, match="twilio/messaging/messages/list is missing"):
        reader.messages.list()
    twilio.store.save(ApiKey("SK" + "1" * 32, seed.ACCOUNT_SID, "secret", "", [f"{MESSAGES}/*"]))
    assert reader.messages.list()


@pytest.mark.parametrize(
    ("sid", "secret", "account_sid"),
    [
        (seed.STANDARD_KEY_SID, "wrong", seed.ACCOUNT_SID),
        ("SK" + "0" * 32, seed.STANDARD_KEY_SECRET, seed.ACCOUNT_SID),
        (seed.STANDARD_KEY_SID, seed.AUTH_TOKEN, seed.ACCOUNT_SID),
        (seed.ACCOUNT_SID, seed.STANDARD_KEY_SECRET, seed.ACCOUNT_SID),
        (seed.STANDARD_KEY_SID, seed.STANDARD_KEY_SECRET, seed.OTHER_ACCOUNT_SID),
    ],
)
def test_a_key_opens_its_own_account_with_its_own_secret(
    sid: str, secret: str, account_sid: str, twilio: Simulator
) -> None:
    client = rebased_client(twilio.url, sid, secret, account_sid=account_sid)
    assert refusal(client.balance.fetch) == (401, 20003)


def test_a_deleted_key_lets_nobody_in(twilio: Simulator) -> None:
    key = with_key(twilio, seed.STANDARD_KEY_SID, seed.STANDARD_KEY_SECRET)
    twilio.store.remove(twilio.store.api_keys[seed.STANDARD_KEY_SID])
    assert refusal(key.balance.fetch) == (401, 20003)
