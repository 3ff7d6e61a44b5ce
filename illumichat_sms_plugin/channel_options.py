"""The options of a channel, each defined once.

Column, form, JSON API and its OpenAPI document, audit, the question after a conflict, ``flask sms options`` and the
channel that the pipeline works with are derived from these fields: docs/decisions/one-definition-of-an-option.md.
CONTRIBUTING says how to add one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from illumichat_sms_plugin.choices import WHOM, AnswerTo, Choice
from illumichat_sms_plugin.default_words import (
    DEFAULT_APOLOGY,
    DEFAULT_CLARIFICATION,
    DEFAULT_CONFIRMATION,
    DEFAULT_GUIDELINES,
    DEFAULT_INTRODUCTION,
    WORKSPACE,
)
from illumichat_sms_plugin.option_declarations import declare, for_admins, options_of
from illumichat_sms_plugin.option_kinds import (
    Amount,
    Countries,
    Length,
    Lines,
    Number,
    Numbers,
    OwnWords,
    Section,
    Switch,
)

MIN_MESSAGE_LENGTH = 50
MAX_MESSAGE_LENGTH = 1600
"""Twilio refuses a longer Body: https://www.twilio.com/docs/api/errors/21617"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOptions:
    """What may be set about a channel beside its credentials, in the order of the form."""

    enabled: bool = declare(
        True,
        Switch(
            label="Enabled",
            help="Turn SMS on or off without losing anything. While it is off, texts are recorded but not answered.",
        ),
    )
    max_message_length: int = declare(
        MAX_MESSAGE_LENGTH,
        Length(
            label="Max Message Length",
            help=f"The most characters of one reply, {MIN_MESSAGE_LENGTH} to {MAX_MESSAGE_LENGTH}; a longer answer is cut at "
            "the end of a sentence. Up to 306, two segments, reads best on a phone and costs least.",
            low=MIN_MESSAGE_LENGTH,
            high=MAX_MESSAGE_LENGTH,
        ),
    )
    offer_more: bool = declare(
        True,
        Switch(
            label="Offer MORE",
            help="End an answer that was cut with a short hint in the texter's language. The rest goes out when the texter "
            "sends MORE, or the word of their language, within 24 hours, with the hint or without.",
        ),
    )
    wait_seconds: int = declare(
        2,
        Number(
            label="Wait for further texts",
            help="People write one question in several texts. So many seconds after the last one the answer goes out, three times "
            "as many where a text looks unfinished (“I have a question,”), and never more than 60. The assistant thinks meanwhile. "
            "0 answers at once.",
            low=0,
            high=60,
            unit="seconds",
            zero="no",
        ),
    )
    hand_back_after_hours: int = declare(
        0,
        Number(
            label="Hand back after",
            help="Hours after a person's last text when the assistant answers again by itself. 0 means never: somebody hands back.",
            low=0,
            high=720,
            unit="hours",
            zero="never",
        ),
    )
    new_chat_after_days: int = declare(
        30,
        Number(
            label="New chat after",
            help="Days of silence after which a text opens a new chat. The assistant then knows nothing of the old one: the number may have "
            "another owner. The session keeps all texts. 0 means never.",
            low=0,
            high=3650,
            unit="days",
            zero="never",
        ),
    )
    contact_matching: bool = declare(
        False,
        Switch(
            label="Contact Matching",
            help="Link a texter to the contact of this workspace that has the same phone number, so that you see who writes.",
        ),
    )
    auto_create_contacts: bool = declare(
        False,
        Switch(
            label="Auto-Create Contacts",
            help="Create a contact when an unknown number texts in. Known numbers are linked too, as with Contact Matching.",
        ),
    )
    answer_to: str = declare(
        AnswerTo.EVERYBODY.value,
        Choice(
            label="Whom to answer",
            help="Everybody; only contacts of this workspace, who are looked up by their number; only the numbers below; or, on "
            "trial, only your test numbers below, until you choose something else. Other texts are recorded and get no answer.",
            section=Section.LIMITS,
            labels=WHOM,
        ),
    )
    only_numbers: tuple[str, ...] = declare(
        (),
        Numbers(
            label="These numbers",
            help="One per line with + and the country code. They count only while Whom to answer says so.",
            section=Section.LIMITS,
        ),
    )
    countries: tuple[str, ...] = declare(
        (),
        Countries(
            label="Countries",
            help="Whose numbers are answered: codes of two letters, one per line, such as US, CA or FR; * means every country. "
            "Empty means the country of your number; for a number that begins with +1, the United States and Canada. "
            "Premium, shared-cost and satellite numbers are never answered.",
            section=Section.LIMITS,
        ),
    )
    answers_per_hour: int = declare(
        30,
        Number(
            label="Answers to one number an hour",
            help="A number that has got so many answers gets none until the hour is over. The assistant is asked at most twice as often.",
            section=Section.LIMITS,
            low=1,
            high=10_000,
        ),
    )
    answers_per_day: int = declare(
        100,
        Number(
            label="Answers to one number a day",
            help="The same for 24 hours.",
            section=Section.LIMITS,
            low=1,
            high=100_000,
        ),
    )
    segments_per_day: int = declare(
        5_000,
        Number(
            label="Segments a day",
            help="What the channel sends in a day (UTC) to all numbers together. Then it pauses itself; from 80 % on this page warns.",
            section=Section.LIMITS,
            low=1,
            high=100_000_000,
        ),
    )
    money_per_day: str | None = declare(
        None,
        Amount(
            label="Money a day",
            help="What answers may cost in a day (UTC), in your Twilio account's currency, such as 5.00. Then the channel pauses "
            "itself. Empty means no limit. A text is counted by what texts to its country cost you, and corrected when Twilio tells its price.",
            section=Section.LIMITS,
        ),
    )
    money_per_month: str | None = declare(
        None,
        Amount(
            label="Money a month",
            help="The same for the calendar month.",
            section=Section.LIMITS,
        ),
    )
    resume_by_itself: bool = declare(
        False,
        Switch(
            label="Go on by itself",
            help="A channel that a limit has paused goes on when the day or the month is over. Otherwise it waits for Resume.",
            section=Section.LIMITS,
        ),
    )
    guidelines: str | None = declare(
        None,
        OwnWords(
            label="SMS guidelines for the assistant",
            help="Added to the assistant's own system prompt when it answers a text. For example: “Greet briefly, and "
            "sign off with our company name.” Empty means the usual ones.",
            section=Section.WORDS,
            usual=DEFAULT_GUIDELINES,
            longest=4000,
            rows=8,
        ),
    )
    introduce: bool = declare(
        True,
        Switch(
            label="Introduce itself",
            help="The first answer to a number begins by saying what it is. The law asks for that in many places.",
            section=Section.WORDS,
        ),
    )
    introduction: str | None = declare(
        None,
        OwnWords(
            label="Introduction",
            help=f"Said once to each number. {WORKSPACE} stands for your workspace's name. It counts towards Max Message Length. "
            "Empty means the usual one.",
            section=Section.WORDS,
            usual=DEFAULT_INTRODUCTION,
            longest=160,
            rows=2,
        ),
    )
    apology: str | None = declare(
        None,
        OwnWords(
            label="Apology",
            help="Sent to a texter when the assistant cannot answer after several tries, and not again for a while. "
            "Empty means the usual one.",
            section=Section.WORDS,
            usual=DEFAULT_APOLOGY,
            longest=320,
            rows=2,
        ),
    )
    confirmation: str | None = declare(
        None,
        OwnWords(
            label="Opt-out confirmation",
            help="Sent once to who asks in plain words for no more texts, within five minutes. After STOP and the like "
            "Twilio sends its own, and this one is not sent. Empty means the usual one.",
            section=Section.WORDS,
            usual=DEFAULT_CONFIRMATION,
            longest=320,
            rows=2,
        ),
    )
    clarification: str | None = declare(
        None,
        OwnWords(
            label="Clarifying text",
            help="Sent instead of an answer to a text that may ask for no more texts, such as “stop the reminders”. "
            "The next text decides. Empty means the usual one.",
            section=Section.WORDS,
            usual=DEFAULT_CLARIFICATION,
            longest=320,
            rows=2,
        ),
    )
    opt_out_words: tuple[str, ...] = declare(
        (),
        Lines(
            label="Further opt-out words",
            help="STOP, UNSUBSCRIBE, CANCEL, END, QUIT and plain wishes such as “stop texting me” always end the texts to "
            "a number. Add words of your texters' languages, such as ARRET or PARAR, one per line.",
            section=Section.WORDS,
            most=50,
            longest=40,
        ),
    )

    @classmethod
    def of_row(cls, row: Any) -> Self:
        """The options that a row of ``sms_channels`` holds."""
        return cls(**{name: option.of_column(getattr(row, name)) for name, option in OPTIONS.items()})

    def values(self) -> dict[str, Any]:
        """Every option's value by its name."""
        return {name: getattr(self, name) for name in OPTIONS}


OPTIONS = options_of(ChannelOptions)
ADMIN_OPTIONS = for_admins(OPTIONS)
