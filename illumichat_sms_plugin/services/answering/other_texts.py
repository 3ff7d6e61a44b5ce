"""Texts that another system sent from a channel's number: part of session and chat, and of no figure.

They are found in Twilio's list, where everything stands that the number has sent. What may be a text of our own is never
taken for one of theirs: docs/decisions/texts-of-other-systems.md
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select, text, update

from illumichat_sms_plugin.errors import TwilioError
from illumichat_sms_plugin.models import SendState, SmsChannel, SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.database import insert_or_conflict, read_now, transaction
from illumichat_sms_plugin.models.message import OTHER, UNFINISHED, UNSETTLED
from illumichat_sms_plugin.phone_number import SenderKind, parse_sender
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.answering.listed_as import is_listed_as
from illumichat_sms_plugin.services.answering.situation import OpenSession
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.further_numbers import confirmed_numbers
from illumichat_sms_plugin.services.texters.erase_at_twilio import erased_of
from illumichat_sms_plugin.twilio_gateway.listing import list_texts
from illumichat_sms_plugin.twilio_gateway.response_fields import LARGEST_PAGE
from illumichat_sms_plugin.twilio_gateway.values import ListedText
from illumichat_sms_plugin.twilio_gateway.webhook_forms import clean_text

logger = logging.getLogger("illumichat_sms.others")

PATIENCE = 0.3
"""Seconds that an answer waits at most for Twilio's list."""
LISTED = 20
"""Texts to the texter that are read then."""
MOST = 5
"""Of those, the newest that are new to the session."""
RECENT = timedelta(days=1)
"""Older texts than this say nothing about what a texter writes now."""
BY_PROGRAMS = frozenset({"outbound-api", "outbound-call"})
"""Twilio's directions of what a program sends. A reply (``outbound-reply``) is what a webhook or Twilio itself says."""
NOT_THERE = frozenset({"failed", "undelivered", "canceled", "scheduled"})
"""Twilio's statuses of what no phone has."""
EARLIER, LATER = timedelta(minutes=5), timedelta(hours=1)
"""While a text of ours is in doubt, what was sent to its texter from so long before it to so long after it may be it."""
PAGE = 500
"""SIDs and sessions that one question asks for."""
SEEN_AGAIN = 3600.0
"""Seconds after which it is written down anew that the channel has seen one."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A text in Twilio's list that is none of ours. ``sent_at`` is by the database's clock."""

    text: ListedText
    sent_at: datetime


def look_up(runtime: Runtime, channel: Channel, session: OpenSession, *, sender: str) -> bool:
    """See what others have just sent to this session's texter from ``sender``; True when the session got something new.

    One call, bounded, and outside any transaction; an answer goes on without it.
    """
    number = session.phone_number
    listed = list_sent(runtime, channel, sender, to_number=number, limit=LISTED, within=PATIENCE)
    if listed is None:
        return False
    recent = [text for text in _of_others(runtime, channel, listed) if _is_recent(text)]
    return _record(channel, recent[-MOST:], {number: session.id}) > 0


def list_sent(
    runtime: Runtime,
    channel: Channel,
    number: str,
    *,
    limit: int,
    to_number: str | None = None,
    since: datetime | None = None,
    within: float | None = None,
) -> list[ListedText] | None:
    """What a number of the channel has sent, ours and others', the newest first; None when Twilio does not say now.

    ``within`` is how many seconds each call may take. ``since`` is by Twilio's clock.
    """
    assert channel.credentials is not None  # noqa: S101 - nothing is sent or compared without them
    client = runtime.twilio.get(channel.credentials, within=within)
    size = min(limit, LARGEST_PAGE)
    listed = list_texts(
        client, from_number=number, to_number=to_number, sent_since=since, limit=limit, page_size=size
    )
    try:
        return list(listed)
    except TwilioError as error:
        level = logging.INFO if within else logging.WARNING  # who does not wait long often goes without
        logger.log(level, "channel %s: what others sent is not known now: %s", channel.id, error)
        return None


def record_listed(runtime: Runtime, channel: Channel, listed: Sequence[ListedText]) -> int:
    """Record what others sent to texters with a chat, of texts as Twilio lists them; returns how many were new.

    Who has never texted has no session and gets none by this.
    """
    others = _of_others(runtime, channel, listed)
    if not others:
        return 0
    _note_seen(channel)
    sessions = _sessions_of(channel, {other.text.to_number for other in others})
    wanted = [
        other
        for other in others
        if other.text.to_number in sessions
        and other.sent_at > sessions[other.text.to_number].created_at - RECENT
    ]
    return _record(channel, wanted, {number: session.id for number, session in sessions.items()})


def _is_recent(other: Unknown) -> bool:
    return other.sent_at > read_now() - RECENT


def _of_others(runtime: Runtime, channel: Channel, listed: Sequence[ListedText]) -> list[Unknown]:
    """Those that no row of ours has or may have, the oldest first."""
    own = {channel.phone_number, *confirmed_numbers(channel.id)}
    there, now = runtime.twilio.clock.now(), read_now()
    sent = [text for text in reversed(listed) if _is_sent_by_a_program(text, own)]
    unknown = _without(sent, _known(channel, [text.sid for text in sent]))
    if not unknown:
        return []
    doubt = _in_doubt(channel, {text.to_number for text in unknown})
    # Once more: a text of ours whose SID is being written down is found by this question or by the one before.
    unknown = _without(unknown, _known(channel, [text.sid for text in unknown]))
    found = [Unknown(text, now - _age(text, there)) for text in unknown]
    return [other for other in found if not any(_may_be(row, other) for row in doubt[other.text.to_number])]


