"""One step of a round: look, decide, and record what must be known before the assistant or Twilio is called.

All in one transaction: the attempt is counted before the assistant is asked, and the row is committed
before Twilio is called.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.answering import attempts, person_texts
from illumichat_sms_plugin.services.answering.asleep import fall_asleep, wake
from illumichat_sms_plugin.services.answering.chat_log import (
    ChatLog,
    Entry,
    leave_out_next,
    read_unfiled,
)
from illumichat_sms_plugin.services.answering.conversations import beginning, end_conversation, starts_anew
from illumichat_sms_plugin.services.answering.decide import decide
from illumichat_sms_plugin.services.answering.drafting import draft_for, with_answer
from illumichat_sms_plugin.services.answering.look import look_again, take_up
from illumichat_sms_plugin.services.answering.moves import (
    Ask,
    Because,
    Close,
    Confirm,
    Finish,
    Hold,
    Say,
    Send,
    SendByPerson,
    SendRest,
    Suggest,
    Wait,
    Withhold,
)
from illumichat_sms_plugin.services.answering.open_texts import ANY, close_texts
from illumichat_sms_plugin.services.answering.outgoing import Outgoing
from illumichat_sms_plugin.services.answering.reserve import reserve
from illumichat_sms_plugin.services.answering.send_message import (
    asking_lease,
    longest_lease,
    sending_lease,
    start_send,
)
from illumichat_sms_plugin.services.answering.situation import LONGEST_HELD, AnswerInHand, Situation
from illumichat_sms_plugin.services.answering.suggesting import (
    Why,
    keep_suggestion,
    lapse,
    set_aside_withheld,
)
from illumichat_sms_plugin.services.answering.taking_over import (
    let_a_person_answer,
    note_silence_of_the_host,
    note_voice_of_the_host,
)
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.leases import SessionLease, new_lease, release, take_locked

logger = logging.getLogger("illumichat_sms.answer")

_LEFT = select(ANY.label("texts"), person_texts.NEXT_ID.scalar_subquery().label("person_text"))
SUSPECT_PAUSE = 5.0
"""Seconds that a further suspect waits for its turn."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round of work for a session."""

    runtime: Runtime
    lease: SessionLease
    chat: ChatLog

    @classmethod
    def of(cls, runtime: Runtime, session_id: int) -> Round:
        """A new one."""
        lease = new_lease(session_id)
        return cls(runtime, lease, ChatLog(runtime, lease))


@dataclass(frozen=True, slots=True)
class Step:
    """What was seen and decided, and what was written or read for it."""

    situation: Situation
    move: Wait | Say | Confirm | SendByPerson | SendRest | Ask | Hold | Send | Finish
    entries: tuple[Entry, ...] = ()
    """What the chat lacks, when it is to be brought up to date: before the assistant is asked, and with its answer."""
    outgoing: Outgoing | None = None
    """The message that is committed, when one is to be sent."""

    @property
    def channel(self) -> Channel:
        """That of a move that needs one."""
        assert self.situation.channel is not None  # noqa: S101 - nothing but waiting is decided without one
        return self.situation.channel

    @property
    def answer(self) -> AnswerInHand:
        """That of a move that has one."""
        assert self.situation.answer is not None  # noqa: S101 - nothing is held without one
        return self.situation.answer

    @property
    def attempt(self) -> int:
        """How many attempts there were, this one counted."""
        return self.situation.session.attempts + (self.situation.answer is None)


def first_step(work: Round, my_turn: Callable[[], bool]) -> Step | None:
    """Take the session up; None while another worker has it."""
    with transaction() as connection:
        situation = take_up(connection, work.runtime, work.lease, longest=longest_lease(work.runtime))
        if situation is None:
            return None
        if situation.session.crashed:
            situation = replace(situation, my_turn=my_turn())
        if (first := beginning(situation)) is not None:
            situation = end_conversation(connection, situation, first)
        elif starts_anew(situation):
            situation = end_conversation(connection, situation, None)
        return _step(connection, work, situation)


def next_step(work: Round, answer: AnswerInHand) -> Step:
    """Go on with an answer in hand; SessionLost when the session is no longer ours."""
    with transaction() as connection:
        ttl = sending_lease(work.runtime)
        situation = look_again(connection, work.runtime, work.lease, ttl=ttl, answer=answer)
        _note_who_answers(connection, situation, answer)
        return _step(connection, work, situation)


