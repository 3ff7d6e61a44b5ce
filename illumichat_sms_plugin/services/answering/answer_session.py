"""Bring one session up to date: look, decide, act, until there is nothing more to do now.

A job may be lost, doubled or late: each round reads from the database what there is to do, and the
session's lease makes sure that only one worker does it. A step (step.py) is one transaction. None is open while the
assistant, the host's chat or Twilio is called.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import assert_never

from illumichat_sms_plugin.host import AssistantUnavailable
from illumichat_sms_plugin.models.database import DATABASE_AWAY, discreet_errors, transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.answering import attempts
from illumichat_sms_plugin.services.answering.asking import Said, ask_assistant, request_for
from illumichat_sms_plugin.services.answering.chat_log import Entry, read_unfiled
from illumichat_sms_plugin.services.answering.contacts import is_stranger, link_contact
from illumichat_sms_plugin.services.answering.introduction import is_due
from illumichat_sms_plugin.services.answering.moves import (
    Ask,
    Because,
    Confirm,
    Finish,
    Hold,
    Say,
    Send,
    SendByPerson,
    SendRest,
    Wait,
)
from illumichat_sms_plugin.services.answering.other_texts import look_up
from illumichat_sms_plugin.services.answering.send_message import TOKEN_UNREADABLE, MayNotSend, deliver
from illumichat_sms_plugin.services.answering.situation import AnswerInHand
from illumichat_sms_plugin.services.answering.step import Round, Step, first_step, give_back, next_step
from illumichat_sms_plugin.services.channels import LOOK_AT_UNREADABLE, note_attention
from illumichat_sms_plugin.services.further_numbers import look_at_numbers
from illumichat_sms_plugin.services.leases import SessionLost

logger = logging.getLogger("illumichat_sms.answer")

SUSPECTS = threading.Lock()
"""Held while a session is tried again after its worker died.

