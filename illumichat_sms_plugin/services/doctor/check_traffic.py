"""Do texts come in, do callbacks come back, and how long does an answer take?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from statistics import median
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from illumichat_sms_plugin.errors import TwilioError
from illumichat_sms_plugin.in_words import ago, count, of_the_last_texts, tenths
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import (
    Direction,
    SendState,
    SmsChannel,
    SmsMessage,
    SmsStatusEvent,
    db_now,
)
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.services.doctor.examination import Examination, NotConnected
from illumichat_sms_plugin.services.findings import (
    TWILIO_STATUS,
    WEBHOOK,
    Finding,
    ok,
    problem,
    unknown,
    warning,
)
from illumichat_sms_plugin.services.further_numbers import confirmed_numbers
from illumichat_sms_plugin.services.reconcile.twilio_time import ahead_of_twilio
from illumichat_sms_plugin.services.texters.erase_at_twilio import is_erased
from illumichat_sms_plugin.twilio_gateway.listing import list_texts

LISTED = 20
FURTHER = 5
"""Further numbers whose texts are listed, too."""
WEEK = -7 * 86400.0
CALLBACK_DUE = timedelta(minutes=2)
CAUGHT_UP = timedelta(seconds=5)
"""A text recorded this much later than Twilio got it did not come by its webhook."""
SAMPLE = 50
SLOW = 10.0
"""Seconds; the assistant typically takes 2 to 5, Twilio 1 to 3."""


def last_inbound(exam: Examination) -> Finding:
    """Texts arrive by webhook, and none is at Twilio only."""
    if exam.settings.id is None:
        return unknown(say("No text has come in yet."))
    recent = _recent(exam.settings.id, Direction.INBOUND, SmsMessage.is_test.is_(False))
    try:
        missed = _missed(exam)
    except (NotConnected, TwilioError):
        missed = 0  # said elsewhere
    if missed:
        return problem(
            say(
                "Twilio has {texts} to this channel that never reached us by webhook.",
                texts=count(missed, "text"),
            ),
            say(
                "See “Webhook”, “Test text” and “Refused webhooks”. What was missed is fetched within ten minutes."
            ),
            WEBHOOK,
        )
    if not recent:
        return unknown(say("No text has come in yet."), say("Text the number from your own phone."))
    age = ago((exam.now - recent[0].created_at).total_seconds())
    late = [row for row in recent if row.sent_at and row.created_at - row.sent_at > CAUGHT_UP]
    if late:
        return warning(
            say(
                "The last text came in {age}. Not by webhook, but fetched from Twilio's list later: {texts}.",
                age=age,
                texts=of_the_last_texts(len(late), len(recent)),
            ),
            say("See “Webhook”, “Test text” and “Refused webhooks”."),
            WEBHOOK,
        )
    return ok(say("The last text came in {age}.", age=age))


def _missed(exam: Examination) -> int:
    """Of the newest texts in Twilio's list, how many inbound ones of the last day we do not have."""
    channel = exam.channel
    if channel is None:
        return 0
    numbers = (channel.phone_number, *confirmed_numbers(channel.id)[:FURTHER])
    client = exam.client()
    texts = [text for to in numbers for text in list_texts(client, to_number=to, limit=LISTED)]
    ahead = ahead_of_twilio(exam.runtime)
    settled = exam.now - ahead - timedelta(seconds=exam.runtime.settings.catch_up_after)
    oldest = max(exam.now - timedelta(days=1), _connected_at(exam)) - ahead
    listed = [
        text.sid
        for text in texts
        if text.direction == "inbound"
        and text.date_created is not None
        and oldest < text.date_created < settled
    ]
    with transaction() as connection:
        known = connection.scalars(
            select(SmsMessage.message_sid).where(
                SmsMessage.channel_id == channel.id, SmsMessage.message_sid.in_(listed)
            )
        ).all()
        return sum(sid not in known and not is_erased(connection, channel.id, sid) for sid in listed)


def _connected_at(exam: Examination) -> Any:
    with transaction() as connection:
        return connection.execute(
            select(func.coalesce(SmsChannel.connected_at, SmsChannel.created_at)).where(
                SmsChannel.id == exam.settings.id
            )
        ).scalar_one()