def _note_who_answers(connection: Connection, situation: Situation, answer: AnswerInHand) -> None:
    """The host's reply tells: a person, if the assistant hands off or is silent; otherwise the assistant again."""
    session = situation.session
    if session.taken_over or answer.stranger:
        return
    if answer.handoff:
        let_a_person_answer(connection, session.id, by=None, why=answer.handoff)
    elif answer.text is None and not session.silent_host:
        note_silence_of_the_host(connection, session.id)
    elif answer.text is not None and session.silent_host:
        note_voice_of_the_host(connection, session.id)


@dataclass(frozen=True, slots=True)
class Left:
    """What is left at the end of a round: open texts, and the first that people have written."""

    texts: bool
    person_text: int | None


def give_back(work: Round) -> Left:
    """End the round; returns what is left.

    The job of a text that came before this may have found the session taken and given up. A text that comes later
    waits for the lock that the release takes, and its job finds the session free.
    """
    with transaction() as connection:
        release(connection, work.lease)
        work.chat.note(connection)
        row = connection.execute(_LEFT, {"session": work.lease.session_id}).one()
        return Left(row.texts, row.person_text)


def _step(connection: Connection, work: Round, situation: Situation) -> Step:
    while isinstance(move := decide(situation), Close | Withhold | Suggest):
        if isinstance(move, Withhold):
            person_texts.note_refused(connection, move.text.id, move.reason)
            set_aside_withheld(connection, situation, move.text.id, move.reason)
            situation = replace(situation, person_text=None)
            continue
        if isinstance(move, Suggest):
            keep_suggestion(connection, situation, move)
        else:
            _close(connection, situation, move)
        situation = situation.without(move.texts)
    if situation.answer is None and not isinstance(move, Ask | Finish):
        ttl, crashed = work.runtime.settings.lease_ttl, situation.session.crashed
        take_locked(connection, work.lease, ttl, crashed=crashed)
    if isinstance(move, Confirm | SendByPerson | Say | SendRest | Send):
        draft = draft_for(work.chat, situation, move)
        reserved = reserve(connection, work.runtime, situation, draft)
        if reserved is None:
            return _step(connection, work, situation.paused())
        work.chat.note(connection, but=move.texts if draft.filed and not isinstance(move, Confirm) else ())
        files = isinstance(move, Send | SendRest | SendByPerson)
        lacking = read_unfiled(connection, situation.session.id) if files else []
        outgoing = start_send(connection, work.runtime, work.lease, reserved, situation.now)
        entries = with_answer(lacking, outgoing, reserved) if files else ()
        return Step(situation, move, entries, outgoing)
    if situation.is_asleep and isinstance(move, Ask):
        wake(connection, situation)
    work.chat.note(connection)
    if isinstance(move, Wait):
        if move.because is Because.OTHER_SUSPECT:
            attempts.put_off(connection, work.lease, SUSPECT_PAUSE)
        if move.because is Because.FURTHER_TEXTS:
            attempts.put_off_anew(connection, work.lease, situation.quiet_in - LONGEST_HELD)
        return Step(situation, move)
    if isinstance(move, Hold):
        attempts.go_on(connection, work.lease, move.seconds + sending_lease(work.runtime), calls=0)
        return Step(situation, move)
    return Step(situation, move, entries=_begin(connection, work, situation, move))


def _close(connection: Connection, situation: Situation, move: Close) -> None:
    session_id = situation.session.id
    if move.reason is NoReply.RATE_LIMITED:
        logger.warning("session %s: too many answers in an hour, it may be a machine", session_id)
    if move.reason is NoReply.MACHINE:
        fall_asleep(connection, situation, move)
    if move.reason is NoReply.ASSISTANT_FAILED:
        logger.error("session %s: gave up on %s texts", session_id, len(move.texts))
    close_texts(connection, move.texts, move.reason, situation.now)


def _begin(
    connection: Connection, work: Round, situation: Situation, move: Ask | Finish
) -> tuple[Entry, ...]:
    """Count the attempt, and read what the chat lacks: filing may kill a worker just as asking may."""
    session = situation.session
    if isinstance(move, Finish):
        if situation.is_finished:
            return ()
        if session.crashed and session.attempts >= situation.limits.attempts:
            leave_out_next(connection, session.id)
    ttl, calls = asking_lease(work.runtime), int(isinstance(move, Ask))
    if session.suggested and isinstance(move, Ask):
        lapse(connection, session.id, Why.NEW_TEXT)
    if situation.answer is None:
        attempts.begin(connection, work.lease, ttl, crashed=session.crashed, calls=calls)
    else:
        attempts.go_on(connection, work.lease, ttl, calls=calls)
    return tuple(read_unfiled(connection, session.id))