def _without(texts: Sequence[ListedText], known: set[str]) -> list[ListedText]:
    return [text for text in texts if text.sid not in known]


def _age(text: ListedText, there: datetime | None) -> timedelta:
    """By Twilio's own clock, as it stood ``there``."""
    at = text.date_sent or text.date_created
    return max(there - at, timedelta(0)) if there is not None and at is not None else timedelta(0)


def _is_sent_by_a_program(text: ListedText, own: set[str]) -> bool:
    return (
        text.direction in BY_PROGRAMS
        and text.status not in NOT_THERE
        and text.from_number in own
        and text.to_number not in own  # the Doctor texts the channel itself
        and parse_sender(text.to_number).kind is SenderKind.PHONE
    )


def _may_be(row: Row[Any], other: Unknown) -> bool:
    """Whether this row of ours, of which nobody knows whether Twilio has it, may be the text."""
    if other.sent_at < row.created_at - EARLIER:
        return False
    return other.sent_at <= row.created_at + LATER or is_listed_as(row.body, other.text.body)


def _in_doubt(channel: Channel, numbers: set[str]) -> Mapping[str, Sequence[Row[Any]]]:
    """Our texts to these numbers of which nobody knows whether Twilio has them, those that are being sent among them."""
    found: dict[str, list[Any]] = defaultdict(list)
    with transaction() as connection:
        for some in _pages(numbers):
            sessions = select(SmsSession.id).where(
                SmsSession.channel_id == channel.id, SmsSession.phone_number.in_(some)
            )
            of_sessions = (
                select(SmsMessage.to_number, SmsMessage.body, SmsMessage.created_at)
                .where(SmsMessage.channel_id == channel.id, SmsMessage.session_id.in_(sessions))
                .where
            )
            for row in connection.execute(
                of_sessions(text(UNFINISHED)).union_all(of_sessions(text(UNSETTLED)))
            ):
                found[row.to_number].append(row)
    return found


def _known(channel: Channel, sids: Sequence[str]) -> set[str]:
    known: set[str] = set()
    with transaction() as connection:
        for some in _pages(sids):
            recorded = select(SmsMessage.message_sid).where(
                SmsMessage.channel_id == channel.id, SmsMessage.message_sid.in_(some)
            )
            known |= {sid for sid in connection.scalars(recorded) if sid}
            known |= erased_of(connection, channel.id, some)
    return known


def _sessions_of(channel: Channel, numbers: set[str]) -> Mapping[str, Row[Any]]:
    """The sessions of these numbers whose chat has begun."""
    found: dict[str, Row[Any]] = {}
    columns = SmsSession.id, SmsSession.phone_number, SmsSession.created_at
    with transaction() as connection:
        for some in _pages(numbers):
            rows = connection.execute(
                select(*columns).where(
                    SmsSession.channel_id == channel.id,
                    SmsSession.phone_number.in_(some),
                    SmsSession.chat_id.is_not(None),
                )
            )
            found |= {row.phone_number: row for row in rows}
    return found


def _pages(values: Sequence[str] | set[str]) -> list[list[str]]:
    ordered = sorted(values)
    return [ordered[at : at + PAGE] for at in range(0, len(ordered), PAGE)]


def _record(channel: Channel, others: Sequence[Unknown], sessions: Mapping[str, int]) -> int:
    """One transaction each, which waits for whoever erases the texter."""
    recorded = 0
    for other in others:
        with transaction() as connection:
            recorded += _insert(connection, channel, other, sessions[other.text.to_number])
    if recorded:
        logger.info("channel %s: %s texts of another system", channel.id, recorded)
    return recorded


def _insert(connection: Connection, channel: Channel, other: Unknown, session_id: int) -> bool:
    """Once, also when several workers find it; never into a session that was erased meanwhile."""
    text = other.text
    session = select(SmsSession.id).where(SmsSession.id == session_id).with_for_update(key_share=True)
    if connection.scalar(session) is None or erased_of(connection, channel.id, [text.sid]):
        return False
    new = insert_or_conflict(connection, SmsMessage).values(
        channel_id=channel.id,
        session_id=session_id,
        direction=OTHER,
        kind=OTHER,
        message_sid=text.sid,
        from_number=text.from_number,
        to_number=text.to_number,
        body=clean_text(text.body),
        segments=text.segments or 1,
        media=[{"url": "", "content_type": "file"}] * text.media_count or None,
        send_state=SendState.ACCEPTED.value,
        sent_at=other.sent_at,
    )
    once = new.on_conflict_do_nothing(index_elements=[SmsMessage.channel_id, SmsMessage.message_sid])
    return connection.execute(once.returning(SmsMessage.id)).first() is not None


def _note_seen(channel: Channel) -> None:
    """From now on Twilio's list is looked at before an answer."""
    with transaction() as connection:
        connection.execute(
            update(SmsChannel)
            .where(SmsChannel.id == channel.id)
            .where(or_(SmsChannel.others_at.is_(None), SmsChannel.others_at < db_now(-SEEN_AGAIN)))
            .values(others_at=db_now(), updated_at=SmsChannel.updated_at)
        )
