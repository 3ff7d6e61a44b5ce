"""What people do with the answers that the assistant suggests: send, edit, discard, or let them lapse."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, text, update

from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import SmsPersonText, SmsSuggestion, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.suggestion import WAITING
from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.refusals import Refusal
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services import audit
from illumichat_sms_plugin.services.answering import person_texts
from illumichat_sms_plugin.services.answering.suggesting import Outcome, Why, claim, is_outdated, set_aside
from illumichat_sms_plugin.services.people.send_text import (
    Refused,
    Sent,
    tidy,
    why_not_these_words,
    why_not_to,
)

logger = logging.getLogger("illumichat_sms.people")

SENT, DISCARDED = "suggestion_sent", "suggestion_discarded"
BATCH = 50
"""Suggestions that lapse in one round."""
SHOWN = 5
"""Suggestions that a session's page names at most."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An answer that the assistant suggests. It waits until ``lapses_at``, while ``outcome`` is None."""

    id: str
    text: str = field(repr=False)
    at: datetime
    lapses_at: datetime
    outcome: str | None = None
    """``sent``, ``edited`` (and sent), ``discarded`` or ``lapsed``."""
    why: str | None = None
    """Why it lapsed: ``new_text``, ``person`` or ``too_old``."""
    by: str | None = None
    """The name of who decided."""


