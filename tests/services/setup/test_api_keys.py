"""A channel that is called with an API key: saved, tested, used, and refused where the key may not go."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from demo.twilio_simulator.api_keys import MESSAGES, NUMBERS
from demo.twilio_simulator.records import ApiKey
from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.channels import load_channel
from illumichat_sms_plugin.services.doctor.checks import CHECKS
from illumichat_sms_plugin.services.doctor.examination import Examination
from illumichat_sms_plugin.services.findings import Finding, Level
from illumichat_sms_plugin.services.setup.ownership import Asked
from illumichat_sms_plugin.services.setup.try_credentials import Report, try_credentials
from illumichat_sms_plugin.services.setup.webhook_setup import set_webhook
from tests.services.setup.saving import save, stored
from tests.support.channels import OWNER, outbound, run_jobs
from tests.support.twilio_requests import AUTH_TOKEN, NUMBER, inbound_form, post_signed, text_in

ACCOUNT = {"account_sid": seed.ACCOUNT_SID, "phone_number": NUMBER}
TOKEN = {"auth_token": AUTH_TOKEN}
RESTRICTED = {"api_key_sid": seed.RESTRICTED_KEY_SID, "api_key_secret": seed.RESTRICTED_KEY_SECRET}
STANDARD = {"api_key_sid": seed.STANDARD_KEY_SID, "api_key_secret": seed.STANDARD_KEY_SECRET}
SHARED = {"signing_key": "shared-key-of-the-account"}
OTHER_KEY = "SK" + "0" * 32


def fields(app: Flask, **changes: Any) -> dict[str, str]:
    """The sentences of a save that cannot be, by field."""
    with pytest.raises(InvalidInput) as caught:
        save(app, **changes)
    return caught.value.fields


def callers(twilio: Any) -> set[str]:
    """Who has logged in at Twilio."""
    return {request.username for request in twilio.store.requests}


@pytest.mark.parametrize("key", [RESTRICTED, STANDARD], ids=["restricted", "standard"])
def test_with_an_api_key_texts_are_answered_and_the_token_only_verifies(
    asking: Flask, twilio: Any, key: dict[str, str]
):
    assert save(asking, **ACCOUNT, **TOKEN, **key).verdict.asked is Asked.OWNED
    twilio.store.requests.clear()
    assert text_in(asking).status_code == 200
    run_jobs(asking)
    assert [row.send_state for row in outbound(asking)] == ["accepted"]
    assert callers(twilio) == {key["api_key_sid"]}


def test_with_a_signing_key_no_token_need_be_stored(asking: Flask):
    assert save(asking, **ACCOUNT, **RESTRICTED, **SHARED).verdict.asked is Asked.OWNED
    settings = stored(asking)
    assert settings.is_connected
    assert not settings.has_auth_token
    with asking.app_context():
        channel = load_channel(current_runtime(), "ast_support")
    assert channel is not None
    assert [key.name for key in channel.keys] == ["signing_key"]
    assert post_signed(asking, "/api/sms/webhook/ast_support", inbound_form()).status_code == 403


def test_the_webhook_is_set_with_the_key(asking: Flask, twilio: Any):
    save(asking, **ACCOUNT, **TOKEN, **RESTRICTED)
    with asking.app_context():
        _, after = set_webhook(current_runtime(), "ast_support", by=OWNER, replaces=None)
    assert after.target.is_right
    assert callers(twilio) == {seed.RESTRICTED_KEY_SID, seed.ACCOUNT_SID}, (
        "the token was asked about once, at saving"
    )


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        (ACCOUNT | RESTRICTED, {"auth_token"}),
        (ACCOUNT | SHARED, {"auth_token"}),
        (ACCOUNT | TOKEN | {"api_key_sid": OTHER_KEY}, {"api_key_secret"}),
        (ACCOUNT | TOKEN | {"api_key_secret": "secret"}, {"api_key_sid"}),
        (ACCOUNT | TOKEN | RESTRICTED | {"api_key_sid": "SK12"}, {"api_key_sid"}),
        (ACCOUNT | TOKEN | RESTRICTED | {"api_key_secret": "a b"}, {"api_key_secret"}),
        (RESTRICTED, {"account_sid", "phone_number", "auth_token"}),
    ],
)
def test_what_is_not_complete_is_said_by_field(asking: Flask, changes: dict[str, str], wrong: set[str]):
    assert set(fields(asking, **changes)) == wrong


def test_the_key_is_changed_kept_and_removed(asking: Flask):
    save(asking, **ACCOUNT, **TOKEN, **RESTRICTED)
    save(asking, api_key_sid=seed.RESTRICTED_KEY_SID, api_key_secret="", max_message_length=200)
    assert stored(asking).api_key_sid == seed.RESTRICTED_KEY_SID
    assert set(fields(asking, api_key_sid=seed.STANDARD_KEY_SID)) == {"api_key_secret"}, (
        "another key, another secret"
    )
    save(asking, **STANDARD)
    assert stored(asking).api_key_sid == seed.STANDARD_KEY_SID
    save(asking, api_key_sid="")
    assert stored(asking).api_key_sid is None
    with asking.app_context():
        channel = load_channel(current_runtime(), "ast_support")
    assert channel is not None
    assert channel.credentials is not None
    assert channel.credentials.username == seed.ACCOUNT_SID


def test_the_token_goes_only_where_nothing_needs_it(asking: Flask):
    save(asking, **ACCOUNT, **TOKEN, **RESTRICTED)
    assert set(fields(asking, remove_auth_token=True)) == {"auth_token"}
    save(asking, **SHARED)
    save(asking, remove_auth_token=True)
    assert not stored(asking).has_auth_token
    assert set(fields(asking, api_key_sid="")) == {"auth_token"}
    assert set(fields(asking, signing_key="")) == {"auth_token"}


def test_another_account_takes_the_old_ones_key_along(asking: Flask):
    save(asking, **ACCOUNT, **TOKEN, **RESTRICTED)
    save(
        asking,
        account_sid=seed.OTHER_ACCOUNT_SID,
        auth_token=seed.OTHER_AUTH_TOKEN,
        phone_number=seed.OTHER_NUMBER,
    )
    assert stored(asking).api_key_sid is None


def test_what_twilio_says_of_a_wrong_key_is_kept_as_something_to_attend_to(asking: Flask):
    wrong = RESTRICTED | {"api_key_secret": "wrong"}
    verdict = save(asking, **ACCOUNT, **TOKEN, **wrong).verdict
    assert (verdict.asked, verdict.error_code) == (Asked.REFUSED, 20003)
    assert stored(asking).attention_code == 20003
    assert save(asking, **RESTRICTED).verdict.asked is Asked.OWNED
    assert stored(asking).attention_code is None
    save(asking, api_key_sid=seed.RESTRICTED_KEY_SID, max_message_length=200)
    assert stored(asking).attention_code is None


def test_a_key_without_the_permission_is_named(asking: Flask, twilio: Any):
    twilio.store.api_keys[seed.RESTRICTED_KEY_SID].permissions.remove(f"{NUMBERS}/list")
    verdict = save(asking, **ACCOUNT, **TOKEN, **RESTRICTED).verdict
    assert (verdict.asked, verdict.error_code) == (Asked.REFUSED, 70051)


def test_a_key_that_may_not_send_is_something_to_attend_to(asking: Flask, twilio: Any):
    save(asking, **ACCOUNT, **TOKEN, **RESTRICTED)
    twilio.store.api_keys[seed.RESTRICTED_KEY_SID].permissions.remove(f"{MESSAGES}/create")
    text_in(asking)
    run_jobs(asking)
    assert stored(asking).attention_code == 70051


# Test Credentials


def attempt(app: Flask, **given: str) -> Report:
    values: dict[str, Any] = {
        "account_sid": seed.ACCOUNT_SID,
        "auth_token": "",
        "phone_number": NUMBER,
    } | given
    for name in ("auth_token", "api_key_secret"):
        values[name] = Secret(values.get(name, ""))
    with app.app_context():
        assistant = current_runtime().host.assistants.find("ast_support")
        assert assistant is not None
        return try_credentials(current_runtime(), assistant, by=OWNER, **values)


def said(report: Report) -> list[tuple[str, Level]]:
    return [(looked, finding.level) for looked, finding in report.findings if looked != "webhook"]


def test_a_restricted_key_alone_works_and_says_what_it_could_look_at(asking: Flask):
    report = attempt(asking, **RESTRICTED)
    assert said(report) == [("credentials", Level.OK), ("number", Level.OK)]
    assert report.works
    assert [number.phone_number for number in report.numbers]


def test_the_token_beside_a_key_is_asked_about_the_account(asking: Flask):
    report = attempt(asking, **RESTRICTED, auth_token=AUTH_TOKEN)
    assert [looked for looked, _ in said(report)] == ["credentials", "account", "credentials", "number"]
    wrong = attempt(asking, **RESTRICTED, auth_token="0" * 32)
    assert said(wrong) == [("credentials", Level.PROBLEM)]
    assert "Auth Token" in wrong.findings[0][1].evidence


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (RESTRICTED | {"api_key_secret": "wrong"}, "does not accept this API key"),
        (RESTRICTED | {"api_key_sid": OTHER_KEY}, "does not accept this API key"),
        ({"api_key_sid": "SK" + "1" * 32, "api_key_secret": "reader"}, "lacks a permission"),
    ],
)
def test_a_key_that_does_not_do_is_said_to(asking: Flask, twilio: Any, key: dict[str, str], words: str):
    twilio.store.save(ApiKey("SK" + "1" * 32, seed.ACCOUNT_SID, "reader", "", [f"{MESSAGES}/read"]))
    report = attempt(asking, **key)
    assert not report.works
    assert words in report.findings[-1][1].evidence


def test_the_stored_secret_is_used_for_the_stored_key_only(asking: Flask):
    save(asking, **ACCOUNT, **TOKEN, **RESTRICTED)
    assert attempt(asking, api_key_sid=seed.RESTRICTED_KEY_SID).works
    with pytest.raises(InvalidInput) as caught:
        attempt(asking, api_key_sid=seed.STANDARD_KEY_SID)
    assert set(caught.value.fields) == {"api_key_secret"}


# The Doctor


def examined(app: Flask, name: str) -> Finding:
    with app.app_context():
        check = next(check for check in CHECKS if check.name == name)
        return check.run(Examination.begin(current_runtime(), "ast_support"))


def test_the_doctor_recommends_a_key_and_is_content_with_one(asking: Flask):
    save(asking, **ACCOUNT, **TOKEN)
    assert "Recommended: a restricted API key" in examined(asking, "least_power").evidence
    save(asking, **RESTRICTED)
    assert "Recommended" not in examined(asking, "least_power").evidence
    for name in (
        "token_readable",
        "twilio_reachable",
        "account_active",
        "least_power",
        "enough_balance",
        "number_able",
    ):
        assert examined(asking, name).level is Level.OK, name


def test_the_doctor_says_what_is_wrong_with_a_key(asking: Flask, twilio: Any):
    save(asking, **ACCOUNT, **TOKEN, **RESTRICTED)
    twilio.store.remove(twilio.store.api_keys[seed.RESTRICTED_KEY_SID])
    assert examined(asking, "account_active").level is Level.PROBLEM
    assert "API key" in examined(asking, "account_active").evidence
