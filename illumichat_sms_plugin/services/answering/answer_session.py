"""Bring one session up to date: file its texts, let the assistant answer, send the answer.

A job may be lost, doubled or late: what is to be done is read from the database each time, and the
session's lease makes sure that one worker does it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row, select

from illumichat_sms_plugin.host import AnswerRequest, AssistantUnavailable
from illumichat_sms_plugin.models import NoReply, SmsSession
from illumichat_sms_plugin.models.database import discreet_errors, transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.answering import attempts
from illumichat_sms_plugin.services.answering.chat_log import file_messages, leave_out_next
from illumichat_sms_plugin.services.answering.contacts import link_contact
from illumichat_sms_plugin.services.answering.guidelines import apology_for, instructions_for
from illumichat_sms_plugin.services.answering.pending_texts import (
    answers_last_hour,
    close_stale,
    close_texts,
    has_unfinished_send,
    pending_texts,
)
from illumichat_sms_plugin.services.answering.send_message import (
    Draft,
    LeaseLost,
    deliver,
    longest_lease,
    start_send,
)
from illumichat_sms_plugin.services.channels import Channel, load_channel_by_id, note_attention
from illumichat_sms_plugin.services.leases import (
    SessionLease,
    extend_session,
    release_session,
    take_session,
)
from illumichat_sms_plugin.text.reply_text import fit_for_sms

logger = logging.getLogger("illumichat_sms.answer")

MAX_RESTARTS = 2
"""How often an answer is thrown away because another text came while the assistant thought."""
SUSPECTS = threading.Lock()
"""Held while a session is tried again whose last try ended with its worker.

The one that kills workers takes down whatever else its process was answering, and all of them come back
together. One at a time, only the culprit goes on losing attempts.
"""
SUSPECT_PAUSE = 5.0
"""Seconds that a further suspect waits for its turn."""
TOKEN_UNREADABLE = 20003
"""Twilio's own code for credentials that do not work."""
FILING_PAUSE = 60.0
"""Seconds before the host is asked again to take a message into its chat."""


class EmptyAnswerError(Exception):
    """The assistant returned no text."""


def answer_session(runtime: Runtime, session_id: int) -> None:
    """One round of work for a session; enqueues another when texts are left."""
    lease = take_session(session_id, runtime.settings.lease_ttl, longest_lease(runtime))
    if lease is None:
        return
    more = True
    try:
        more = _work(runtime, lease)
    except LeaseLost:
        logger.info("session %s: another worker or an opt-out came first", session_id)
    finally:
        release_session(lease)
    # Looked at after the release: a text that came between our last look and the release found
    # the session taken, so its own job went away.
    left = pending_texts(session_id) if more else ()
    if left:
        runtime.queue.answer_session(session_id, left[0].channel_id)


def _work(runtime: Runtime, lease: SessionLease) -> bool:
    """Returns whether another round may find something that can be done now."""
    session = _read_session(lease.session_id)
    channel = _settle_without_answer(runtime, session)
    if channel is None or has_unfinished_send(session.id):
        return False
    pending = pending_texts(session.id)
    if not pending:
        return _one_suspect_at_a_time(session, lease, lambda: _finish(runtime, channel, lease, session))
    if not _may_try(channel, lease):
        return False
    if session.attempts >= runtime.settings.assistant_attempts:
        _apologise(runtime, channel, lease, pending)
        return True
    return _one_suspect_at_a_time(session, lease, lambda: _answer(runtime, channel, lease))


def _may_try(channel: Channel, lease: SessionLease) -> bool:
    """Whether the assistant may be asked now; else the texts wait, at most until they are stale."""
    if channel.credentials is None:
        note_attention(channel, TOKEN_UNREADABLE)
        return False
    return not attempts.must_wait(lease)


def _one_suspect_at_a_time(session: Row[Any], lease: SessionLease, work: Callable[[], bool]) -> bool:
    """Do ``work``, for a suspect only when no other one is tried in this process; nobody waits in line for it."""
    if not session.crashed:
        return work()
    if not SUSPECTS.acquire(blocking=False):
        attempts.put_off(lease, SUSPECT_PAUSE)
        return False
    try:
        return work()
    finally:
        SUSPECTS.release()


def _finish(runtime: Runtime, channel: Channel, lease: SessionLease, session: Row[Any]) -> bool:
    """Nobody waits for an answer: bring the chat up to date, and start counting anew."""
    if session.crashed and session.attempts >= runtime.settings.assistant_attempts:
        leave_out_next(session.id)
    attempts.begin(lease)
    try:
        with discreet_errors():
            link_contact(runtime, channel, session)
            file_messages(runtime, channel, session)
    except LeaseLost:
        raise
    except Exception:  # the host's code may raise anything; the chat is brought up to date another time
        logger.exception("session %s: the host's chat could not be brought up to date", session.id)
        attempts.reset(lease)
        attempts.put_off(lease, FILING_PAUSE)
    else:
        attempts.reset(lease)
    return True


