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
    DEFAULT_TAKE_OVER,
    WORKSPACE,
)
from illumichat_sms_plugin.keeping_options import KeepingOptions
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.option_declarations import declare, for_admins, options_of
from illumichat_sms_plugin.option_kinds import (
    Amount,
    Countries,
    Lines,
    Number,
    Numbers,
    OwnWords,
    Switch,
)
from illumichat_sms_plugin.option_places import Section


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOptions(KeepingOptions):
    """What may be set about a channel beside its credentials, in the order of each part of the form: those of answering come first."""

    answer_to: str = declare(
        AnswerTo.EVERYBODY.value,
        Choice(
            label=say("Whom to answer"),
            help=say(
                "Everybody; only contacts of this workspace, who are looked up by their number; only the numbers "
                "below; or, on trial, only your test numbers below, until you choose something else. Other texts are "
                "recorded and get no answer."
            ),
            section=Section.LIMITS,
            labels=WHOM,
        ),
    )
    only_numbers: tuple[str, ...] = declare(
        (),
        Numbers(
            label=say("These numbers"),
            help=say(
                "One per line with + and the country code. They count only while Whom to answer says so."
            ),
            section=Section.LIMITS,
        ),
    )
    countries: tuple[str, ...] = declare(
        (),
        Countries(
            label=say("Countries"),
            help=say(
                "The countries whose numbers are answered: codes of two letters, one per line, such as US, CA"
                " or FR; * means every country. Empty means the country of your number; for a number that "
                "begins with +1, the United States and Canada. Premium, shared-cost and satellite numbers are"
                " never answered."
            ),
            section=Section.LIMITS,
        ),
    )
    answers_per_hour: int = declare(
        30,
        Number(
            label=say("Answers to one number an hour"),
            help=say(
                "A number that has had this many answers gets no more until the hour is over. The assistant "
                "is asked at most twice as often."
            ),
            section=Section.LIMITS,
            low=1,
            high=10_000,
        ),
    )
    answers_per_day: int = declare(
        100,
        Number(
            label=say("Answers to one number a day"),
            help=say("The same for 24 hours."),
            section=Section.LIMITS,
            low=1,
            high=100_000,
        ),
    )
    segments_per_day: int = declare(
        5_000,
        Number(
            label=say("Segments a day"),
            help=say(
                "What the channel sends in a day (UTC) to all numbers together. Then it pauses itself; from 80 % on "
                "this page warns."
            ),
            section=Section.LIMITS,
            low=1,
            high=100_000_000,
        ),
    )
    money_per_day: str | None = declare(
        None,
        Amount(
            label=say("Money a day"),
            help=say(
                "What answers may cost in a day (UTC), in your Twilio account's currency, such as 5.00. Then the "
                "channel pauses itself. Empty means no limit. A text is counted by what texts to its country cost "
                "you, and corrected when Twilio tells its price."
            ),
            section=Section.LIMITS,
        ),
    )
    money_per_month: str | None = declare(
        None,
        Amount(
            label=say("Money a month"),
            help=say("The same for the calendar month."),
            section=Section.LIMITS,
        ),
    )
    resume_by_itself: bool = declare(
        False,
        Switch(
            label=say("Go on by itself"),
            help=say(
                "A channel that a limit has paused goes on when the day or the month is over. Otherwise it waits for "
                "Resume."
            ),
            section=Section.LIMITS,
        ),
    )
    guidelines: str | None = declare(
        None,
        OwnWords(
            label=say("SMS guidelines for the assistant"),
            help=say(
                "Added to the assistant's own system prompt when it answers a text. For example: “Greet briefly, and "
                "sign off with our company name.” Empty means the usual ones."
            ),
            section=Section.WORDS,
            usual=DEFAULT_GUIDELINES,
            longest=4000,
            rows=8,
        ),
    )
    introduce: bool = declare(
        True,
        Switch(
            label=say("Introduce itself"),
            help=say(
                "The first answer to a number begins by saying what it is. The law asks for that in many places."
            ),
            section=Section.WORDS,
        ),
    )
    introduction: str | None = declare(
        None,
        OwnWords(
            label=say("Introduction"),
            help=say(
                "Said once to each number. {workspace} stands for your workspace's name. It counts towards Max "
                "Message Length. Empty means the usual one.",
                workspace=WORKSPACE,
            ),
            section=Section.WORDS,
            usual=DEFAULT_INTRODUCTION,
            longest=160,
            rows=2,
        ),
    )
    tell_of_take_over: bool = declare(
        False,
        Switch(
            label=say("Tell the texter of a take-over"),
            help=say(
                "When a person takes a session over, the texter is told so with one text, once in a conversation. It "
                "costs as every text does."
            ),
            section=Section.WORDS,
        ),
    )
    take_over_text: str | None = declare(
        None,
        OwnWords(
            label=say("Take-over text"),
            help=say("What the texter is told in that case. Empty means the usual one."),
            section=Section.WORDS,
            usual=DEFAULT_TAKE_OVER,
            longest=320,
            rows=2,
        ),
    )
    apology: str | None = declare(
        None,
        OwnWords(
            label=say("Apology"),
            help=say(
                "Sent to a texter when the assistant cannot answer after several tries, and not again for a while. "
                "Empty means the usual one."
            ),
            section=Section.WORDS,
            usual=DEFAULT_APOLOGY,
            longest=320,
            rows=2,
        ),
    )
    confirmation: str | None = declare(
        None,
        OwnWords(
            label=say("Opt-out confirmation"),
            help=say(
                "Sent once, within five minutes, to a texter who asks in plain words for no more texts. After"
                " STOP and the like Twilio sends its own, and this one is not sent. Empty means the usual "
                "one."
            ),
            section=Section.WORDS,
            usual=DEFAULT_CONFIRMATION,
            longest=320,
            rows=2,
        ),
    )
    clarification: str | None = declare(
        None,
        OwnWords(
            label=say("Clarifying text"),
            help=say(
                "Sent instead of an answer to a text that may ask for no more texts, such as “stop the reminders”. "
                "The next text decides. Empty means the usual one."
            ),
            section=Section.WORDS,
            usual=DEFAULT_CLARIFICATION,
            longest=320,
            rows=2,
        ),
    )
    opt_out_words: tuple[str, ...] = declare(
        (),
        Lines(
            label=say("Further opt-out words"),
            help=say(
                "STOP, UNSUBSCRIBE, CANCEL, END, QUIT and plain wishes such as “stop texting me” always end the "
                "texts to a number. Add words of your texters' languages, such as ARRET or PARAR, one per line."
            ),
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
