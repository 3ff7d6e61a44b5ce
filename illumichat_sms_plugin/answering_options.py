"""The first of a channel's options, each defined once: how texts are answered. channel_options.py has the others."""

from __future__ import annotations

from dataclasses import dataclass

from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.option_declarations import declare
from illumichat_sms_plugin.option_kinds import Length, Number, Switch

MIN_MESSAGE_LENGTH = 50
MAX_MESSAGE_LENGTH = 1600
"""Twilio refuses a longer Body: https://www.twilio.com/docs/api/errors/21617"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweringOptions:
    """How texts are answered, in the order of the form."""

    enabled: bool = declare(
        True,
        Switch(
            label=say("Enabled"),
            help=say(
                "Turn SMS on or off without losing anything. While it is off, texts are recorded but not answered."
            ),
        ),
    )
    max_message_length: int = declare(
        MAX_MESSAGE_LENGTH,
        Length(
            label=say("Max Message Length"),
            help=say(
                "The most characters of one reply, {low} to {high}; a longer answer is cut at the end of a sentence. "
                "Up to 306, two segments, reads best on a phone and costs least.",
                low=MIN_MESSAGE_LENGTH,
                high=str(MAX_MESSAGE_LENGTH),
            ),
            low=MIN_MESSAGE_LENGTH,
            high=MAX_MESSAGE_LENGTH,
        ),
    )
    offer_more: bool = declare(
        True,
        Switch(
            label=say("Offer MORE"),
            help=say(
                "End an answer that was cut with a short hint in the texter's language. The rest goes out when the "
                "texter sends MORE, or the word of their language, within 24 hours, with the hint or without."
            ),
        ),
    )
    wait_seconds: int = declare(
        2,
        Number(
            label=say("Wait for further texts"),
            help=say(
                "People write one question in several texts. The answer goes out this many seconds after the "
                "last one, three times as many if a text looks unfinished (“I have a question,”), and 60 at "
                "most. The assistant already thinks meanwhile. 0 answers at once."
            ),
            low=0,
            high=60,
            unit=say("seconds"),
            zero=say("no"),
        ),
    )
    hand_back_after_hours: int = declare(
        0,
        Number(
            label=say("Hand back after"),
            help=say(
                "Hours after a person's last text when the assistant answers again by itself. 0 means never: "
                "somebody hands back."
            ),
            low=0,
            high=720,
            unit=say("hours"),
            zero=say("never"),
        ),
    )
    suggest_answers: bool = declare(
        False,
        Switch(
            label=say("Suggest answers"),
            help=say(
                "The assistant only suggests its answers: each waits on the session's page until a person "
                "sends, edits or discards it. A further text gets a new suggestion."
            ),
        ),
    )
    new_chat_after_days: int = declare(
        30,
        Number(
            label=say("New chat after"),
            help=say(
                "Days of silence after which a text opens a new chat. The assistant then knows nothing of the old "
                "one: the number may have another owner. The session keeps all texts. 0 means never."
            ),
            low=0,
            high=3650,
            unit=say("days"),
            zero=say("never"),
        ),
    )
    contact_matching: bool = declare(
        False,
        Switch(
            label=say("Contact Matching"),
            help=say(
                "Link a texter to the contact of this workspace that has the same phone number, so that you see who "
                "writes."
            ),
        ),
    )
    auto_create_contacts: bool = declare(
        False,
        Switch(
            label=say("Auto-Create Contacts"),
            help=say(
                "Create a contact when an unknown number texts in. Known numbers are linked too, as with Contact "
                "Matching."
            ),
        ),
    )