def _answer(runtime: Runtime, channel: Channel, lease: SessionLease) -> bool:
    attempts.begin(lease)
    try:
        with discreet_errors():
            channel, pending, answer = _ask_until_current(runtime, channel, lease)
    except LeaseLost:
        raise
    except AssistantUnavailable as error:
        logger.warning("session %s: the assistant is not available: %s", lease.session_id, error)
        return attempts.plan_retry(runtime, lease, at_least=error.retry_after)
    except Exception:  # the host's code may raise anything; the texter must hear from us all the same
        logger.exception("session %s: the assistant could not answer", lease.session_id)
        return attempts.plan_retry(runtime, lease)
    if not pending:
        attempts.reset(lease)
        return True
    if answer is None:
        close_texts(pending, NoReply.TAKEN_OVER)
        attempts.reset(lease)
        return True
    draft = Draft("answer", answer, _reply_from(channel, pending), [row.id for row in pending])
    deliver(runtime, channel, start_send(runtime, channel, lease, draft))
    file_messages(runtime, channel, _read_session(lease.session_id))
    return True


def _ask_until_current(
    runtime: Runtime, channel: Channel, lease: SessionLease
) -> tuple[Channel, Sequence[Row[Any]], str | None]:
    """The channel as it is now, the texts, and the answer to them; asked again when further texts came meanwhile."""
    pending = pending_texts(lease.session_id)
    for restart in range(MAX_RESTARTS + 1):
        answer = _ask(runtime, channel, lease)
        channel = _settle_without_answer(runtime, _read_session(lease.session_id)) or channel
        now_pending = pending_texts(lease.session_id)
        asked = {row.id for row in pending}
        if restart == MAX_RESTARTS or all(row.id in asked for row in now_pending):
            break
        pending = now_pending
    return channel, [row for row in now_pending if row.id in asked], answer


def _ask(runtime: Runtime, channel: Channel, lease: SessionLease) -> str | None:
    """The assistant's answer fit for SMS, or None when a person has taken the chat over."""
    if not extend_session(lease, runtime.settings.assistant_timeout + runtime.settings.lease_ttl):
        raise LeaseLost
    session = _read_session(lease.session_id)
    link_contact(runtime, channel, session)
    request = AnswerRequest(
        assistant_id=channel.assistant_id,
        chat_id=file_messages(runtime, channel, session),
        instructions=instructions_for(channel),
        channel="sms",
        timeout=runtime.settings.assistant_timeout,
    )
    raw = runtime.host.assistants.answer(request)
    if raw is None:
        return None
    answer = fit_for_sms(raw, channel.options.max_message_length)
    if not answer.strip():
        raise EmptyAnswerError
    return answer


def _apologise(runtime: Runtime, channel: Channel, lease: SessionLease, pending: Sequence[Row[Any]]) -> None:
    """Give the texts up: one short apology, unless this texter had one not long ago."""
    logger.error("session %s: gave up on %s texts", lease.session_id, len(pending))
    if attempts.apologised_lately(runtime, lease.session_id):
        close_texts(pending, NoReply.ASSISTANT_FAILED)
        attempts.reset(lease)
        return
    body = fit_for_sms(apology_for(channel), channel.options.max_message_length)
    draft = Draft("apology", body, _reply_from(channel, pending), [row.id for row in pending])
    deliver(runtime, channel, start_send(runtime, channel, lease, draft))


def _settle_without_answer(runtime: Runtime, session: Row[Any]) -> Channel | None:
    """Close texts that no answer shall go out for, each with its reason.

    The channel is read anew each time, so that switching it off or disconnecting it counts at once;
    None when it is not connected.
    """
    channel = load_channel_by_id(runtime, session.channel_id)
    close_stale(runtime, session.id)
    pending = pending_texts(session.id)
    if not pending:
        return channel
    if channel is None:
        close_texts(pending, NoReply.NOT_CONNECTED)
    elif session.opted_out_at is not None:
        close_texts(pending, NoReply.OPTED_OUT)
    elif not channel.options.enabled:
        close_texts(pending, NoReply.DISABLED)
    elif answers_last_hour(session.id) >= runtime.settings.answers_per_hour:
        logger.warning("session %s: too many answers in an hour, it may be a machine", session.id)
        close_texts(pending, NoReply.RATE_LIMITED)
    return channel


def _reply_from(channel: Channel, pending: Sequence[Row[Any]]) -> str:
    """Answer from the number that was texted; a Messaging Service may have several."""
    texted: str = pending[-1].to_number
    return texted if texted.startswith("+") else channel.phone_number


def _read_session(session_id: int) -> Row[Any]:
    with transaction() as connection:
        row = connection.execute(select(SmsSession.__table__).where(SmsSession.id == session_id)).first()
    if row is None:
        raise LeaseLost  # the texter was erased meanwhile
    return row
