"""The simulator speaks as Twilio's own OpenAPI description says, and so does twilio-python to it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from openapi_core.exceptions import OpenAPIError
from twilio.rest import Client

from demo.twilio_simulator import Simulator, rest_messages, seed
from demo.twilio_simulator.records import MessagingService

SLICE = json.loads(Path(__file__).with_name("twilio_api_slice.json").read_text())
PHONE = seed.PHONES[0]
RFC_2822 = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000")
SERVICE = "MG" + "0" * 32


@pytest.fixture(scope="module")
def description() -> OpenAPI:
    formats = {"date-time-rfc-2822": lambda text: RFC_2822.fullmatch(text) is not None}
    return OpenAPI.from_dict(SLICE, config=Config(extra_format_validators=formats))


def hold_to(description: OpenAPI, client: Client) -> int:
    """Check every exchange of the client; how many there were."""
    for meant, response in client.http_client.exchanges:
        prepared = response.request.copy()
        prepared.url = meant
        request = RequestsOpenAPIRequest(prepared)
        description.validate_request(request)
        description.validate_response(request, RequestsOpenAPIResponse(response))
    return len(client.http_client.exchanges)


def create(client: Client, **more: Any) -> Any:
    return client.messages.create(to=PHONE, from_=seed.SUPPORT_NUMBER, body="Hello", **more)


def verified(twilio: Simulator) -> None:
    """As if a number were toll-free and Twilio had verified it."""
    number = twilio.store.number_named(seed.SALES_NUMBER)
    assert number is not None
    number.toll_free_status = "TWILIO_APPROVED"
    twilio.store.save(number)


CALLS: dict[str, Callable[[Client], Any]] = {
    "create a message": lambda c: create(c, status_callback="http://127.0.0.1:9/s?m=1", validity_period=600),
    "create an MMS": lambda c: create(c, media_url=["http://127.0.0.1:9/a.png"]),
    "create through a service": lambda c: c.messages.create(
        to=PHONE, messaging_service_sid=SERVICE, body="Hi"
    ),
    "fetch a message": lambda c: c.messages(create(c).sid).fetch(),
    "list messages": lambda c: c.messages.list(to=PHONE, from_=seed.SUPPORT_NUMBER, page_size=1),
    "redact a message": lambda c: c.messages(create(c).sid).update(body=""),
    "delete a message": lambda c: c.messages(create(c).sid).delete(),
    "list media": lambda c: c.messages(create(c, media_url=["http://a.test/b.png"]).sid).media.list(),
    "fetch the account": lambda c: c.api.accounts(seed.ACCOUNT_SID).fetch(),
    "fetch the balance": lambda c: c.balance.fetch(),
    "list numbers": lambda c: c.incoming_phone_numbers.list(phone_number=seed.SUPPORT_NUMBER),
    "fetch a number": lambda c: c.incoming_phone_numbers(seed.number_sid(seed.SUPPORT_NUMBER)).fetch(),
    "update a number": lambda c: c.incoming_phone_numbers(seed.number_sid(seed.SUPPORT_NUMBER)).update(
        sms_url="https://example.test/in#rc=3", sms_method="POST"
    ),
    "list applications": lambda c: c.applications.list(),
    "fetch an application": lambda c: c.applications(seed.APPLICATION_SID).fetch(),
    "list services": lambda c: c.messaging.v1.services.list(),
    "fetch a service": lambda c: c.messaging.v1.services(SERVICE).fetch(),
    "list a service's numbers": lambda c: c.messaging.v1.services(SERVICE).phone_numbers.list(),
    "list a service's campaigns": lambda c: c.messaging.v1.services(SERVICE).us_app_to_person.list(),
    "list the geo permissions": lambda c: c.request(
        "GET", "https://accounts.twilio.com/v1/Messaging/GeoPermissions", params={"CountryCode": "FR,US"}
    ),
    "list verifications": lambda c: c.messaging.v1.tollfree_verifications.list(
        tollfree_phone_number_sid=seed.number_sid(seed.SALES_NUMBER)
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_every_call_and_reply_is_as_described(
    name: str, twilio: Simulator, client: Client, description: OpenAPI
) -> None:
    twilio.store.save(
        MessagingService(
            *(SERVICE, seed.ACCOUNT_SID, "Acme", [seed.SALES_NUMBER], "https://example.test/in"),
            campaign_status="VERIFIED",
        )
    )
    verified(twilio)
    CALLS[name](client)
    assert hold_to(description, client) >= 1


def test_messages_of_every_fate_are_as_described(
    twilio: Simulator, client: Client, description: OpenAPI
) -> None:
    twilio.text(PHONE, seed.SUPPORT_NUMBER, "Hello", media=["image/png"])
    for code in ("30007", "30034", "30003"):
        twilio.add_fault(code)
    for _ in range(4):
        create(client)
    twilio.wait_idle()
    twilio.wait_for(lambda: [m for m in twilio.messages(created_by="api") if m.price])
    statuses = {message.status for message in client.messages.list()}
    assert statuses == {"received", "undelivered", "failed", "delivered"}
    hold_to(description, client)


SCHEMAS = {
    "api.v2010.account": lambda c: f"/2010-04-01/Accounts/{c.username}.json",
    "api.v2010.account.balance": lambda c: f"/2010-04-01/Accounts/{c.username}/Balance.json",
    "api.v2010.account.message": lambda c: f"/2010-04-01/Accounts/{c.username}/Messages/{create(c).sid}.json",
    "api.v2010.account.incoming_phone_number": lambda c: (
        f"/2010-04-01/Accounts/{c.username}/IncomingPhoneNumbers/{seed.number_sid(seed.SUPPORT_NUMBER)}.json"
    ),
    "api.v2010.account.application": lambda c: (
        f"/2010-04-01/Accounts/{c.username}/Applications/{seed.APPLICATION_SID}.json"
    ),
    "messaging.v1.service": lambda c: f"/v1/Services/{SERVICE}",
}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_resource_has_exactly_the_properties_that_are_described(
    schema: str, twilio: Simulator, client: Client
) -> None:
    """The description requires none of them, so a reply that lacks one would pass the other tests."""
    twilio.store.save(MessagingService(SERVICE, seed.ACCOUNT_SID))
    response = client.http_client.request(
        "GET", "https://api.twilio.com" + SCHEMAS[schema](client), auth=(client.username, client.password)
    )
    assert set(json.loads(response.text)) == set(SLICE["components"]["schemas"][schema]["properties"])


def test_a_registration_has_exactly_the_properties_that_are_described(
    twilio: Simulator, client: Client
) -> None:
    twilio.store.save(MessagingService(SERVICE, seed.ACCOUNT_SID, campaign_status="FAILED"))
    verified(twilio)
    for path, key, schema in (
        (f"Services/{SERVICE}/Compliance/Usa2p", "compliance", "messaging.v1.service.us_app_to_person"),
        ("Tollfree/Verifications", "verifications", "messaging.v1.tollfree_verification"),
    ):
        response = client.http_client.request(
            "GET", f"https://api.twilio.com/v1/{path}", auth=(client.username, client.password)
        )
        [found] = json.loads(response.text)[key]
        assert set(found) == set(SLICE["components"]["schemas"][schema]["properties"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "flying"},
        {"sid": "SM1"},
        {"error_code": "30007"},
        {"date_sent": "yesterday"},
        {"price": 1},
    ],
)
def test_a_reply_that_is_wrong_would_be_noticed(
    wrong: dict[str, object],
    twilio: Simulator,
    client: Client,
    description: OpenAPI,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = rest_messages.message_json
    monkeypatch.setattr(rest_messages, "message_json", lambda message: {**right(message), **wrong})
    twilio.text(PHONE, seed.SUPPORT_NUMBER, "Hello")
    [message] = twilio.messages()
    response = client.http_client.request(
        "GET",
        f"https://api.twilio.com/2010-04-01/Accounts/{client.username}/Messages/{message.sid}.json",
        auth=(client.username, client.password),
    )
    assert response.status_code == 200
    with pytest.raises(OpenAPIError):
        hold_to(description, client)
