"""Why a text gets no answer of the assistant: every reason, and the rules that are known before anybody is asked.

Two ask the rules. The webhook asks when a text comes and knows the text; whoever is about to answer
asks again and knows the moment. Each says what it knows in :class:`Facts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from illumichat_sms_plugin.destinations import Destination
from illumichat_sms_plugin.phone_number import SenderKind


class NoReply(StrEnum):
    """Why an inbound text got no answer of the assistant."""

    DISABLED = "disabled"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    NOT_ALLOWED = "not_allowed"
    KEYWORD = "keyword"
    PLAIN_WISH = "plain_wish"
    UNCLEAR_WISH = "unclear_wish"
    NOT_A_PHONE = "not_a_phone"
    OWN_NUMBER = "own_number"
    STALE = "stale"
    REACTION = "reaction"
    AUTO_REPLY = "auto_reply"
    PAUSED = "paused"
    MACHINE = "machine"
    COUNTRY = "country"
    COSTLY_NUMBER = "costly_number"
    RATE_LIMITED = "rate_limited"
    TAKEN_OVER = "taken_over"
    DISCARDED = "discarded"
    LAPSED = "lapsed"
    ASSISTANT_FAILED = "assistant_failed"
    SEND_FAILED = "send_failed"
    NOT_CONNECTED = "not_connected"
    NOT_OUR_NUMBER = "not_our_number"
    TEST = "test"


UNFILED = (NoReply.NOT_A_PHONE, NoReply.OWN_NUMBER, NoReply.TEST)
"""Texts that are no part of a conversation: recorded, not filed in the host's chat, and no worker is bothered.

An index of the database names them in this order; a further one needs a migration."""
FOR_THE_ASSISTANT = frozenset({"message", "maybe_opt_out"})
"""What a text may mean so that it gets an answer."""
AFTER_TRYING = frozenset(
    {NoReply.ASSISTANT_FAILED, NoReply.SEND_FAILED, NoReply.UNCLEAR_WISH, NoReply.DISCARDED, NoReply.LAPSED}
)
"""What deciding or trying to answer may end with; no rule can tell it before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a text. A default stands for "not known yet" and keeps nothing from being answered."""

    # The text itself.
    sender: SenderKind = SenderKind.PHONE
    from_own_number: bool = False
    is_test: bool = False
    meaning: str = "message"
    """What ``classify`` finds in it."""
    twilio_confirms: bool = True
    """Of an opt-out: Twilio itself tells the texter."""
    is_allowed: bool = True
    """False where the channel answers only some, and the sender is none of them."""
    destination: Destination = Destination.ANSWERED
    """What its sender's country is to the channel."""
    is_reaction: bool = False
    is_auto_reply: bool = False
    """A phone or a mailbox sent it by itself: somebody drives, or is out of the office."""
    # The moment.
    is_stale: bool = False
    connected: bool = True
    our_number: bool = True
    """False once Twilio has said that the account does not own the number that was texted."""
    enabled: bool = True
    paused: bool = False
    """A person or a limit has stopped the channel's sending, or an operator that of all."""
    opted_out: bool = False
    blocked: bool = False
    """An admin has blocked the sender, who may still wish for texts."""
    looks_like_a_machine: bool = False
    """Say the texts before it: see loops.py."""
    answers_left: bool = True
    """Whether its sender may get one more answer within the hour."""
    taken_over: bool = False
    """A person answers in the assistant's place, says the host."""


RULES: tuple[tuple[NoReply, Callable[[Facts], bool]], ...] = (
    (NoReply.TEST, lambda text: text.is_test),
    (NoReply.NOT_A_PHONE, lambda text: text.sender is not SenderKind.PHONE),
    (NoReply.OWN_NUMBER, lambda text: text.from_own_number),
    (NoReply.PLAIN_WISH, lambda text: text.meaning == "opt_out" and not text.twilio_confirms),
    (NoReply.KEYWORD, lambda text: text.meaning not in FOR_THE_ASSISTANT),
    (NoReply.STALE, lambda text: text.is_stale),
    (NoReply.NOT_CONNECTED, lambda text: not text.connected),
    (NoReply.NOT_OUR_NUMBER, lambda text: not text.our_number),
    (NoReply.OPTED_OUT, lambda text: text.opted_out),
    (NoReply.BLOCKED, lambda text: text.blocked),
    (NoReply.DISABLED, lambda text: not text.enabled),
    (NoReply.PAUSED, lambda text: text.paused),
    (NoReply.COSTLY_NUMBER, lambda text: text.destination is Destination.COSTLY),
    (NoReply.COUNTRY, lambda text: text.destination is Destination.OTHER_COUNTRY),
    (NoReply.NOT_ALLOWED, lambda text: not text.is_allowed),
    (NoReply.REACTION, lambda text: text.is_reaction),
    (NoReply.AUTO_REPLY, lambda text: text.is_auto_reply),
    (NoReply.TAKEN_OVER, lambda text: text.taken_over),
    (NoReply.MACHINE, lambda text: text.looks_like_a_machine),
    (NoReply.RATE_LIMITED, lambda text: not text.answers_left),
)
"""The first that applies is the reason."""


def why_no_reply(text: Facts) -> NoReply | None:
    """The reason why this text gets no answer, or None when nothing speaks against one."""
    return next((reason for reason, applies in RULES if applies(text)), None)
