"""What carriers in the US ask of a number, and how it stands at Twilio."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from demo.twilio_simulator.records import ApiKey, MessagingService, Number
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.findings import Finding, Level
from illumichat_sms_plugin.services.setup.registration import (
    Asked,
    registration_finding,
    registration_or_unknown,
    what_is_asked_of,
)
from illumichat_sms_plugin.services.setup.try_credentials import try_credentials
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClients
from illumichat_sms_plugin.twilio_gateway.lookup import owned_sender
from illumichat_sms_plugin.twilio_gateway.values import Credentials
from tests.support.channels import OWNER

LOCAL, TOLL_FREE, CANADIAN = "+12122340187", "+18002340187", "+14162340187"
SERVICE = "MG" + "7" * 32


@pytest.mark.parametrize(
    ("number", "asked"),
    [
        (LOCAL, Asked.CAMPAIGN),
        (TOLL_FREE, Asked.VERIFICATION),
        ("+18882340187", Asked.VERIFICATION),
        (CANADIAN, Asked.NOTHING),
        ("+447700900123", Asked.NOTHING),
        (seed.SUPPORT_NUMBER, Asked.NOTHING),
        ("24273", Asked.NOTHING),
        ("+1", Asked.NOTHING),
        ("", Asked.NOTHING),
    ],
)
def test_what_is_asked_of_a_number(number: str, asked: Asked) -> None:
    assert what_is_asked_of(number) is asked


@pytest.fixture
def at_twilio(twilio: Any) -> Iterator[Any]:
    """Own a number there, perhaps in a service; what is said of its registration."""
    clients = TwilioClients(twilio.url, 5, 10)

    def look(phone_number: str, *, campaign: str | None = None, **values: Any) -> Finding:
        own(twilio, phone_number, campaign=campaign, **values)
        client = clients.get(Credentials(seed.ACCOUNT_SID, Secret(seed.AUTH_TOKEN)))
        number = owned_sender(client, phone_number)
        assert number is not None
        return registration_or_unknown(lambda: registration_finding(client, number))

    yield look
    clients.close()


def own(twilio: Any, phone_number: str, *, campaign: str | None = None, **values: Any) -> None:
    twilio.store.save(Number(f"PN{phone_number[1:]:0>32}", seed.ACCOUNT_SID, phone_number, **values))
    if campaign is not None:
        members = [phone_number]
        service = MessagingService(SERVICE, seed.ACCOUNT_SID, "Acme", members, campaign_status=campaign)
        twilio.store.save(service)


@pytest.mark.parametrize(
    ("campaign", "level", "words"),
    [
        (None, Level.WARNING, "is in no Messaging Service"),
        ("", Level.WARNING, "“Acme”, which has no A2P campaign"),
        ("IN_PROGRESS", Level.WARNING, "in review"),
        ("PENDING", Level.WARNING, "in review"),
        ("FAILED", Level.WARNING, "was not approved (FAILED)"),
        ("SUSPENDED", Level.WARNING, "was not approved (SUSPENDED)"),
        ("VERIFIED", Level.OK, "in an approved A2P campaign"),
    ],
)
def test_a_local_number_needs_an_approved_campaign(
    at_twilio: Any, campaign: str | None, level: Level, words: str
) -> None:
    found = at_twilio(LOCAL, campaign=campaign)
    assert (found.level, words in found.evidence) == (level, True), found
    assert (found.fix != "") is (level is not Level.OK)


@pytest.mark.parametrize(
    ("status", "level", "words"),
    [
        ("", Level.WARNING, "is not verified"),
        ("PENDING_REVIEW", Level.WARNING, "in review"),
        ("IN_REVIEW", Level.WARNING, "in review"),
        ("TWILIO_REJECTED", Level.WARNING, "rejected. The website could not be reached."),
        ("TWILIO_APPROVED", Level.OK, "is verified"),
    ],
)
def test_a_toll_free_number_has_to_be_verified(at_twilio: Any, status: str, level: Level, words: str) -> None:
    found = at_twilio(TOLL_FREE, toll_free_status=status)
    assert (found.level, words in found.evidence) == (level, True), found


def test_of_other_numbers_twilio_is_asked_nothing(at_twilio: Any, twilio: Any) -> None:
    assert at_twilio(CANADIAN).level is Level.OK


def test_who_cannot_be_asked_leaves_it_unknown(at_twilio: Any, twilio: Any) -> None:
    own(twilio, LOCAL, campaign="VERIFIED")
    assert at_twilio(LOCAL).level is Level.OK
    key = ApiKey(
        "SK" + "1" * 32, seed.ACCOUNT_SID, "secret", "Restricted", ["/twilio/messaging/services/list"]
    )
    twilio.store.save(key)
    clients = TwilioClients(twilio.url, 5, 10)
    client = clients.get(Credentials(seed.ACCOUNT_SID, Secret(key.secret), key.sid))
    twilio_number = owned_number(twilio)
    assert registration_finding(client, twilio_number).level is Level.UNKNOWN
    clients.close()


def owned_number(twilio: Any) -> Any:
    clients = TwilioClients(twilio.url, 5, 10)
    found = owned_sender(clients.get(Credentials(seed.ACCOUNT_SID, Secret(seed.AUTH_TOKEN))), LOCAL)
    clients.close()
    return found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("campaign", "level"), [("VERIFIED", Level.OK), ("FAILED", Level.WARNING)])
def test_test_credentials_says_it_and_lets_the_channel_be_saved(
    asking: Flask, twilio: Any, campaign: str, level: Level
) -> None:
    own(twilio, LOCAL, campaign=campaign)
    with asking.app_context():
        runtime = current_runtime()
        assistant = runtime.host.assistants.find("ast_support")
        assert assistant is not None
        report = try_credentials(
            runtime,
            assistant,
            account_sid=seed.ACCOUNT_SID,
            auth_token=Secret(seed.AUTH_TOKEN),
            phone_number=LOCAL,
            by=OWNER,
        )
    assert dict(report.findings)["registration"].level is level
    assert report.works
