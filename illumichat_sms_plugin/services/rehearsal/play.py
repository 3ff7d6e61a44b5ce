"""What happens to a text of a rehearsal: read, judged and decided by the same functions as one of a phone. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.phone_number import parse_sender
from illumichat_sms_plugin.services.answering.decide import decide
from illumichat_sms_plugin.services.answering.drafting import words_for
from illumichat_sms_plugin.services.answering.loops import TURNS, Turn
from illumichat_sms_plugin.services.answering.moves import (
    Ask,
    Close,
    Confirm,
    PluginWords,
    Say,
    Send,
    SendRest,
    Suggest,
    Wait,
)
from illumichat_sms_plugin.services.answering.situation import (
    AnswerInHand,
    Limits,
    OpenSession,
    OpenText,
    Situation,
    StoredRest,
)
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.inbound.judge import after_clarifying, judge
from illumichat_sms_plugin.services.rehearsal.lines import SENT, Kind, Line, Memory
from illumichat_sms_plugin.text.more_words import asks_for_more
from illumichat_sms_plugin.text.segments import count_segments
from illumichat_sms_plugin.twilio_gateway.webhook_forms import InboundText

SETTLED = timedelta(hours=1)
"""Nobody waits for further texts here: the text counts as the last one."""
WISHES = ("opt_out", "maybe_opt_out")


@dataclass(frozen=True, slots=True)
class Play:
    """A rehearsal at one moment."""

    channel: Channel
    number: str
    """The texter's, E.164."""
    limits: Limits
    now: datetime
    memory: Memory
    lines: tuple[Line, ...] = ()
    is_a_channel: bool = False
    """The number belongs to a channel here."""
    is_stranger: bool = False
    """The channel answers contacts only, and the number is none's."""
    is_open: bool = False
    """The last text waits for its answer."""
    is_unclear: bool = False
    """It may be a wish for no more texts."""
    asks: bool = False
    """The assistant is to be asked now."""

    def add(self, line: Line) -> Play:
        """With one more line."""
        return replace(self, lines=(*self.lines, line))

    def note(self, kind: Kind, **words: str) -> Play:
        """With one more line of this kind."""
        return self.add(Line(kind, self.now, **words))


def switched_on(channel: Channel) -> Channel:
    """The channel as it is when nothing about itself keeps it from answering: a rehearsal sends nothing."""
    options = replace(channel.options, enabled=True)
    return replace(channel, options=options, paused=None, is_confirmed=True, attention_code=None)


def hear(play: Play, body: str) -> Play:
    """The texter says ``body``: all that follows from it before the assistant says anything."""
    text = InboundText(
        message_sid="",
        sender=parse_sender(play.number),
        to_number=play.channel.phone_number,
        body=body,
        segments=count_segments(body).segments,
        media=(),
        opt_out_type=None,
    )
    was_out = play.memory.opted_out
    reading, reason = judge(play.channel, text)[was_out]
    meaning: str = reading.meaning
    memory = play.memory
    if memory.clarified:
        memory = replace(memory, clarified=False)
        meaning, reason = after_clarifying(meaning, reason)
    is_consent = meaning in ("opt_out", "opt_in") and reason in (NoReply.KEYWORD, NoReply.PLAIN_WISH)
    if is_consent:
        memory = replace(memory, opted_out=meaning == "opt_out")
    wish = reading if reading.meaning in WISHES else None
    said = Line(
        Kind.TEXT, play.now, body, wish_rule=wish.rule if wish else "", wish_words=wish.words if wish else ""
    )
    play = replace(
        play.add(said), memory=memory, is_open=reason is None, is_unclear=meaning == "maybe_opt_out"
    )
    if reason is not None:
        play = play.note(Kind.NO_ANSWER, reason=reason.value)
    return go_on(play, confirms=is_consent and not was_out and reason is NoReply.PLAIN_WISH)


def go_on(
    play: Play, *, answer: AnswerInHand | None = None, confirms: bool = False, gives_up: bool = False
) -> Play:
    """Do what is decided until nothing is left to do, or the assistant is to be asked (``asks``)."""
    play = replace(play, asks=False)
    while True:
        move = decide(_situation(play, answer=answer, confirms=confirms, gives_up=gives_up))
        if isinstance(move, Ask):
            return replace(play, asks=True)
        if isinstance(move, Close):
            play = replace(play.note(Kind.NO_ANSWER, reason=move.reason.value), is_open=False)
        elif isinstance(move, Suggest):
            play = _send(play.note(Kind.SUGGESTED), Send(move.body, move.texts, move.rest), answer)
        elif isinstance(move, Confirm | Say | SendRest | Send):
            play, confirms = _send(play, move, answer), False
        else:
            return play.note(Kind.WAITS, reason=move.because.value) if isinstance(move, Wait) else play


def open_text(play: Play) -> int:
    """The id of the last text."""
    return max(place for place, line in enumerate(play.lines, 1) if line.kind is Kind.TEXT)


def _send(play: Play, move: Confirm | Say | SendRest | Send, answer: AnswerInHand | None) -> Play:
    said = words_for(play.channel, move)
    kind = _kind_of(move)
    memory = play.memory
    if isinstance(move, Send | SendRest):
        introduced = memory.introduced or (answer is not None and answer.introduces)
        memory = replace(memory, introduced=introduced, rest=said.rest)
    if kind is Kind.CLARIFICATION:
        memory = replace(memory, clarified=True)
    play = play.note(kind, body=said.shown, rest=said.rest)
    return replace(play, memory=memory, is_open=play.is_open and isinstance(move, Confirm))


def _kind_of(move: Confirm | Say | SendRest | Send) -> Kind:
    if isinstance(move, Say):
        return Kind.CLARIFICATION if move.words is PluginWords.CLARIFICATION else Kind.APOLOGY
    if isinstance(move, Confirm):
        return Kind.CONFIRMATION
    return Kind.MORE if isinstance(move, SendRest) else Kind.ANSWER


def _situation(play: Play, *, answer: AnswerInHand | None, confirms: bool, gives_up: bool) -> Situation:
    """What a worker would see."""
    body = play.lines[open_text(play) - 1].body
    more = asks_for_more(body)
    text = OpenText(
        id=open_text(play),
        to_number=play.channel.phone_number,
        created_at=play.now - SETTLED,
        asked_at=play.now,
        unclear=play.is_unclear,
        asks_for_more=more,
    )
    return Situation(
        now=play.now,
        session=OpenSession(
            id=0,
            channel_id=play.channel.id,
            phone_number=play.number,
            contact_id=None if play.is_stranger else "known",
            opted_out=play.memory.opted_out,
            introduced=play.memory.introduced,
            attempts=play.limits.attempts if gives_up else 0,
            confirm_from=play.channel.phone_number if confirms else None,
            confirm_for=300.0 if confirms else 0.0,
        ),
        channel=play.channel,
        texts=(text,) if play.is_open else (),
        turns=() if answer is not None else _turns(play.lines),
        texter_is_a_channel=play.is_a_channel,
        answers_last_hour=0,
        unfinished_send=False,
        unfiled=False,
        limits=play.limits,
        answer=answer,
        rest=StoredRest(0, play.memory.rest) if play.memory.rest and more else None,
    )


def _turns(lines: Sequence[Line]) -> tuple[Turn, ...]:
    return tuple(
        Turn(place, line.kind is Kind.TEXT, line.at, line.body)
        for place, line in enumerate(lines, 1)
        if line.kind is Kind.TEXT or line.kind in SENT
    )[-TURNS:]
