"""Signatures, with twilio-python's RequestValidator as the oracle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.twilio_simulator import Simulator, seed
from demo.twilio_simulator.signatures import sign
from tests.support.twilio_validator import twilio_accepts
from tests.twilio_simulator.receiver import Receiver

URL = "https://app.example.test/api/sms/webhook/ast_1?a=b%20c"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@given(
    pairs=st.lists(
        st.tuples(st.text(min_size=1), st.text()).filter(
            lambda pair: not any("\ud800" <= c <= "\udfff" for c in "".join(pair))
        ),
        max_size=8,
    )
)
def test_any_form_is_signed_as_twilio_checks_it(pairs: list[tuple[str, str]], algorithm: str) -> None:
    signature = sign(URL, pairs, "key", algorithm)
    assert twilio_accepts("key", URL, pairs, signature, f"key=k,algorithm=HMAC_{algorithm.upper()}")


def test_repeated_parameters_count_once_per_value() -> None:
    assert sign(URL, [("a", "2"), ("a", "1"), ("a", "2")], "k") == sign(URL, [("a", "1"), ("a", "2")], "k")


def test_the_fragment_is_not_signed() -> None:
    assert sign(f"{URL}#rc=3&rp=5xx", [], "k") == sign(URL, [], "k")


def test_inbound_webhooks_are_signed_by_the_auth_token(twilio: Simulator, app: Receiver) -> None:
    twilio.set_webhook(seed.SUPPORT_NUMBER, f"{app.url}/in?tenant=1#rc=1")
    twilio.text(seed.PHONES[0], seed.SUPPORT_NUMBER, "Grüße & mehr = 100 %")
    [request] = app.requests
    assert request.path == "/in?tenant=1"
    assert request.signed_by(seed.AUTH_TOKEN, app.url)
    assert not request.signed_by(seed.SECONDARY_AUTH_TOKEN, app.url)
    assert request.form["Body"] == "Grüße & mehr = 100 %"


def test_a_shared_key_replaces_the_auth_token(twilio: Simulator, app: Receiver) -> None:
    account = twilio.store.accounts[seed.ACCOUNT_SID]
    account.shared_key_id, account.shared_key_secret = "webhooks_sharedkey_1", "shared secret"
    twilio.text(seed.PHONES[0], seed.SUPPORT_NUMBER, "Hello")
    [request] = app.requests
    settings = request.headers["X-Twilio-Webhooks-Signature-Settings"]
    assert settings == "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
    assert request.signed_by("shared secret", app.url)
    assert not request.signed_by(seed.AUTH_TOKEN, app.url)


@pytest.mark.parametrize("scope", ["all", "inbound"])
def test_a_wrong_signature_can_be_asked_for(scope: str, twilio: Simulator, app: Receiver) -> None:
    twilio.add_fault("wrong_signature", scope=scope)
    twilio.text(seed.PHONES[0], seed.SUPPORT_NUMBER, "one")
    twilio.text(seed.PHONES[0], seed.SUPPORT_NUMBER, "two")
    assert [r.signed_by(seed.AUTH_TOKEN, app.url) for r in app.requests] == [False, True]


def test_after_a_rotation_the_new_token_signs(twilio: Simulator, app: Receiver) -> None:
    twilio.add_fault("rotated_token")
    twilio.text(seed.PHONES[0], seed.SUPPORT_NUMBER, "Hello")
    assert app.requests[0].signed_by(seed.SECONDARY_AUTH_TOKEN, app.url)


def test_a_get_webhook_signs_its_whole_url(twilio: Simulator, app: Receiver) -> None:
    twilio.set_webhook(seed.SUPPORT_NUMBER, f"{app.url}/in?a=1", method="GET")
    twilio.text(seed.PHONES[0], seed.SUPPORT_NUMBER, "Hello")
    [request] = app.requests
    assert request.method == "GET"
    assert "Body=Hello" in request.path
    assert request.signed_by(seed.AUTH_TOKEN, app.url)