class _No(Exception):  # noqa: N818 - not an error, it undoes the transaction
    """The suggestion stays as it was."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


def suggestions_of(runtime: Runtime, session_id: int, *, limit: int = SHOWN) -> list[Suggestion]:
    """The newest of a session, the newest first."""
    wanted = select(SmsSuggestion.__table__).where(SmsSuggestion.session_id == session_id)
    with transaction() as connection:
        rows = connection.execute(wanted.order_by(SmsSuggestion.id.desc()).limit(limit)).all()
    allowed = timedelta(seconds=runtime.settings.suggestion_lapses_after)
    return [
        Suggestion(
            str(row.id), row.body, row.created_at, row.created_at + allowed, row.outcome, row.why, row.by_name
        )
        for row in rows
    ]


def waiting_suggestion(runtime: Runtime, session_id: int) -> Suggestion | None:
    """The one that waits for a person."""
    newest = suggestions_of(runtime, session_id, limit=1)
    return newest[0] if newest and newest[0].outcome is None else None


def send_suggestion(
    runtime: Runtime, session_id: int, suggestion_id: int, *, by: Person, body: str | None = None
) -> Sent | Refused:
    """Send a suggestion as it is, or with ``body`` in its place; the first who decides does.

    The same person may say the same twice. It takes the way of a person's text, and nobody takes the session over by it.
    """
    edited = None if body is None else tidy(body)
    earlier = _find(session_id, suggestion_id)
    if earlier is None:
        return Refused.because(Refusal.NO_SUGGESTION)
    if earlier.outcome is not None:
        return _again(earlier, by, edited)
    reason = (why_not_these_words(edited) if edited is not None else None) or why_not_to(runtime, session_id)
    if reason is not None:
        return Refused.because(reason)
    try:
        with transaction() as connection:
            channel_id, kept = _send(connection, runtime, earlier, by, edited)
    except _No as no:
        now = _find(session_id, suggestion_id)
        return _again(now, by, edited) if now is not None and now.outcome else Refused.because(no.reason)
    runtime.queue.answer_session(session_id, channel_id)
    return Sent(str(kept))


def discard_suggestion(session_id: int, suggestion_id: int, *, by: Person) -> bool:
    """Nothing goes out for it; False when it does not wait any more."""
    found = _find(session_id, suggestion_id)
    if found is None or found.outcome is not None:
        return False
    with transaction() as connection:
        session = claim(connection, session_id)
        if session is None or not _decide(connection, suggestion_id, Outcome.DISCARDED, by=by):
            connection.rollback()
            return False
        if session.person_since is None:
            set_aside(connection, session_id, found.newest_id, NoReply.DISCARDED)
        audit.record(connection, session.channel_id, by, DISCARDED, [audit.about("session", session_id)])
    return True


def lapse_late(runtime: Runtime) -> int:
    """Let suggestions lapse that nobody has decided on for too long; returns how many."""
    allowed = runtime.settings.suggestion_lapses_after
    late = select(SmsSuggestion.id, SmsSuggestion.session_id, SmsSuggestion.newest_id).where(
        text(WAITING), SmsSuggestion.created_at < db_now(-allowed)
    )
    with transaction() as connection:
        found = connection.execute(late.order_by(SmsSuggestion.created_at).limit(BATCH)).all()
    return sum(_lapse(row) for row in found)


def _lapse(late: Any) -> bool:
    with transaction() as connection:
        session = claim(connection, late.session_id)
        if session is None or not _decide(connection, late.id, Outcome.LAPSED, why=Why.TOO_OLD):
            connection.rollback()
            return False
        if session.person_since is None:
            set_aside(connection, late.session_id, late.newest_id, NoReply.LAPSED)
    logger.info("session %s: a suggested answer has lapsed", late.session_id)
    return True


def _send(
    connection: Connection, runtime: Runtime, suggestion: Any, by: Person, edited: str | None
) -> tuple[int, int]:
    """The session is locked first, so a text or an opt-out comes before this, or after it and to the worker."""
    session = claim(connection, suggestion.session_id)
    if session is None:
        raise _No(Refusal.DECIDED)
    if is_outdated(connection, session.id, suggestion.newest_id):
        raise _No(Refusal.NEWER_TEXT)
    allowed = timedelta(seconds=runtime.settings.suggestion_lapses_after)
    if connection.scalars(select(db_now())).one() - suggestion.created_at > allowed:
        raise _No(Refusal.LAPSED)
    changed = edited is not None and edited != suggestion.body.strip()
    values = {
        "channel_id": session.channel_id,
        "session_id": session.id,
        "key": f"suggestion-{suggestion.id}",
        "body": edited if changed else suggestion.body,
        "by_id": by.id[:128],
        "by_name": by.name[:200],
    }
    kept = person_texts.keep(connection, values)
    outcome = Outcome.EDITED if changed else Outcome.SENT
    if not _decide(connection, suggestion.id, outcome, by=by, person_text_id=kept):
        raise _No(Refusal.DECIDED)
    audit.record(connection, session.channel_id, by, SENT, [audit.about("session", session.id)])
    return session.channel_id, kept


def _decide(
    connection: Connection, suggestion_id: int, outcome: Outcome, *, by: Person | None = None, **more: Any
) -> bool:
    decided = (
        update(SmsSuggestion)
        .where(SmsSuggestion.id == suggestion_id, text(WAITING))
        .values(
            outcome=outcome.value,
            decided_at=db_now(),
            by_id=by and by.id[:128],
            by_name=by and by.name[:200],
            **more,
        )
    )
    return connection.execute(decided).rowcount == 1


def _find(session_id: int, suggestion_id: int) -> Any:
    wanted = (
        select(
            SmsSuggestion.__table__,
            SmsPersonText.body.label("went_out"),
            SmsPersonText.refused.label("refused"),
        )
        .outerjoin(SmsPersonText, SmsPersonText.id == SmsSuggestion.person_text_id)
        .where(SmsSuggestion.session_id == session_id, SmsSuggestion.id == suggestion_id)
    )
    with transaction() as connection:
        return connection.execute(wanted).first()


def _again(decided: Any, by: Person, edited: str | None) -> Sent | Refused:
    """Somebody has decided: whoever asks for the same again gets the same."""
    if decided.outcome == Outcome.LAPSED:
        return Refused.because(Refusal.NEWER_TEXT if decided.why == Why.NEW_TEXT else Refusal.LAPSED)
    same = edited is None or edited == decided.went_out
    if decided.person_text_id is not None and decided.by_id == by.id[:128] and same:
        refused = decided.refused
        return Refused.because(Refusal(refused)) if refused else Sent(str(decided.person_text_id))
    return Refused.because(Refusal.DECIDED)
