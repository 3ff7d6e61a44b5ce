"""What phones and mailboxes send by themselves gets no answer; what a person says about a drive or a holiday does."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.text import reactions
from illumichat_sms_plugin.text.auto_replies import LONGEST, is_auto_reply, languages
from tests.support.cpu_time import cpu_seconds

TABLE = tomllib.loads((files("illumichat_sms_plugin.text") / "auto_replies.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    "body",
    [
        "I'm driving with Do Not Disturb While Driving turned on. I'll see your message when I get where I'm going.",
        "I’m driving with Focus turned on. I’ll see your message when I get where I’m going.",
        "(I’m not receiving notifications. If this is urgent, reply “urgent” to send a notification through with your original message.)",
        "I'm driving right now.",
        "I'm driving right now - I'll get back to you later.",
        "[Auto-Reply] I'm busy. I'll call you later.",
        "Auto-reply: Need help? Call our hotline.",
        "AUTOMATIC REPLY: out until Monday",
        "Out of office: back on Monday",
        "I am out of office and will answer on Monday.",
        "I am out of the office until 3 May with limited access to e-mail. I will reply as soon as possible.",
        "Thank you for contacting Smith Dental. We have received your message and will get back to you shortly.",
        "Thanks for reaching out! This is an automated message, someone will be in touch.",
        "Sorry, I can't talk right now.",
        "Can't talk right now. What's up?",
        "This mailbox is not monitored.",
        "Automatische Antwort: Ich bin bis Montag nicht im Büro.",
        "Ich fahre gerade Auto. Ich sehe deine Nachricht, wenn ich am Ziel bin.",
        "Vielen Dank für Ihre Nachricht. Ich bin im Urlaub und antworte ab dem 3. Mai.",
        "Je suis au volant, je vous rappelle.",
        "Absent du bureau : de retour lundi",
        "Estoy conduciendo. Veré tu mensaje cuando llegue a mi destino.",
        "Sto guidando, ti richiamo appena possibile.",
        "Estou dirigindo agora. Responderei quando chegar.",
        "運転中です。後ほど返信します。",
        "운전 중입니다. 나중에 연락드리겠습니다.",
        "【自动回复】我正在开车",
        "我正在开车，稍后回复您。",
        "Я за рулём, перезвоню позже",
        "أنا أقود السيارة، سأتصل بك لاحقا",
        "אני נוהג, אחזור אליך",
    ],
)
def test_nobody_typed_it_for_us(body: str) -> None:
    assert is_auto_reply(body)


@pytest.mark.parametrize(
    "body",
    [
        "I'm driving over now, is there parking?",
        "I'm driving to you, what's the address?",
        "I am out of the office, can you deliver to my home? I will answer the door.",
        "Out of office chairs, or do you have more?",
        "Is there an automatic reply I can set up?",
        "Do you offer automatic response kits",
        "I'm on vacation, please reschedule my appointment",
        "I am on vacation and will be back on Monday, please hold my order",
        "Thanks for your message",
        "Thank you for your message, yes that works",
        "When will you get back to me?",
        "I will reply tomorrow",
        "on my way",
        "I'm in a meeting until 3, then I can come",
        "My car broke down while driving",
        "driving",
        "call me later",
        "Ich bin im Urlaub, bitte verschieben",
        "Danke für Ihre Nachricht!",
        "Nein, das ist keine automatische Tür",
        "Je conduis une Renault",
        "Estoy de vacaciones, ¿puedo cambiar la cita?",
        "ok",
        "",
        "?",
    ],
)
def test_a_person_wrote_it(body: str) -> None:
    assert not is_auto_reply(body)


def test_the_languages_are_those_of_the_reactions() -> None:
    assert languages() == reactions.languages()


@pytest.mark.parametrize("language", languages())
def test_every_phrase_of_a_language_is_known(language: str) -> None:
    words = TABLE[language]
    assert set(words) == {"marks", "says", "away", "later", "whole"}
    assert all(is_auto_reply(f"{mark}: x") and is_auto_reply(mark) for mark in words["marks"])
    assert all(is_auto_reply(f"Hi! {phrase} …") for phrase in words["says"])
    assert all(is_auto_reply(f"{phrase.capitalize()}.") for phrase in words["whole"])
    for away in words["away"]:
        assert is_auto_reply(f"{away}. {words['later'][0]}.")
    for later in words["later"]:
        assert is_auto_reply(f"{words['away'][0]}, {later}!")
        assert not is_auto_reply(f"{words['away'][0]}, {later}, ok?")


@given(st.text(max_size=300))
def test_any_text_is_judged(body: str) -> None:
    assert is_auto_reply(body) in (True, False)


def test_a_long_text_is_judged_quickly() -> None:
    for body, expected in (("I'm driving " * 100_000, False), ("(" * (LONGEST - 20) + "auto-reply: x", True)):
        assert is_auto_reply(body) is expected
        assert cpu_seconds(lambda body=body: is_auto_reply(body)) < 0.25
