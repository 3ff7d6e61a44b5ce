"""The texts of a session, each with what happened to it in words."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import NoReply, SmsMessage, SmsSession
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.services.sessions.conversation import Texts, consent_events, read_texts
from illumichat_sms_plugin.services.sessions.message_words import message_words, no_reply_words
from illumichat_sms_plugin.services.texters.consent import record_consent
from tests.support.channels import outbound, run_jobs, sessions, write
from tests.support.twilio_requests import status_in, text_in


def read(app: Flask, **how: Any) -> Texts:
    with app.app_context():
        return read_texts(sessions(app)[0].id, **{"limit": 50} | how)


def test_the_newest_comes_first_and_the_cursor_leads_to_the_older(connected: Flask) -> None:
    for n in range(5):
        text_in(connected, f"text {n}")
    first = read(connected, limit=2)
    assert [text.body for text in first.texts] == ["text 4", "text 3"]
    second = read(connected, limit=2, before=first.next_cursor)
    assert [text.body for text in second.texts] == ["text 2", "text 1"]
    last = read(connected, limit=2, before=second.next_cursor)
    assert ([text.body for text in last.texts], last.next_cursor) == (["text 0"], None)


def test_an_answered_text_and_its_answer(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    run_jobs(texting)
    status_in(texting, outbound(texting)[0].message_sid, "delivered")
    answer, question = read(texting).texts
    assert question.words.label == "Answered"
    assert (answer.words.label, answer.words.tone) == ("Delivered", "good")
    labels = [event.label for event in answer.events]
    assert labels[:2] == ["Written down, then handed to Twilio", "Twilio has it"]
    assert labels[-1] == "Delivered"


def test_a_failed_delivery_is_explained_with_what_to_do(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    run_jobs(texting)
    status_in(texting, outbound(texting)[0].message_sid, "undelivered", ErrorCode="30007")
    words = read(texting).texts[0].words
    assert (words.label, words.tone) == ("Not delivered", "bad")
    assert "30007" in words.explanation
    assert words.action
    assert words.link == "https://www.twilio.com/docs/api/errors/30007"


def test_media_are_named(connected: Flask) -> None:
    text_in(connected, "", NumMedia="1", MediaUrl0="https://api.twilio.com/x", MediaContentType0="image/png")
    (text,) = read(connected).texts
    assert (text.body, text.media) == ("", ("image/png",))


@pytest.mark.parametrize("reason", list(NoReply))
def test_every_reason_for_no_answer_has_words(reason: NoReply) -> None:
    words = no_reply_words(reason)
    assert words.label
    assert words.explanation.endswith(".")


def test_a_reason_of_a_later_version_has_words_too() -> None:
    assert no_reply_words("solar_flare").explanation


@pytest.mark.parametrize(
    ("send_state", "label"),
    [
        ("sending", "Being handed to Twilio"),
        ("in_doubt", "Being looked up"),
        ("unsettled", "Waiting for your decision"),
        ("dismissed", "Dismissed"),
        ("failed", "Not sent"),
        ("of a later version", "Unknown"),
    ],
)
def test_every_state_of_sending_has_words(connected: Flask, send_state: str, label: str) -> None:
    text_in(connected)
    write(connected, SmsMessage, SmsMessage.id > 0, direction="outbound", send_state=send_state[:10])
    text = read(connected).texts[0]
    assert text.words.label == label
    assert text.waits_for_decision is (send_state == "unsettled")


@pytest.mark.parametrize("status", ["queued", "sent", "delivered", "read", "canceled", None, "teleported"])
def test_every_status_of_twilios_has_words(connected: Flask, status: str | None) -> None:
    text_in(connected)
    write(
        connected, SmsMessage, SmsMessage.id > 0, direction="outbound", send_state="accepted", status=status
    )
    assert read(connected).texts[0].words.label


@pytest.mark.parametrize("reason", list(NoReply))
def test_what_failed_was_unclear_or_was_held_back_can_be_answered_again(
    connected: Flask, reason: NoReply
) -> None:
    text_in(connected)
    write(connected, SmsMessage, SmsMessage.id > 0, no_reply_reason=reason.value)
    assert read(connected).texts[0].can_be_replayed is (
        reason
        in (
            *("assistant_failed", "send_failed", "unclear_wish", "machine", "paused", "taken_over"),
            *("discarded", "lapsed"),
        )
    )


def test_consent_tells_what_it_rests_on(connected: Flask) -> None:
    text_in(connected, "STOP")
    session = sessions(connected)[0].id
    with connected.app_context():
        with transaction() as connection:
            record_consent(connection, session, "opt_in", source="admin", detail="Ada Admin: asked by phone")
            record_consent(connection, session, "opt_out", source="twilio")
        events = consent_events(session)
    assert [event.label for event in events] == ["Opted out", "Opted in", "Opted out"]
    assert events[0].evidence.startswith("by text, SM")
    assert events[1].evidence == "by an admin: Ada Admin: asked by phone"
    assert "21610" in events[2].evidence


def test_message_words_take_any_row(connected: Flask) -> None:
    text_in(connected)
    write(connected, SmsSession, SmsSession.id > 0, chat_id=None)
    from tests.support.channels import messages

    assert message_words(messages(connected)[0]).label == "Waiting for its answer"
