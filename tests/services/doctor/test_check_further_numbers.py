"""The further numbers, as the Doctor sees them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from demo.twilio_simulator.records import MessagingService
from illumichat_sms_plugin.models import SmsChannel, db_now
from illumichat_sms_plugin.services.findings import Finding, Level
from tests.services.doctor.conftest import Examine, Front
from tests.support.channels import run_jobs, sql, write
from tests.support.twilio_requests import NUMBER, TEXTER

FURTHER, FOREIGN = seed.SALES_NUMBER, seed.OTHER_NUMBER


@pytest.fixture
def webhook(front: Front) -> str:
    return f"{front.url}/api/sms/webhook/ast_support#rc=3&rp=5xx,ct,rt"


@pytest.fixture
def known(healthy: Flask, twilio: Any, webhook: str) -> Flask:
    """A channel that has answered a text to a further number."""
    twilio.set_webhook(FURTHER, webhook)
    twilio.text(TEXTER, FURTHER, "hello")
    run_jobs(healthy)
    return healthy


def find(examine: Examine) -> Finding:
    return examine("further_numbers_able")["further_numbers_able"]


def test_none_is_fine(examine: Examine) -> None:
    assert find(examine).level is Level.OK


def test_one_whose_texts_come_here_is_fine(known: Flask, examine: Examine) -> None:
    found = find(examine)
    assert (found.level, FURTHER in found.evidence) == (Level.OK, True)


def test_one_that_delivers_elsewhere(known: Flask, examine: Examine, twilio: Any) -> None:
    twilio.set_webhook(FURTHER, "https://crm.example.net/sms")
    found = find(examine)
    assert found.level is Level.PROBLEM
    assert f"{FURTHER} do not come here" in found.evidence
    assert found.action is not None
    assert found.action.target == "webhook"


def test_one_without_retry_rules(known: Flask, examine: Examine, twilio: Any, webhook: str) -> None:
    twilio.set_webhook(FURTHER, webhook.partition("#")[0])
    assert (find(examine).level, "retry rules" in find(examine).evidence) == (Level.WARNING, True)


def test_one_that_the_account_has_given_up(known: Flask, examine: Examine, twilio: Any) -> None:
    twilio.number(FURTHER).account_sid = seed.OTHER_ACCOUNT_SID
    assert (find(examine).level, "does not show" in find(examine).evidence) == (Level.PROBLEM, True)


def test_one_that_never_was_the_accounts(known: Flask, examine: Examine, twilio: Any) -> None:
    sql(known, "UPDATE sms_further_numbers SET confirmed_at = NULL, denied_at = created_at")
    found = find(examine)
    assert (found.level, FURTHER in found.evidence) == (Level.WARNING, True)


def test_one_that_twilio_was_not_asked_about(known: Flask, examine: Examine) -> None:
    sql(known, "UPDATE sms_further_numbers SET confirmed_at = NULL")
    assert find(examine).level is Level.UNKNOWN


def test_one_that_is_turned_off_is_nobodys_trouble(known: Flask, examine: Examine, twilio: Any) -> None:
    sql(known, "UPDATE sms_further_numbers SET enabled = false")
    twilio.set_webhook(FURTHER, "https://crm.example.net/sms")
    assert find(examine).level is Level.OK


def test_while_twilio_is_away(known: Flask, examine: Examine, twilio: Any) -> None:
    twilio.add_fault("outage", count=None)
    assert find(examine).level is Level.UNKNOWN


def test_a_text_to_a_further_number_that_only_twilio_has(known: Flask, examine: Examine, twilio: Any) -> None:
    write(known, SmsChannel, SmsChannel.id > 0, connected_at=db_now(-7200.0))
    twilio.add_fault("lost_webhook")
    twilio.text(TEXTER, FURTHER, "lost")
    twilio.messages(body="lost")[0].date_created -= 60.0
    assert examine("last_inbound")["last_inbound"].level is Level.PROBLEM


def test_a_service_that_delivers_here_is_right_for_every_check(
    known: Flask, examine: Examine, twilio: Any, webhook: str
) -> None:
    """The numbers' own webhooks are empty then, and nobody misses them."""
    for number in (NUMBER, FURTHER):
        twilio.set_webhook(number, "")
    twilio.store.save(
        MessagingService(
            sid="MG" + "5" * 32,
            account_sid=seed.ACCOUNT_SID,
            friendly_name="Campaigns",
            phone_numbers=[NUMBER, FURTHER],
            inbound_request_url=webhook,
            use_inbound_webhook_on_number=False,
        )
    )
    names = (
        "number_able",
        "webhook_url",
        "webhook_method",
        "webhook_fallback",
        "webhook_not_overridden",
        "further_numbers_able",
    )
    assert {name: found.level for name, found in examine(*names).items()} == dict.fromkeys(names, Level.OK)
    twilio.text(TEXTER, NUMBER, "by the service")
    run_jobs(known)
    assert [m.from_ for m in twilio.messages(created_by="api")] == [FURTHER, NUMBER]
