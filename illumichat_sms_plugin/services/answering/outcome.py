"""Record the outcome of a request to Twilio.

Each outcome is one transaction, which is tried again while the database cannot be reached: what Twilio
told us must not become a doubt because of that.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Connection, bindparam, func, or_, select, update

from illumichat_sms_plugin.errors import TwilioError, TwilioRefused
from illumichat_sms_plugin.message_status import RANK, is_final, parse_status
from illumichat_sms_plugin.models import SendState, SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.base import seconds
from illumichat_sms_plugin.models.database import insist, transaction
from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed
from illumichat_sms_plugin.services.answering import introduction
from illumichat_sms_plugin.services.answering.outgoing import Outgoing
from illumichat_sms_plugin.services.answering.rests import note_not_sent
from illumichat_sms_plugin.services.channels import Channel, note_attention
from illumichat_sms_plugin.services.spending import correct
from illumichat_sms_plugin.services.track_delivery import COLUMNS as DELIVERY
from illumichat_sms_plugin.services.track_delivery import accept, honour_opt_out
from illumichat_sms_plugin.twilio_gateway.error_codes import concerns_one_number, is_opt_out
from illumichat_sms_plugin.twilio_gateway.values import SentText

_FILED = or_(SmsMessage.in_chat, bindparam("filed", type_=Boolean))
_ACCEPT = (
    update(SmsMessage)
    .where(
        SmsMessage.id == bindparam("message"),
        SmsMessage.send_state == SendState.SENDING,
        SmsMessage.message_sid.is_(None),
        SmsMessage.status.is_(None),
    )
    .values(
        message_sid=bindparam("sid"),
        status=bindparam("word"),
        segments=func.coalesce(bindparam("counted"), SmsMessage.segments),
        send_state=SendState.ACCEPTED.value,
        accepted_at=db_now(),
        check_at=db_now(seconds("delay")),
        in_chat=_FILED,
    )
    .returning(SmsMessage.channel_id, SmsMessage.created_at, db_now().label("now"))
)


_AFTER_ALL = (
    update(SmsMessage)
    .where(SmsMessage.id == bindparam("message"))
    .values(check_at=db_now(seconds("delay")), in_chat=_FILED)
)


def note_acceptance(
    runtime: Runtime, channel: Channel, message: Outgoing, sent: SentText, *, filed: bool
) -> None:
    """Twilio has it, and the host's chat too when it is ``filed``."""
    delay = runtime.settings.status_delay
    insist(lambda connection: _accept(connection, message, sent, delay=delay, filed=filed))
    if channel.ended_by_acceptance:
        note_attention(channel, None)


def note_refusal(channel: Channel, message: Outgoing, error: TwilioRefused) -> None:
    """Twilio will never have it."""
    if not insist(lambda connection: _refuse(connection, message, error)):
        return
    if message.kind == "answer":
        introduction.take_back(message.session_id, message.id)
    if message.kind == "apology":
        _take_back(message.session_id, "apologised_at")
    if message.kind == "clarify":
        _take_back(message.session_id, "clarified_at")
    if is_opt_out(error.error_code):
        honour_opt_out(message.session_id)
    if not concerns_one_number(error.error_code):
        note_attention(channel, error.error_code)


def note_doubt(message: Outgoing, error: TwilioError, *, look_in: float) -> None:
    """Nobody knows whether Twilio has it, or it can be sent later: housekeeping looks in ``look_in`` seconds."""
    check_at = db_now(look_in)
    code = error.error_code
    insist(
        lambda connection: _leave(connection, message, SendState.IN_DOUBT, error_code=code, check_at=check_at)
    )


def _accept(connection: Connection, message: Outgoing, sent: SentText, *, delay: float, filed: bool) -> None:
    status = parse_status(sent.status)
    if not is_final(status):
        parameters = {
            "message": message.id,
            "sid": sent.sid,
            "word": status.value if status in RANK else None,
            "counted": sent.segments,
            "delay": delay,
            "filed": filed,
        }
        written = connection.execute(_ACCEPT, parameters).first()
        if written is not None:
            mark_all_changed(connection, [written], written.now)
            return
    if _accept_late(connection, message, sent):
        connection.execute(_AFTER_ALL, {"message": message.id, "delay": delay, "filed": filed})


def _accept_late(connection: Connection, message: Outgoing, sent: SentText) -> bool:
    """A callback or housekeeping came first; False if the texter was erased."""
    row: Any = connection.execute(select(*DELIVERY).where(SmsMessage.id == message.id)).first()
    if row is None:
        return False
    accept(connection, row, sid=sent.sid, status=sent.status, segments=sent.segments)
    return True


def _refuse(connection: Connection, message: Outgoing, error: TwilioRefused) -> bool:
    """False if a callback came first and says that Twilio has the text."""
    if not _leave(connection, message, SendState.FAILED, error_code=error.error_code, check_at=None):
        return False
    correct(connection, _reserved(connection, message), 0)
    if message.kind == "more":
        note_not_sent(connection, message.id)
    set_aside = connection.execute(
        update(SmsMessage)
        .where(SmsMessage.answer_id == message.id, SmsMessage.no_reply_reason.is_(None))
        .values(no_reply_reason=NoReply.SEND_FAILED.value)
        .returning(SmsMessage.channel_id, SmsMessage.created_at)
    ).all()
    mark_all_changed(connection, [message, *set_aside])
    return True


def _reserved(connection: Connection, message: Outgoing) -> Any:
    columns = (SmsMessage.channel_id, SmsMessage.created_at, SmsMessage.reserved)
    return connection.execute(select(*columns).where(SmsMessage.id == message.id)).one()


def _take_back(session_id: int, noted: str) -> None:
    """The texter did not get the apology or the question: the next apology need not wait, and no text answers the question."""
    with transaction() as connection:
        connection.execute(update(SmsSession).where(SmsSession.id == session_id).values({noted: None}))


def _leave(connection: Connection, message: Outgoing, state: SendState, **columns: Any) -> bool:
    """End ``sending``; False if a callback came first and says that Twilio has the text."""
    left = connection.execute(
        update(SmsMessage)
        .where(SmsMessage.id == message.id, SmsMessage.send_state == SendState.SENDING)
        .values(send_state=state.value, **columns)
        .returning(SmsMessage.id)
    ).first()
    return left is not None
