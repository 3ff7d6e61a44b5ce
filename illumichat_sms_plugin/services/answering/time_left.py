"""How long a text that is sent once more may still go out."""

from __future__ import annotations

from sqlalchemy import func, select

from illumichat_sms_plugin.models import SmsMessage, SmsPersonText, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.quiet_hours import day_left, zones_of
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.answering.chat_log import FIRST
from illumichat_sms_plugin.services.answering.open_texts import ASKED_AT


def seconds_left(runtime: Runtime, message_id: int) -> float:
    """Seconds until the oldest text that a message answers is stale, or the person's text that it sends; negative once it is.

    A first text is stale when night begins where its number is.
    """
    written_at = select(SmsPersonText.created_at).where(SmsPersonText.message_id == message_id)
    since = func.coalesce(written_at.scalar_subquery(), func.min(ASKED_AT))
    answered = select(since, db_now()).where(SmsMessage.answer_id == message_id)
    first = select(SmsMessage.to_number).where(SmsMessage.id == message_id, SmsMessage.kind == FIRST)
    with transaction() as connection:
        asked_at, now = connection.execute(answered).one()
        number = connection.scalar(first)
    age = (now - asked_at).total_seconds() if asked_at is not None else 0.0
    left = runtime.settings.reply_stale_after - age
    if number is None:
        return left
    day = runtime.settings.first_text_from, runtime.settings.first_text_until
    return min(left, day_left(now, zones_of(number), *day))
