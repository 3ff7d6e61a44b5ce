"""The numbers an account owns, and the Messaging Services they are in."""

from __future__ import annotations

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from demo.twilio_simulator import Simulator, seed
from demo.twilio_simulator.records import MessagingService

SERVICE = "MG" + "2" * 32


def sid_of(phone_number: str) -> str:
    return seed.number_sid(phone_number)


def test_an_account_lists_its_own_numbers_only(client: Client) -> None:
    numbers = client.incoming_phone_numbers.list()
    assert [n.phone_number for n in numbers] == [seed.SUPPORT_NUMBER, seed.SALES_NUMBER]
    assert numbers[0].capabilities == {"fax": False, "mms": True, "sms": True, "voice": True}


@pytest.mark.parametrize("wanted", [seed.SALES_NUMBER, "5551230002", "0002"])
def test_a_number_is_found_by_any_part_of_it(wanted: str, client: Client) -> None:
    [number] = client.incoming_phone_numbers.list(phone_number=wanted)
    assert number.phone_number == seed.SALES_NUMBER


def test_a_newly_bought_number_points_to_twilios_welcome(client: Client) -> None:
    assert client.incoming_phone_numbers(sid_of(seed.SALES_NUMBER)).fetch().sms_url == seed.WELCOME_URL


def test_the_webhook_of_a_number_can_be_set(twilio: Simulator, client: Client) -> None:
    url = "https://app.example.test/api/sms/webhook/ast_sales#rc=3&rp=5xx,ct,rt"
    number = client.incoming_phone_numbers(sid_of(seed.SALES_NUMBER)).update(
        sms_url=url, sms_method="POST", sms_fallback_url="https://app.example.test/fallback"
    )
    assert (number.sms_url, number.sms_method) == (url, "POST")
    assert twilio.number(seed.SALES_NUMBER).sms_fallback_url == "https://app.example.test/fallback"


def test_a_webhook_that_is_no_url_is_refused(client: Client) -> None:
    with pytest.raises(TwilioRestException) as caught:
        client.incoming_phone_numbers(sid_of(seed.SALES_NUMBER)).update(sms_url="not a url")
    assert (caught.value.status, caught.value.code) == (400, 21502)


def test_a_number_can_be_bound_to_a_known_app_and_freed_again(client: Client) -> None:
    number = client.incoming_phone_numbers(sid_of(seed.SALES_NUMBER))
    assert number.update(sms_application_sid=seed.APPLICATION_SID).sms_application_sid == seed.APPLICATION_SID
    assert number.update(sms_application_sid="").sms_application_sid is None
    with pytest.raises(TwilioRestException):
        number.update(sms_application_sid="AP" + "0" * 32)


def test_another_accounts_number_is_not_found(client: Client) -> None:
    with pytest.raises(TwilioRestException) as caught:
        client.incoming_phone_numbers(sid_of(seed.OTHER_NUMBER)).update(sms_url="https://evil.test/")
    assert (caught.value.status, caught.value.code) == (404, 20404)


def test_services_and_their_numbers_can_be_looked_up(twilio: Simulator, client: Client) -> None:
    twilio.store.save(
        MessagingService(
            SERVICE,
            seed.ACCOUNT_SID,
            "Campaigns",
            [seed.SUPPORT_NUMBER],
            inbound_request_url="https://elsewhere.test/in",
            use_inbound_webhook_on_number=False,
        )
    )
    [service] = client.messaging.v1.services.list()
    assert service.inbound_request_url == "https://elsewhere.test/in"
    assert service.use_inbound_webhook_on_number is False
    [number] = client.messaging.v1.services(SERVICE).phone_numbers.list()
    assert (number.phone_number, number.sid) == (seed.SUPPORT_NUMBER, sid_of(seed.SUPPORT_NUMBER))