def last_callback(exam: Examination) -> Finding:
    """Twilio tells us what became of our texts."""
    if exam.settings.id is None:
        return unknown(say("No text was sent yet."))
    sent = _recent(exam.settings.id, Direction.OUTBOUND, SmsMessage.send_state == SendState.ACCEPTED.value)
    due = [row for row in sent if row.accepted_at and exam.now - row.accepted_at > CALLBACK_DUE]
    newest = _newest_event([row.id for row in sent])
    if newest is None and not due:
        return unknown(say("No delivery report is due yet."))
    unreported = [row for row in due if row.id not in _reported([row.id for row in due])]
    if due and len(unreported) == len(due):
        return problem(
            say(
                "Twilio has sent no delivery report for {texts} that went out.",
                texts=of_the_last_texts(len(due), len(due)),
            ),
            say(
                "See “Public address”, “Test text” and “Refused webhooks”: reports take the same way as texts."
            ),
        )
    age = ago((exam.now - newest).total_seconds()) if newest else say("long ago")
    if unreported:
        return warning(
            say(
                "The last report came {age}, and there is none for {texts}.",
                age=age,
                texts=of_the_last_texts(len(unreported), len(due)),
            ),
            say(
                "Some reports get lost on the way: see “Test text” and “Refused webhooks”. Twilio is asked for the "
                "rest."
            ),
        )
    return ok(say("The last delivery report came {age}.", age=age))


def answers_in_time(exam: Examination) -> Finding:
    """The assistant and Twilio are as quick as they should be."""
    if exam.settings.id is None:
        return unknown(say("Nothing was answered yet."))
    rows = _answered(exam.settings.id)
    if not rows:
        return unknown(say("Nothing was answered within the week."))
    thinking = median([(row.asked_twilio - row.came_in).total_seconds() for row in rows])
    arriving = [(row.final_at - row.accepted_at).total_seconds() for row in rows if row.final_at]
    carrying = median(arriving) if arriving else 0.0
    answers = count(len(rows), "answer")
    if arriving:
        evidence = say(
            "An answer is typically ready after {seconds} seconds (median of {answers}), "
            "and takes Twilio another {more} seconds to deliver.",
            seconds=tenths(thinking),
            answers=answers,
            more=tenths(carrying),
        )
    else:
        evidence = say(
            "An answer is typically ready after {seconds} seconds (median of {answers}).",
            seconds=tenths(thinking),
            answers=answers,
        )
    if thinking > SLOW:
        return warning(
            evidence,
            say(
                "Choose a faster model for the assistant, and shorten its prompt and knowledge. If many people text "
                "at once, have an operator raise SMS_WORKER_CONCURRENCY."
            ),
        )
    if carrying > SLOW:
        return warning(
            evidence,
            say("The delay is between Twilio and the phones. Look at Twilio's status page."),
            TWILIO_STATUS,
        )
    return ok(evidence)


def _recent(channel_id: int, direction: Direction, condition: Any) -> Sequence[Row[Any]]:
    """The newest of this direction among the channel's texts of the last week."""
    statement: Any = (
        select(SmsMessage.id, SmsMessage.created_at, SmsMessage.sent_at, SmsMessage.accepted_at)
        .where(
            SmsMessage.channel_id == channel_id,
            SmsMessage.created_at > db_now(WEEK),
            SmsMessage.direction == direction.value,
            condition,
        )
        .order_by(SmsMessage.created_at.desc())
        .limit(LISTED)
    )
    with transaction() as connection:
        return connection.execute(statement).all()


def _newest_event(message_ids: Sequence[int]) -> Any:
    with transaction() as connection:
        return connection.scalar(
            select(func.max(SmsStatusEvent.created_at)).where(SmsStatusEvent.message_id.in_(message_ids))
        )


def _reported(message_ids: Sequence[int]) -> set[int]:
    with transaction() as connection:
        return set(
            connection.scalars(
                select(SmsStatusEvent.message_id).where(SmsStatusEvent.message_id.in_(message_ids))
            )
        )


def _answered(channel_id: int) -> Sequence[Row[Any]]:
    """The newest answers of the week, each with the first text it answers."""
    asked = aliased(SmsMessage)
    newest = (
        select(SmsMessage.id, SmsMessage.created_at, SmsMessage.accepted_at, SmsMessage.final_at)
        .where(
            SmsMessage.channel_id == channel_id,
            SmsMessage.created_at > db_now(WEEK),
            SmsMessage.kind == "answer",
            SmsMessage.send_state == SendState.ACCEPTED.value,
            SmsMessage.resends == 0,
        )
        .order_by(SmsMessage.created_at.desc())
        .limit(SAMPLE)
        .subquery()
    )
    statement = (
        select(
            func.min(asked.created_at).label("came_in"),
            func.max(newest.c.created_at).label("asked_twilio"),
            func.max(newest.c.accepted_at).label("accepted_at"),
            func.max(newest.c.final_at).label("final_at"),
        )
        .join(asked, asked.answer_id == newest.c.id)
        .group_by(newest.c.id)
    )
    with transaction() as connection:
        return connection.execute(statement).all()
