"""Test Credentials: what is found is said, and what is wrong is said with what to do."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from demo.twilio_simulator.records import MessagingService
from illumichat_sms_plugin.errors import InvalidInput, RateLimited
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.findings import Level
from illumichat_sms_plugin.services.setup import try_credentials as service
from illumichat_sms_plugin.services.setup.credential_budget import PER_PERSON, PER_WORKSPACE, PERIOD
from illumichat_sms_plugin.services.setup.try_credentials import Report
from tests.support.apps import PUBLIC_URL
from tests.support.channels import OWNER, connect

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WRONG_TOKEN = "0" * 32


def attempt(app: Flask, by: Person = OWNER, assistant_id: str = "ast_support", **given: str) -> Report:
    values: dict[str, Any] = {
        "account_sid": seed.ACCOUNT_SID,
        "auth_token": seed.AUTH_TOKEN,
        "phone_number": seed.SALES_NUMBER,
    } | given
    values["auth_token"] = Secret(values["auth_token"])
    with app.app_context():
        assistant = current_runtime().host.assistants.find(assistant_id)
        assert assistant is not None
        return service.try_credentials(current_runtime(), assistant, by=by, **values)


def found(report: Report) -> dict[str, str]:
    """check → level."""
    return {looked: finding.level for looked, finding in report.findings}


def bad(report: Report) -> tuple[str, str]:
    """The only problem: what, and what to do."""
    (finding,) = [finding for _, finding in report.findings if finding.level is Level.PROBLEM]
    return finding.evidence, finding.fix


def test_right_credentials_say_what_they_open(asking: Flask):
    report = attempt(asking)
    assert report.works
    assert report.account and (report.account.friendly_name, report.account.type) == (
        seed.ACCOUNT_NAME,
        "Full",
    )
    assert report.balance and str(report.balance.amount) == "42.50"
    assert report.number and report.number.phone_number == seed.SALES_NUMBER
    assert found(report) == {
        "credentials": "ok",
        "account": "ok",
        "balance": "ok",
        "number": "ok",
        "webhook": "warning",
    }


def test_without_a_number_the_accounts_own_ones_are_offered(asking: Flask):
    report = attempt(asking, phone_number="")
    assert report.works
    assert [number.phone_number for number in report.numbers] == [seed.SUPPORT_NUMBER, seed.SALES_NUMBER]


@pytest.mark.parametrize("owned", [50, 51])
def test_an_account_with_more_numbers_than_are_listed_says_so(asking: Flask, twilio: Any, owned: int):
    for place in range(owned - 2):
        number = replace(
            twilio.number(seed.SALES_NUMBER), sid=f"PN{place:032x}", phone_number=f"+1555200{place:04}"
        )
        twilio.store.save(number)
    report = attempt(asking, phone_number="")
    assert (len(report.numbers), report.more_numbers) == (50, owned > 50)


def test_an_unknown_account_and_a_wrong_token_look_the_same(asking: Flask):
    wrong_token = attempt(asking, auth_token=WRONG_TOKEN)
    unknown_account = attempt(asking, account_sid="AC" + "f" * 32)
    assert wrong_token == unknown_account
    assert not wrong_token.works
    assert "does not accept" in bad(wrong_token)[0]


def test_a_number_of_another_account_and_one_that_does_not_exist_look_the_same(asking: Flask):
    foreign = bad(attempt(asking, phone_number=seed.OTHER_NUMBER))
    missing = bad(attempt(asking, phone_number="+15551239999"))
    assert foreign[0].replace(seed.OTHER_NUMBER, "+15551239999") == missing[0]
    assert foreign[1] == missing[1]


def test_test_credentials_are_named(asking: Flask):
    report = attempt(asking, account_sid=seed.TEST_ACCOUNT_SID, auth_token=seed.TEST_AUTH_TOKEN)
    assert "test credentials" in bad(report)[0]
    assert "live" in bad(report)[1]


@pytest.mark.parametrize(
    ("fault", "check", "level", "words"),
    [
        ("suspended_account", "account", "problem", "suspended"),
        ("low_balance", "balance", "warning", "0.21 USD"),
        ("trial_account", "account", "warning", "verified"),
    ],
)
def test_the_state_of_the_account_is_said(
    asking: Flask, twilio: Any, *, fault: str, check: str, level: str, words: str
):
    twilio.add_fault(fault, account_sid=seed.ACCOUNT_SID)
    report = attempt(asking)
    assert found(report)[check] == level
    assert any(words in finding.evidence for looked, finding in report.findings if looked == check)


def test_a_number_that_cannot_do_sms_is_named(asking: Flask, twilio: Any):
    twilio.add_fault("not_sms_capable", number=seed.SALES_NUMBER)
    assert "cannot send or receive SMS" in bad(attempt(asking))[0]


def test_an_unreachable_twilio_is_no_verdict_on_the_credentials(make: Any):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        app = make(SMS_TWILIO_API_URL=f"http://127.0.0.1:{taken.getsockname()[1]}")
        report = attempt(app)
    ((_, finding),) = report.findings
    assert finding.level == "unknown"
    assert (report.works, report.is_known) == (False, False)
    assert "could not be asked" in finding.evidence
    assert "again" in finding.fix


def test_where_the_webhook_points_is_said(asking: Flask, twilio: Any):
    twilio.set_webhook(seed.SALES_NUMBER, f"{PUBLIC_URL}/api/sms/webhook/ast_support#rc=3&rp=5xx,ct,rt")
    assert found(attempt(asking))["webhook"] == "ok"


def in_service(twilio: Any, *, defers: bool) -> None:
    twilio.store.save(
        MessagingService(
            sid="MG" + "5" * 32,
            account_sid=seed.ACCOUNT_SID,
            friendly_name="Campaigns",
            phone_numbers=[seed.SALES_NUMBER],
            inbound_request_url="https://crm.example.net/hooks/sms",
            use_inbound_webhook_on_number=defers,
        )
    )


def test_a_messaging_service_that_takes_the_texts_is_named(asking: Flask, twilio: Any):
    """The number's own webhook is right, and no text would come to us all the same."""
    twilio.set_webhook(seed.SALES_NUMBER, f"{PUBLIC_URL}/api/sms/webhook/ast_support#rc=3&rp=5xx,ct,rt")
    in_service(twilio, defers=False)
    report = attempt(asking)
    assert report.works, "it can be saved; what takes the texts is changed at Twilio"
    assert found(report)["webhook"] == "problem"
    (finding,) = [finding for looked, finding in report.findings if looked == "webhook"]
    assert "Campaigns" in finding.evidence
    assert "Defer to sender's webhook" in finding.fix


