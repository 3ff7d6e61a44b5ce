"""Looking at the account answers with values that hold no secret."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from illumichat_sms_plugin.errors import InvalidInput, TwilioInDoubt, TwilioRefused
from illumichat_sms_plugin.twilio_gateway.lookup import account, balance, owned_numbers, set_sms_webhook
from illumichat_sms_plugin.twilio_gateway.values import AccountInfo, Balance, OwnedNumber

from .conftest import CREDENTIALS
from .scripted_server import ScriptedServer, answers

BASE = f"/2010-04-01/Accounts/{CREDENTIALS.account_sid}"
NUMBER = {
    "sid": "PN" + "b" * 32,
    "phone_number": "+15551230002",
    "friendly_name": "(555) 123-0002",
    "capabilities": {"sms": True, "mms": False, "voice": True},
    "sms_url": "https://h.example.com/in",
    "sms_method": "POST",
    "sms_fallback_url": "",
    "sms_application_sid": "",
}
OWNED = OwnedNumber(
    sid="PN" + "b" * 32,
    phone_number="+15551230002",
    friendly_name="(555) 123-0002",
    sms=True,
    mms=False,
    sms_url="https://h.example.com/in",
    sms_method="POST",
    sms_fallback_url=None,
    sms_application_sid=None,
)


class TestAccount:
    def test_it_comes_without_the_token_twilio_returns(self, server: ScriptedServer, client: Any):
        body = {
            "sid": CREDENTIALS.account_sid,
            "friendly_name": "Acme",
            "status": "active",
            "type": "Trial",
            "auth_token": "t0ps3cret",
        }
        server.plays(answers(200, body))
        found = account(client)
        assert found == AccountInfo(CREDENTIALS.account_sid, "Acme", "active", "Trial")
        assert "t0ps3cret" not in repr([getattr(found, name) for name in found.__slots__])
        assert server.received[0].path == f"{BASE}.json"

    @pytest.mark.parametrize(("status", "code"), [(401, 20003), (403, 20008), (403, 20005), (404, 20404)])
    def test_a_refusal_says_what_to_mend(self, server: ScriptedServer, client: Any, status: int, code: int):
        server.plays(answers(status, {"code": code, "message": f"/Accounts/{CREDENTIALS.account_sid}"}))
        with pytest.raises(TwilioRefused) as refused:
            account(client)
        assert refused.value.error_code == code
        assert f"(Twilio error {code})" in str(refused.value)
        assert CREDENTIALS.account_sid not in str(refused.value)


class TestBalance:
    def test_an_amount_and_its_currency(self, server: ScriptedServer, client: Any):
        server.plays(answers(200, {"balance": "-3.41", "currency": "EUR"}))
        assert balance(client) == Balance(Decimal("-3.41"), "EUR")
        assert server.received[0].path == f"{BASE}/Balance.json"

    @pytest.mark.parametrize(
        "body", [{}, {"balance": None, "currency": "USD"}, {"balance": "1", "currency": ""}]
    )
    def test_a_subaccount_has_none(self, server: ScriptedServer, client: Any, body: Any):
        server.plays(answers(200, body))
        assert balance(client) is None

    def test_a_404_is_none_and_other_refusals_are_not(self, server: ScriptedServer, client: Any):
        server.plays(answers(404, {"code": 20404}), answers(403, {"code": 20403}))
        assert balance(client) is None
        with pytest.raises(TwilioRefused):
            balance(client)


class TestNumbers:
    def test_a_number_and_what_it_can_do(self, server: ScriptedServer, client: Any):
        server.plays(answers(200, {"incoming_phone_numbers": [NUMBER]}))
        assert owned_numbers(client, "+15551230002") == [OWNED]
        assert server.received[0].query == {"PhoneNumber": "+15551230002", "PageSize": "200"}

    def test_a_number_of_somebody_else_is_not_there(self, server: ScriptedServer, client: Any):
        server.plays(answers(200, {"incoming_phone_numbers": []}))
        assert owned_numbers(client, "+15559999999") == []

    def test_all_numbers_within_the_limit(self, server: ScriptedServer, client: Any):
        server.plays(answers(200, {"incoming_phone_numbers": [NUMBER] * 3}))
        assert len(owned_numbers(client, limit=2)) == 2
        assert server.received[0].query == {"PageSize": "2"}

    def test_a_number_without_capabilities_can_do_nothing(self, server: ScriptedServer, client: Any):
        server.plays(answers(200, {"incoming_phone_numbers": [{**NUMBER, "capabilities": None}]}))
        (number,) = owned_numbers(client)
        assert (number.sms, number.mms) == (False, False)

    def test_setting_the_webhook_changes_nothing_else(self, server: ScriptedServer, client: Any):
        server.plays(answers(200, NUMBER))
        assert set_sms_webhook(client, OWNED.sid, sms_url="https://h.example.com/in#rc=3") == OWNED
        (request,) = server.received
        assert (request.method, request.path) == ("POST", f"{BASE}/IncomingPhoneNumbers/{OWNED.sid}.json")
        assert request.form == {"SmsUrl": "https://h.example.com/in#rc=3", "SmsMethod": "POST"}

    def test_what_is_no_sid_does_not_get_into_a_path(self, server: ScriptedServer, client: Any):
        with pytest.raises(InvalidInput):
            set_sms_webhook(client, "../../Messages", sms_url="https://h.example.com")
        assert server.received == []


@pytest.mark.parametrize("look", [account, balance, owned_numbers])
def test_an_answer_that_makes_no_sense(server: ScriptedServer, client: Any, look: Any):
    server.plays(answers(200, b"<html>"))
    with pytest.raises(TwilioInDoubt):
        look(client)
