"""Texts, answers and everything that happens to them, through the services that record it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import Row, select, update

from illumichat_sms_plugin.errors import Conflict, TwilioInDoubt, TwilioRefused
from illumichat_sms_plugin.message_status import MessageStatus
from illumichat_sms_plugin.models import NoReply, SendState, SmsMessage, SmsSession
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.phone_number import parse_sender
from illumichat_sms_plugin.runtime import Runtime, current_runtime
from illumichat_sms_plugin.services.answering import send_message
from illumichat_sms_plugin.services.answering.contacts import write_contact
from illumichat_sms_plugin.services.answering.open_texts import close_texts, read_open_texts
from illumichat_sms_plugin.services.answering.outcome import note_doubt, note_refusal
from illumichat_sms_plugin.services.answering.outgoing import Draft, Outgoing
from illumichat_sms_plugin.services.channels import Channel, load_channel
from illumichat_sms_plugin.services.inbound.probe_texts import remove_probes
from illumichat_sms_plugin.services.inbound.receive_message import receive_message, replay
from illumichat_sms_plugin.services.leases import release_session, take_session
from illumichat_sms_plugin.services.reconcile.settle_doubt import dismiss
from illumichat_sms_plugin.services.texters.erase_texter import erase_texter
from illumichat_sms_plugin.services.track_delivery import accept, apply_status, record_status_report
from illumichat_sms_plugin.twilio_gateway.webhook_forms import InboundText, StatusReport
from tests.support.channels import connect
from tests.support.database_clock import DatabaseClock
from tests.support.twilio_requests import new_sid

BODIES = (
    *("Please stop texting me", "STOP", "START", "Liked “Hello”", "Where are you?"),
    *("Hello", "stop the reminders"),
)
STATUSES = ("queued", "sent", "delivered", "undelivered", "failed", "read", "canceled", "partially_delivered")
CODES = (None, 30003, 30007, 21610)
PRICES = (("0.0079", "USD"), ("0.0083", "USD"), ("0.0158", "USD"), ("0.0700", "EUR"))


def add_channel(app: Flask, assistant_id: str) -> Channel:
    """A channel of its own for one example."""
    connect(app, assistant_id, phone_number=f"+1555{1_000_000 + int(assistant_id.split('_')[1])}")
    with app.app_context():
        channel = load_channel(current_runtime(), assistant_id)
    assert channel is not None
    return channel


class Traffic:
    """What may happen to one channel. ``pick`` chooses among the texts or sessions there are."""

    def __init__(self, app: Flask, channel: Channel, clock: DatabaseClock) -> None:
        self.app = app
        self.channel = channel
        self.clock = clock

    @property
    def runtime(self) -> Runtime:
        return current_runtime()

    def happen(self, event: str, pick: int) -> None:
        """Let one event happen; one that cannot happen now does not."""
        happening: Callable[[int], None] = getattr(self, event)
        with self.app.app_context():
            happening(pick)

    # texters

    def text_in(self, pick: int) -> None:
        sender = parse_sender("49494" if pick % 11 == 0 else f"+1555765{pick % 4:04}")
        body = BODIES[pick % len(BODIES)]
        media = (("https://api.twilio.com/m", "image/png"),) if pick % 7 == 0 else ()
        text = InboundText(new_sid(), sender, self.channel.phone_number, body, 1 + pick % 3, media, None)
        receive_message(self.runtime, self.channel, text)

    def text_by_catch_up(self, pick: int) -> None:
        sender = parse_sender(f"+1555765{pick % 4:04}")
        text = InboundText(new_sid(), sender, self.channel.phone_number, "Anybody there?", 1, (), None)
        sent_at = self.clock.now() - timedelta(minutes=pick % 50)
        receive_message(self.runtime, self.channel, text, sent_at=sent_at)

    def test_text(self, pick: int) -> None:
        sender = parse_sender(f"+1555000{pick % 2:04}")
        text = InboundText(new_sid(), sender, self.channel.phone_number, "test", 1, (), None)
        receive_message(self.runtime, self.channel, text, is_test=True)

    # the assistant

    def answer(self, pick: int) -> None:
        self._send("answer", pick)

    def apologise(self, pick: int) -> None:
        self._send("apology", pick)

    def clarify(self, pick: int) -> None:
        self._send("clarify", pick)

    def confirm(self, pick: int) -> None:
        self._send("confirm", pick)

    def _send(self, kind: str, pick: int) -> None:
        session = self._session(pick)
        texts = self._open_texts(session) if kind != "confirm" else ()
        lease = take_session(session.id, 60.0) if session and (texts or kind == "confirm") else None
        if lease is None:
            return
        draft = Draft(
            kind=kind,
            body="We are open." * (1 + pick % 30),
            from_number=self.channel.phone_number,
            answers=texts,
            reason={"apology": NoReply.ASSISTANT_FAILED, "clarify": NoReply.UNCLEAR_WISH}.get(kind),
            seconds_left=60.0,
        )
        try:
            with transaction() as connection:
                send_message.start_send(connection, self.runtime, lease, draft)
        except send_message.MayNotSend:
            pass
        finally:
            release_session(lease)

    @staticmethod
    def _open_texts(session: Any) -> tuple[int, ...]:
        if session is None:
            return ()
        with transaction() as connection:
            return tuple(text.id for text in read_open_texts(connection, session.id))

    def give_up(self, pick: int) -> None:
        session = self._session(pick)
        if session:
            reasons = (NoReply.RATE_LIMITED, NoReply.TAKEN_OVER, NoReply.DISABLED)
            self._close(session, reasons[pick % 3])

    def too_late(self, pick: int) -> None:
        if session := self._session(pick):
            self._close(session, NoReply.STALE)

    def _close(self, session: Any, reason: NoReply) -> None:
        texts = self._open_texts(session)
        with transaction() as connection:
            close_texts(connection, texts, reason)

    def match_contact(self, pick: int) -> None:
        if session := self._session(pick):
            write_contact(self.channel.id, session.id, f"cnt_{pick}", created=pick % 5 == 4)

    def erase(self, pick: int) -> None:
        """One of the texters, together with all texts; not while one is being sent."""
        session = self._session(pick)
        if session:
            with suppress(Conflict):
                erase_texter(self.runtime, self.channel.id, session.id)

    def remove_tests(self, pick: int) -> None:
        """As a Doctor does with what another left behind."""
        remove_probes(self.channel.id)

    # Twilio

    def accepted(self, pick: int) -> None:
        if message := self._outbound(pick, SendState.SENDING, SendState.IN_DOUBT):
            with transaction() as connection:
                accept(connection, message, sid=new_sid(), status="queued", segments=1 + pick % 4)

    def refused(self, pick: int) -> None:
        if message := self._outbound(pick, SendState.SENDING):
            error = TwilioRefused("No.", error_code=CODES[pick % len(CODES)])
            note_refusal(self.channel, Outgoing.of(message, 60.0), error)

    def unclear(self, pick: int) -> None:
        if message := self._outbound(pick, SendState.SENDING):
            note_doubt(Outgoing.of(message, 60.0), TwilioInDoubt("No answer."), look_in=0.0)

    def unsettled(self, pick: int) -> None:
        if message := self._outbound(pick, SendState.IN_DOUBT):
            with transaction() as connection:
                connection.execute(
                    update(SmsMessage)
                    .where(SmsMessage.id == message.id)
                    .values(send_state=SendState.UNSETTLED.value)
                )

    def status(self, pick: int) -> None:
        """Any status at any time: early, late, doubled, out of order."""
        if message := self._outbound(pick // 7):
            status = MessageStatus(STATUSES[pick % len(STATUSES)])
            code = CODES[pick % len(CODES)] if status in ("undelivered", "failed") else None
            sid = message.message_sid or new_sid()
            report = StatusReport(sid, message.id, status, code, str(pick % 3))
            record_status_report(self.runtime, self.channel, report)

    def price(self, pick: int) -> None:
        """As check_messages writes it."""
        if message := self._outbound(pick // 5, SendState.ACCEPTED):
            amount, unit = PRICES[pick % len(PRICES)]
            with transaction() as connection:
                apply_status(
                    connection,
                    message,
                    MessageStatus(message.status or "sent"),
                    message.error_code,
                    message.message_sid,
                    price=Decimal(amount),
                    price_unit=unit,
                    segments=1 + pick % 3,
                )

    # an admin

    def dismissed(self, pick: int) -> None:
        if message := self._outbound(pick, SendState.UNSETTLED):
            dismiss(message.id, self.channel.id)

    def replayed(self, pick: int) -> None:
        with transaction() as connection:
            failed = connection.scalars(
                select(SmsMessage.id)
                .where(SmsMessage.no_reply_reason == NoReply.ASSISTANT_FAILED, self._ours())
                .order_by(SmsMessage.id)
            ).all()
        if failed:
            replay(self.runtime, failed[pick % len(failed)], self.channel.id)

    def _ours(self) -> Any:
        return SmsMessage.channel_id == self.channel.id

    def _session(self, pick: int) -> Row[Any] | None:
        with transaction() as connection:
            found = connection.execute(
                select(SmsSession.__table__)
                .where(SmsSession.channel_id == self.channel.id)
                .order_by(SmsSession.id)
            ).all()
        return found[pick % len(found)] if found else None

    def _outbound(self, pick: int, *states: SendState) -> Row[Any] | None:
        ours = [self._ours(), SmsMessage.direction == "outbound"]
        if states:
            ours.append(SmsMessage.send_state.in_(states))
        with transaction() as connection:
            found = connection.execute(
                select(SmsMessage.__table__).where(*ours).order_by(SmsMessage.id.desc())
            ).all()
        return found[pick % len(found)] if found else None


EVENTS = (
    *("text_in", "text_in", "text_in", "text_by_catch_up", "test_text"),
    *(
        "answer",
        "answer",
        "answer",
        "apologise",
        "clarify",
        "confirm",
        "give_up",
        "too_late",
        "match_contact",
    ),
    *("accepted", "accepted", "accepted", "refused", "unclear", "unsettled"),
    *("status", "status", "status", "status", "price", "price", "dismissed", "replayed"),
    *("erase", "remove_tests"),
)