def test_a_messaging_service_that_leaves_the_texts_to_the_number_does_not_matter(asking: Flask, twilio: Any):
    twilio.set_webhook(seed.SALES_NUMBER, f"{PUBLIC_URL}/api/sms/webhook/ast_support#rc=3&rp=5xx,ct,rt")
    in_service(twilio, defers=True)
    assert found(attempt(asking))["webhook"] == "ok"


def test_a_twiml_app_that_takes_the_texts_is_named(asking: Flask, twilio: Any):
    twilio.add_fault("application_override", number=seed.SALES_NUMBER)
    assert found(attempt(asking))["webhook"] == "problem"


def test_a_number_that_is_a_part_of_one_of_the_accounts_is_not_owned(asking: Flask, twilio: Any):
    """Twilio's filter finds a number anywhere inside another."""
    twilio.number(seed.SALES_NUMBER).phone_number = "+4915112345678"
    assert "does not own" in bad(attempt(asking, phone_number="+491511234567"))[0]


def test_a_test_takes_no_longer_than_the_timeouts(make: Any, twilio: Any):
    app = make(SMS_TWILIO_API_URL=twilio.url, SMS_TWILIO_CONNECT_TIMEOUT=0.2, SMS_TWILIO_READ_TIMEOUT=0.6)
    attempt(app)
    twilio.add_fault("slow_api", count=None, seconds=0.5)
    began = time.monotonic()
    ((_, finding),) = attempt(app).findings
    assert time.monotonic() - began < 2.5
    assert "in time" in finding.evidence
    assert "again" in finding.fix


def test_a_number_that_saving_would_refuse_is_no_number_to_pick(asking: Flask):
    connect(asking)
    report = attempt(asking, assistant_id="ast_sales", phone_number=seed.SUPPORT_NUMBER)
    assert not report.works
    assert "Another assistant" in bad(report)[0]
    assert "webhook" not in found(report), "nobody is told to take it from that one"
    assert report.taken == {seed.SUPPORT_NUMBER}
    assert attempt(asking, phone_number=seed.SUPPORT_NUMBER).taken == frozenset(), "it is its own"


def test_a_number_of_a_wrong_holder_can_be_had(asking: Flask):
    """Saving gives it to the account that owns it."""
    connect(asking, "ast_globex", account_sid=seed.OTHER_ACCOUNT_SID, auth_token=seed.OTHER_AUTH_TOKEN)
    assert attempt(asking, phone_number=seed.SUPPORT_NUMBER).works


def test_an_empty_token_stands_for_the_stored_one(asking: Flask):
    connect(asking)
    assert attempt(asking, auth_token="").works


def test_the_stored_token_is_not_tried_on_another_account(asking: Flask, twilio: Any):
    """Else somebody could have a token that he does not know sent to an account that he does."""
    connect(asking)
    with pytest.raises(InvalidInput) as caught:
        attempt(asking, account_sid=seed.OTHER_ACCOUNT_SID, auth_token="")
    assert set(caught.value.fields) == {"auth_token"}
    assert not twilio.store.requests


def test_another_assistants_stored_token_is_not_used(asking: Flask):
    connect(asking)
    with pytest.raises(InvalidInput):
        attempt(asking, assistant_id="ast_sales", auth_token="")


def test_every_unusable_field_is_named_and_twilio_is_not_asked(asking: Flask, twilio: Any):
    with pytest.raises(InvalidInput) as caught:
        attempt(asking, account_sid="../Accounts", auth_token="a b", phone_number="five")
    assert set(caught.value.fields) == {"account_sid", "auth_token", "phone_number"}
    assert not twilio.store.requests


@pytest.mark.usefixtures("one_period")
def test_a_person_may_not_ask_without_end(asking: Flask):
    for _ in range(PER_PERSON):
        attempt(asking, auth_token=WRONG_TOKEN)
    with pytest.raises(RateLimited) as caught:
        attempt(asking)
    assert 0 < caught.value.retry_after <= PERIOD + 1
    attempt(asking, by=Person("usr_admin", "Ada"))


@pytest.mark.usefixtures("one_period")
def test_a_workspace_may_not_ask_without_end_through_many_people(asking: Flask):
    people = [Person(f"usr_{number}", "Somebody") for number in range(PER_WORKSPACE)]
    for person in people:
        attempt(asking, by=person, auth_token=WRONG_TOKEN)
    with pytest.raises(RateLimited):
        attempt(asking, by=Person("usr_new", "One more"))
    attempt(asking, by=Person("usr_new", "One more"), assistant_id="ast_globex")


def test_nothing_found_shows_the_token_in_its_repr(asking: Flask):
    assert seed.AUTH_TOKEN not in repr(attempt(asking))
