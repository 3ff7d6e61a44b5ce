"""STOP, START and HELP, as Twilio itself handles them."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from demo.twilio_simulator import Simulator, seed
from demo.twilio_simulator.records import MessagingService
from tests.twilio_simulator.receiver import Answer, Receiver

OURS, PHONE = seed.SUPPORT_NUMBER, seed.PHONES[0]
SERVICE = "MG" + "4" * 32


def send(client: Client, **changes: Any) -> Any:
    return client.messages.create(**{"to": PHONE, "from_": OURS, "body": "Hello", **changes})


def is_blocked(client: Client, **changes: Any) -> bool:
    try:
        send(client, **changes)
    except TwilioRestException as error:
        assert (error.status, error.code) == (400, 21610)
        return True
    return False


def automatic(twilio: Simulator) -> list[str]:
    twilio.wait_idle()
    return [m.body for m in twilio.messages(created_by="automatic")]


@pytest.mark.parametrize(
    "word", ["STOP", "stop", " Stop\n", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"]
)
def test_a_stop_word_is_confirmed_blocks_and_still_reaches_the_webhook(
    word: str, twilio: Simulator, app: Receiver, client: Client
) -> None:
    twilio.text(PHONE, OURS, word)
    assert [text[:40] for text in automatic(twilio)] == ["You have successfully been unsubscribed."]
    assert is_blocked(client)
    assert app.requests[0].form["Body"] == word
    assert "OptOutType" not in app.requests[0].form


@pytest.mark.parametrize("text", ["please stop", "STOP it", "stop!", "", "end of story"])
def test_more_than_the_word_alone_is_an_ordinary_text(
    text: str, twilio: Simulator, app: Receiver, client: Client
) -> None:
    twilio.text(PHONE, OURS, text)
    assert automatic(twilio) == []
    assert not is_blocked(client)


@pytest.mark.parametrize("word", ["START", "yes", "UNSTOP"])
def test_a_start_word_lifts_the_block(word: str, twilio: Simulator, app: Receiver, client: Client) -> None:
    twilio.text(PHONE, OURS, "STOP")
    twilio.text(PHONE, OURS, word)
    assert "re-subscribed" in automatic(twilio)[-1]
    assert not is_blocked(client)


def test_what_is_so_already_is_not_confirmed_again(twilio: Simulator, app: Receiver) -> None:
    for word in ("YES", "STOP", "STOP"):
        twilio.text(PHONE, OURS, word)
    assert len(automatic(twilio)) == 1
    assert len(app.requests) == 3


@pytest.mark.parametrize("word", ["HELP", "info"])
def test_help_is_answered_and_changes_nothing(
    word: str, twilio: Simulator, app: Receiver, client: Client
) -> None:
    twilio.text(PHONE, OURS, word)
    assert automatic(twilio) == ["Reply STOP to unsubscribe. Msg&Data Rates May Apply."]
    assert not is_blocked(client)


def test_the_block_is_of_one_number_and_one_phone(twilio: Simulator, app: Receiver, client: Client) -> None:
    twilio.text(PHONE, OURS, "STOP")
    assert not is_blocked(client, from_=seed.SALES_NUMBER)
    assert not is_blocked(client, to=seed.PHONES[1])


def test_in_a_service_the_block_is_of_all_its_numbers(
    twilio: Simulator, app: Receiver, client: Client
) -> None:
    twilio.store.save(
        MessagingService(SERVICE, seed.ACCOUNT_SID, "Acme", [OURS, seed.SALES_NUMBER], advanced_opt_out=True)
    )
    twilio.text(PHONE, OURS, "STOP")
    assert is_blocked(client, from_=seed.SALES_NUMBER)
    assert is_blocked(client, from_="", messaging_service_sid=SERVICE)
    assert app.requests[0].form["OptOutType"] == "STOP"


def test_a_reply_by_twiml_to_a_blocked_phone_fails(twilio: Simulator, app: Receiver) -> None:
    app.answer(Answer(body=b"<Response><Message>Bye</Message></Response>"))
    twilio.text(PHONE, OURS, "STOP")
    twilio.wait_idle()
    [reply] = twilio.messages(created_by="twiml")
    assert (reply.status, reply.error_code) == ("failed", 21610)


def test_twilios_own_answers_are_on_the_phone_and_not_in_the_api(
    twilio: Simulator, app: Receiver, client: Client
) -> None:
    twilio.text(PHONE, OURS, "STOP")
    twilio.wait_idle()
    assert [m.direction for m in client.messages.list()] == ["inbound"]
    assert len(twilio.messages(to=PHONE)) == 1
