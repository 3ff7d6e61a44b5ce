"""Texts that the plugin answers by itself: wishes to be left alone, cut answers, texts to a number that is not ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from demo.history.words import FORMER_NUMBER, LONG_ANSWER, UNCLEAR_WISHES, WISHES
from illumichat_sms_plugin.default_words import DEFAULT_CLARIFICATION, DEFAULT_CONFIRMATION
from illumichat_sms_plugin.models import NoReply
from illumichat_sms_plugin.text.more_words import more_hint
from illumichat_sms_plugin.text.opt_out.find_wish import find_wish

if TYPE_CHECKING:
    from demo.history.traffic import Text, Texter, Town

SOON = timedelta(seconds=2)
A_WHILE = timedelta(seconds=50)
ASKS_FOR_MORE = 0.6
"""So many of those whose answer was cut want the rest."""


def plain_wish(town: Town, at: datetime, texter: Texter, body: str | None = None) -> Iterator[Text]:
    """No more texts, in words of the texter's own; confirmed once."""
    texter.opted_out_at = at
    texter.consent.append(("opt_out", at))
    yield town.inbound(at, texter, body or town.dice.choice(WISHES), NoReply.PLAIN_WISH)
    yield town.outbound(at + SOON, texter, DEFAULT_CONFIRMATION, "confirm")


def unclear_wish(town: Town, at: datetime, texter: Texter) -> Iterator[Text]:
    """Clarified; the next text decides."""
    first, second = town.dice.choice(UNCLEAR_WISHES)
    text = town.inbound(at, texter, first, NoReply.UNCLEAR_WISH)
    text.answer = town.outbound(at + SOON, texter, DEFAULT_CLARIFICATION, "clarify")
    yield from (text, text.answer)
    if find_wish(second) is not None:
        yield from plain_wish(town, at + A_WHILE, texter, second)
    else:
        yield from town.turn(at + A_WHILE, texter, second, "All right, you still get it.", None)


def long_answer(town: Town, at: datetime, texter: Texter) -> Iterator[Text]:
    """Cut at Max Message Length, with the rest on MORE."""
    question, said, rest = LONG_ANSWER
    asked, answer = town.turn(at, texter, question, f"{said}\n{more_hint(said)}", None)
    yield from (asked, answer)
    answer.rest = rest
    if answer.send_state != "accepted" or town.dice.random() > ASKS_FOR_MORE:
        return
    more, answer.rest_sent_as = town.turn(answer.at + A_WHILE, texter, "MORE", rest, None)
    answer.rest_sent_as.kind = "more"
    yield from (more, answer.rest_sent_as)


def wrong_number(town: Town, at: datetime, texter: Texter) -> Iterator[Text]:
    """A text to a number that Twilio says is not the account's."""
    text = town.inbound(at, texter, "Is this still the repair shop?", NoReply.NOT_OUR_NUMBER)
    text.our_number = FORMER_NUMBER
    yield text
