"""A sentence that went through the database can be said in another language."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.in_words import ago, count, listed, money
from illumichat_sms_plugin.languages.kept import keep, restore
from illumichat_sms_plugin.languages.language import Language
from illumichat_sms_plugin.languages.wording import Wording, joined, say, told
from illumichat_sms_plugin.twilio_gateway.error_codes import explain

GERMAN = Language("de", "de")

SENTENCES = (
    say("Press Resume."),
    say("The balance is {amount}.", amount=money(Decimal("1234.5"), "USD")),
    say("Housekeeping ran {ago}.", ago=ago(7200)),
    joined("\n", (say("Press Resume."), "as it is", explain(30007).sentence)),
    listed([count(1, "problem"), count(2, "warning")]),
    say("Twilio could not be asked. {error}", error=InvalidInput(say("Press Resume."))),
)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_it_says_the_same_in_every_language(sentence: Wording) -> None:
    stored = json.loads(json.dumps(keep(sentence)))
    again = restore(stored, str.__str__(sentence))
    assert (again, told(again, GERMAN)) == (sentence, told(sentence, GERMAN))
    assert told(again, GERMAN) != sentence


@pytest.mark.parametrize(
    "stored",
    [
        None,
        "Press Resume.",
        3,
        [],
        {"say": "Another one."},
        {"say": "{x} {y}", "values": {"x": 1}},
        {"say": "{0}", "values": {}},
        {"decimal": "x"},
        {"joined": " ", "parts": None},
    ],
)
def test_what_was_kept_otherwise_leaves_the_whole_sentence(stored: object) -> None:
    again = restore(stored, "Press Resume.")
    assert (again, told(again, GERMAN)) == ("Press Resume.", "Drücken Sie „Fortsetzen“.")


def test_plain_text_stays_as_it_is() -> None:
    assert keep("plain") == "plain"
    assert told(restore("plain", "plain"), GERMAN) == "plain"


def test_an_error_keeps_its_language() -> None:
    sentence = str(InvalidInput(say("Press Resume.")))
    assert sentence == "Press Resume."
    assert told(sentence, GERMAN) == "Drücken Sie „Fortsetzen“."


def test_an_amount_keeps_its_last_digit() -> None:
    assert told(money(2.5, "USD"), GERMAN) == "2,50 USD"