A session that kills its worker takes down everything else that the process was answering, and all of these come
back together. When they are tried one at a time, only the culprit goes on losing attempts.
"""
FILING_PAUSE = 60.0
"""Seconds before a message that the host's chat did not accept is offered again."""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The assistant, or the host's chat, failed. ``pause`` is how long it asks to be left alone (seconds)."""

    pause: float = 0.0


def answer_session(runtime: Runtime, session_id: int) -> bool:
    """One round of work for a session; enqueues another when texts are left.

    Returns whether there was anything to do here and now.
    """
    work = Round.of(runtime, session_id)
    with _one_suspect_at_a_time() as my_turn:
        step = first_step(work, my_turn)
        if step is None:
            return False
        more = True
        try:
            more = _act(work, step)
        except (SessionLost, MayNotSend):
            logger.info("session %s: another worker or an opt-out came first", session_id)
        except DATABASE_AWAY:
            attempts.take_back(runtime, work.lease)
            raise
        finally:
            left = give_back(work)
    seen = step.situation.person_text
    unseen = left.person_text is not None and (seen is None or left.person_text != seen.id)
    if (more and (left.texts or left.person_text is not None)) or unseen:
        runtime.queue.answer_session(session_id, step.situation.session.channel_id)
    return not (isinstance(step.move, Wait) or (isinstance(step.move, Finish) and step.situation.is_finished))


@contextmanager
def _one_suspect_at_a_time() -> Iterator[Callable[[], bool]]:
    """Yields a function that says whether a suspect may be tried now. Nobody waits for a turn."""
    held = False

    def my_turn() -> bool:
        nonlocal held
        held = held or SUSPECTS.acquire(blocking=False)
        return held

    try:
        yield my_turn
    finally:
        if held:
            SUSPECTS.release()


def _act(work: Round, step: Step) -> bool:
    """Returns whether another round may find something that can be done now."""
    while isinstance(step.move, Ask | Hold):
        if isinstance(step.move, Hold):
            time.sleep(step.move.seconds)
            step = next_step(work, step.answer)
            continue
        answer = _ask(work, step)
        if isinstance(answer, NoAnswer):
            return attempts.plan_retry(work.runtime, work.lease, step.attempt, at_least=answer.pause)
        step = next_step(work, answer)
    channel = step.situation.channel
    match step.move:
        case Wait(Because.TOKEN_UNREADABLE) if channel is not None:
            note_attention(channel, TOKEN_UNREADABLE, look_in=LOOK_AT_UNREADABLE)
            return False
        case Wait(Because.NUMBER_UNKNOWN) if channel is not None:
            return look_at_numbers(work.runtime, channel.id) > 0
        case Wait():
            return False
        case Finish():
            return _finish(work, step)
        case Say() | Send() | SendByPerson() | SendRest() | Confirm():
            _send(work, step)
            return True
        case _:
            assert_never(step.move)


def _ask(work: Round, step: Step) -> AnswerInHand | NoAnswer:
    """What the assistant says to the open texts."""
    before = step.situation.answer
    try:
        with discreet_errors():
            if is_stranger(work.runtime, step.channel, step.situation.session):
                return AnswerInHand(None, _open_ids(step), stranger=True)
            said = _call_assistant(work, step)
    except DATABASE_AWAY:
        raise
    except AssistantUnavailable as error:
        logger.warning("session %s: the assistant is not available: %s", step.situation.session.id, error)
        return NoAnswer(error.retry_after)
    except Exception:  # the host's code may raise anything, and the texter must hear from us anyway
        logger.exception("session %s: the assistant could not answer", step.situation.session.id)
        return NoAnswer()
    restarts = before.restarts + 1 if before else 0
    introduces = is_due(step.channel, step.situation.session)
    cut = said.cut
    rest = cut.rest if cut else ""
    shown = cut and cut.shown
    return AnswerInHand(
        shown, _open_ids(step), restarts, rest, introduces, said.handoff, media_url=said.media_url
    )


def _open_ids(step: Step) -> frozenset[int]:
    return frozenset(text.id for text in step.situation.texts)


def _call_assistant(work: Round, step: Step) -> Said:
    """What the assistant says, once the chat has what it is asked about."""
    channel, session, texted = step.channel, step.situation.session, step.situation.answerable
    contact = link_contact(work.runtime, channel, session)
    sender = step.situation.sender(texted[-1].to_number if texted else None)
    chat_id = work.chat.write(channel, session, _entries(work, step, sender), contact)
    request = request_for(
        work.runtime, channel, chat_id=chat_id, contact=contact, number=session.phone_number
    )
    return ask_assistant(
        work.runtime,
        channel,
        request,
        sender=sender,
        introduces=is_due(channel, session),
    )


def _entries(work: Round, step: Step, sender: str) -> Sequence[Entry]:
    """What the chat lacks, with what another system has just texted, where one does: looked up once for an answer."""
    session = step.situation.session
    is_first_try = step.situation.answer is None and not session.attempts
    if not (step.channel.sees_others and is_first_try):
        return step.entries
    if not look_up(work.runtime, step.channel, session, sender=sender):
        return step.entries
    with transaction() as connection:
        return read_unfiled(connection, session.id)


def _send(work: Round, step: Step) -> None:
    assert step.outgoing is not None  # noqa: S101 - written in the step that decided to send
    deliver(
        work.runtime, step.channel, step.outgoing, file=partial(_file, work, step) if step.entries else None
    )


def _file(work: Round, step: Step) -> bool:
    """Put what goes out into the chat, which a first text opens."""
    session = step.situation.session
    contact = link_contact(work.runtime, step.channel, session) if session.chat_id is None else None
    return work.chat.write_answer(step.channel, session, step.entries, contact)


def _finish(work: Round, step: Step) -> bool:
    """Nobody waits for an answer: bring the chat up to date, and reset the attempts."""
    if not step.situation.is_finished:
        try:
            with discreet_errors():
                session = step.situation.session
                contact = link_contact(work.runtime, step.channel, session)
                work.chat.write(step.channel, session, step.entries, contact)
        except DATABASE_AWAY:
            raise
        except Exception:  # the host's code may raise anything; the chat is brought up to date another time
            logger.exception(
                "session %s: the host's chat could not be brought up to date", work.lease.session_id
            )
            attempts.reset(work.lease, pause=FILING_PAUSE)
        else:
            attempts.reset(work.lease)
    return True
