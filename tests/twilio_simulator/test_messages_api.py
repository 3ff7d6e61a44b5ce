"""Messages over the REST API, seen through twilio-python."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from demo.twilio_simulator import Simulator, seed
from demo.twilio_simulator.records import MessagingService
from tests.twilio_simulator.rebased_client import rebased_client

OURS, PHONE = seed.SUPPORT_NUMBER, seed.PHONES[0]
SERVICE = "MG" + "1" * 32


def create(client: Client, **changes: Any) -> Any:
    return client.messages.create(**{"to": PHONE, "from_": OURS, "body": "Hello", **changes})


def refusal(client: Client, **changes: Any) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        create(client, **changes)
    return caught.value.status, caught.value.code


def test_a_new_message_is_queued_unsent_and_unpriced(client: Client) -> None:
    message = create(client)
    assert (message.status, message.direction, message.body) == ("queued", "outbound-api", "Hello")
    assert (message.num_segments, message.num_media) == ("1", "0")
    assert message.date_sent is None
    assert message.price is None
    assert message.error_code is None


REFUSALS: list[tuple[str, dict[str, Any], int]] = [
    ("without a recipient", {"to": ""}, 21604),
    ("without a sender", {"from_": ""}, 21603),
    ("without a body", {"body": ""}, 21602),
    ("with a blank body", {"body": "  \n"}, 21602),
    ("with 1601 characters", {"body": "x" * 1601}, 21617),
    ("to something that is no number", {"to": "123abc"}, 21211),
    ("to a number without a plus", {"to": "15557650001"}, 21211),
    ("to a short code", {"to": "12345"}, 21265),
    ("from something that is no number", {"from_": "hello"}, 21212),
    ("to itself", {"to": OURS}, 21266),
    ("from a number nobody owns", {"from_": "+15559990000"}, 21659),
    ("from another account's number", {"from_": seed.OTHER_NUMBER}, 21660),
    ("with a callback that is no URL", {"status_callback": "example.test/cb"}, 21609),
    ("with an underscore in the callback's host", {"status_callback": "https://my_app.test/cb"}, 21609),
    ("valid for no time", {"validity_period": 0}, 21624),
    ("valid for too long", {"validity_period": 36001}, 21624),
    ("with media that is no URL", {"media_url": ["cat.png"]}, 21620),
    ("through an unknown service", {"from_": "", "messaging_service_sid": SERVICE}, 21701),
]


@pytest.mark.parametrize(("changes", "code"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_a_message_is_refused(changes: dict[str, Any], code: int, twilio: Simulator, client: Client) -> None:
    assert refusal(client, **changes) == (400, code)
    assert twilio.messages() == []


def test_a_refusal_says_what_and_where_to_read_more(client: Client) -> None:
    with pytest.raises(TwilioRestException):
        create(client, to="nonsense")
    _, response = client.http_client.exchanges[-1]
    assert response.json() == {
        "code": 21211,
        "message": "Invalid 'To' Phone Number: nonsense",
        "more_info": "https://www.twilio.com/docs/errors/21211",
        "status": 400,
    }


def test_1600_characters_are_taken(client: Client) -> None:
    assert create(client, body="x" * 1600).num_segments == "11"


def test_a_trial_account_texts_verified_numbers_only_and_says_that_it_is_one(
    twilio: Simulator, client: Client
) -> None:
    twilio.add_fault("trial_account")
    assert refusal(client, to="+15557650002") == (400, 21608)
    assert create(client, to=PHONE).body == "Sent from your Twilio trial account - Hello"


def test_a_region_that_is_not_enabled_is_refused(twilio: Simulator, client: Client) -> None:
    twilio.add_fault("geo_permission", prefix="+49")
    assert refusal(client, to="+4915112345678") == (400, 21408)
    assert create(client).status == "queued"


def test_a_number_without_sms_cannot_send(twilio: Simulator, client: Client) -> None:
    twilio.add_fault("not_sms_capable", number=OURS)
    assert refusal(client) == (400, 21606)
    assert create(client, from_=seed.SALES_NUMBER).status == "queued"


def test_smart_encoding_replaces_what_would_cost_segments(client: Client) -> None:
    curly = "“" + "x" * 155 + "…”"
    assert create(client, body=curly).num_segments == "3"
    smart = create(client, body=curly, smart_encoded=True)
    assert (smart.num_segments, smart.body) == ("1", '"' + "x" * 155 + '..."')


def test_a_message_through_a_service_has_no_sender_and_no_segments_at_first(
    twilio: Simulator, client: Client
) -> None:
    twilio.store.save(MessagingService(SERVICE, seed.ACCOUNT_SID, "Acme", [seed.SALES_NUMBER]))
    message = create(client, from_="", messaging_service_sid=SERVICE)
    assert (message.status, message.from_, message.num_segments) == ("accepted", None, "0")
    twilio.wait_idle()
    message = message.fetch()
    assert (message.status, message.from_, message.num_segments) == ("delivered", seed.SALES_NUMBER, "1")


def test_a_scheduled_message_can_be_canceled(twilio: Simulator, client: Client) -> None:
    twilio.store.save(MessagingService(SERVICE, seed.ACCOUNT_SID, "Acme", [OURS]))
    message = create(
        client,
        from_="",
        messaging_service_sid=SERVICE,
        schedule_type="fixed",
        send_at=datetime.now(UTC) + timedelta(hours=1),
    )
    assert message.status == "scheduled"
    twilio.wait_idle()
    assert client.messages(message.sid).fetch().status == "scheduled"
    assert message.update(status="canceled").status == "canceled"


def test_a_delivered_message_cannot_be_canceled(twilio: Simulator, client: Client) -> None:
    message = create(client)
    twilio.wait_idle()
    with pytest.raises(TwilioRestException) as caught:
        message.update(status="canceled")
    assert (caught.value.status, caught.value.code) == (409, 30409)


def test_an_empty_body_redacts_and_keeps_the_rest(client: Client) -> None:
    message = create(client)
    redacted = client.messages(message.sid).update(body="")
    assert (redacted.body, redacted.to, redacted.sid) == ("", PHONE, message.sid)


def test_a_deleted_message_is_gone(client: Client) -> None:
    message = create(client)
    assert message.delete()
    assert client.messages.list() == []
    with pytest.raises(TwilioRestException) as caught:
        message.fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)


def test_the_list_is_newest_first_and_filtered_by_both_numbers(twilio: Simulator, client: Client) -> None:
    twilio.text(PHONE, OURS, "Hello?")
    first, second = create(client, body="one"), create(client, body="two")
    create(client, to="+15557650002")
    assert [m.sid for m in client.messages.list(to=PHONE, from_=OURS)] == [second.sid, first.sid]
    assert [m.body for m in client.messages.list(to=OURS)] == ["Hello?"]
    assert [m.direction for m in client.messages.list(from_=PHONE)] == ["inbound"]


def test_every_page_is_reached_once(client: Client) -> None:
    sids = [create(client, body=str(number)).sid for number in range(7)]
    listed = client.messages.list(page_size=3)
    assert [m.sid for m in listed] == sids[::-1]
    assert [len(page) for page in _pages(client)] == [3, 3, 1]


def test_a_message_that_arrives_while_paging_moves_nothing(client: Client) -> None:
    sids = [create(client, body=str(number)).sid for number in range(4)]
    first = client.messages.page(page_size=2)
    create(client, body="late")
    second = first.next_page()
    assert [m.sid for m in first] + [m.sid for m in second] == sids[::-1]


def _pages(client: Client) -> list[list[Any]]:
    page, pages = client.messages.page(page_size=3), []
    while page is not None:
        pages.append(list(page))
        page = page.next_page()
    return pages


def test_dates_filter_what_was_sent_and_never_what_was_not(twilio: Simulator, client: Client) -> None:
    today = datetime.now(UTC)
    twilio.add_fault("stuck")
    old = create(client, body="old")
    twilio.wait_idle()
    record = twilio.store.messages[old.sid]
    assert record.date_sent is not None
    record.date_sent -= 3 * 86400
    new = create(client, body="new")
    twilio.wait_idle()

    def sids(**filters: Any) -> list[str]:
        return [m.sid for m in client.messages.list(**filters)]

    assert sids(date_sent_after=today - timedelta(days=1)) == [new.sid]
    assert sids(date_sent_before=today - timedelta(days=1)) == [old.sid]
    assert sids(date_sent=(today - timedelta(days=3)).date()) == [old.sid]
    record.date_sent = None
    assert sids(date_sent_after=today - timedelta(days=30)) == [new.sid]


def test_a_page_size_that_makes_no_sense_is_refused(client: Client) -> None:
    with pytest.raises(TwilioException, match="HTTP 400"):  # what twilio-python raises for any failing list
        client.messages.page(page_size=0)


def test_one_account_does_not_see_the_messages_of_another(twilio: Simulator, client: Client) -> None:
    message = create(client)
    other = rebased_client(twilio.url, seed.OTHER_ACCOUNT_SID, seed.OTHER_AUTH_TOKEN)
    assert other.messages.list() == []
    with pytest.raises(TwilioRestException) as caught:
        other.messages(message.sid).fetch()
    assert caught.value.code == 20404
