"""Delete old texts and what belongs to them; those that are still in work stay until they are done.

A text waits, for the assistant or a person; a message is being sent, is in doubt, or waits for Resend or Dismiss. All are looked at
again in the next round. The figures of what goes are frozen by then, so nothing is marked to be counted anew.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, text, update

from illumichat_sms_plugin.models import (
    Direction,
    NoReply,
    SendState,
    SmsMedia,
    SmsMessage,
    SmsPersonText,
    SmsRest,
    SmsSession,
    SmsStatusEvent,
    SmsSuggestion,
)
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.session import FOR_PEOPLE
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.retention.place import Old, Page, Place, after, hold
from illumichat_sms_plugin.services.texters.erase_at_twilio import note_for_twilio

PAGE = 200
"""Texts looked at, and mostly deleted, in one transaction."""
UNDECIDED = frozenset({SendState.SENDING.value, SendState.IN_DOUBT.value, SendState.UNSETTLED.value})


def delete_texts(runtime: Runtime, old: Old, place: Place | None) -> Page:  # noqa: ARG001 - as all parts
    """One page of a channel's old texts."""
    of_page = (
        select(SmsMessage.id, SmsMessage.created_at)
        .where(
            SmsMessage.channel_id == old.channel_id,
            SmsMessage.created_at < old.before,
            after(SmsMessage.created_at, SmsMessage.id, place),
        )
        .order_by(SmsMessage.created_at, SmsMessage.id)
        .limit(PAGE)
    )
    with transaction() as connection:
        hold(connection, old)
        found = connection.execute(of_page).all()
        gone = _delete(connection, old, [row.id for row in found])
    last = found[-1] if len(found) == PAGE else None
    return Page(gone, Place(last.created_at, last.id) if last else None)


def is_in_work(row: Any, for_people: Collection[int]) -> bool:
    """Whether something is still to be done about a text, or decided; ``for_people`` are the sessions that people attend to."""
    if row.direction != Direction.INBOUND:
        return row.send_state in UNDECIDED
    if row.no_reply_reason == NoReply.TAKEN_OVER:
        return row.session_id in for_people
    return row.answer_id is None and row.no_reply_reason is None


def _delete(connection: Connection, old: Old, ids: Sequence[int]) -> int:
    if not ids:
        return 0
    rows = _lock(connection, ids)
    for_people = _for_people(
        connection, {row.session_id for row in rows if row.no_reply_reason == NoReply.TAKEN_OVER}
    )
    free = {row.id for row in rows if not is_in_work(row, for_people)}
    going = sorted(free - _answers_that_stay(connection, free))
    gone = [row for row in rows if row.id in set(going)]
    if gone:
        note_for_twilio(connection, old.channel_id, gone, by_age=True, at_twilio=old.at_twilio)
        _delete_what_hangs_on(connection, old, going, {row.session_id for row in gone})
        connection.execute(delete(SmsMessage).where(SmsMessage.id.in_(going)))
    return len(gone)


def _lock(connection: Connection, ids: Sequence[int]) -> Sequence[Any]:
    """In ascending order, as everybody does."""
    columns = (
        *(SmsMessage.id, SmsMessage.session_id, SmsMessage.direction, SmsMessage.send_state),
        *(SmsMessage.answer_id, SmsMessage.no_reply_reason, SmsMessage.message_sid, SmsMessage.media),
    )
    chosen = select(*columns).where(SmsMessage.id.in_(ids)).order_by(SmsMessage.id).with_for_update()
    return connection.execute(chosen).all()


def _for_people(connection: Connection, sessions: Collection[int]) -> set[int]:
    """Those in which a person answers or has a suggestion to decide on."""
    if not sessions:
        return set()
    attended = select(SmsSession.id).where(SmsSession.id.in_(sorted(sessions)), text(f"({FOR_PEOPLE})"))
    return set(connection.scalars(attended))


def _answers_that_stay(connection: Connection, going: Collection[int]) -> set[int]:
    """Answers to texts that stay: without its answer such a text would wait for one again."""
    asked = select(SmsMessage.id, SmsMessage.answer_id).where(SmsMessage.answer_id.in_(sorted(going)))
    return {row.answer_id for row in connection.execute(asked) if row.id not in going}


def _delete_what_hangs_on(
    connection: Connection, old: Old, ids: Sequence[int], sessions: Collection[int]
) -> None:
    connection.execute(delete(SmsStatusEvent).where(SmsStatusEvent.message_id.in_(ids)))
    connection.execute(delete(SmsMedia).where(SmsMedia.message_id.in_(ids)))
    connection.execute(delete(SmsRest).where(SmsRest.message_id.in_(ids)))
    connection.execute(update(SmsRest).where(SmsRest.sent_as.in_(ids)).values(sent_as=None))
    written = select(SmsPersonText.id).where(SmsPersonText.message_id.in_(ids))
    connection.execute(delete(SmsSuggestion).where(SmsSuggestion.person_text_id.in_(written)))
    connection.execute(
        delete(SmsSuggestion).where(
            SmsSuggestion.session_id.in_(sorted(sessions)),
            SmsSuggestion.created_at < old.before,
            SmsSuggestion.outcome.is_not(None),
            SmsSuggestion.person_text_id.is_(None),
        )
    )
    connection.execute(delete(SmsPersonText).where(SmsPersonText.message_id.in_(ids)))
    connection.execute(
        delete(SmsPersonText).where(
            SmsPersonText.session_id.in_(sorted(sessions)),
            SmsPersonText.created_at < old.before,
            SmsPersonText.refused.is_not(None),
            ~select(SmsSuggestion.id).where(SmsSuggestion.person_text_id == SmsPersonText.id).exists(),
        )
    )
