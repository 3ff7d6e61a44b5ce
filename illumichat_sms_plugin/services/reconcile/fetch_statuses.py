"""Ask Twilio for what never came by itself: the price, and the final status of a lost callback.

The first check, after ``SMS_STATUS_DELAY``, is for the status alone and asks nothing when a callback has
brought it; those of ``SMS_PRICE_DELAYS`` follow. Texts of a number that are due together were sent together, so a page
of Twilio's list brings up to a thousand of them; a few are fetched one by one.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, select, text, update

from illumichat_sms_plugin.errors import TwilioError
from illumichat_sms_plugin.message_status import MessageStatus, is_final
from illumichat_sms_plugin.models import SendState, SmsMessage, db_now, db_now_once
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import TO_CHECK
from illumichat_sms_plugin.models.one_of import one_of
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import Channel, load_channel_by_id, note_delivery
from illumichat_sms_plugin.services.reconcile.fetched_texts import write_down
from illumichat_sms_plugin.services.reconcile.twilio_time import ahead_of_twilio
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient
from illumichat_sms_plugin.twilio_gateway.listing import fetch_text, list_texts
from illumichat_sms_plugin.twilio_gateway.response_fields import LARGEST_PAGE
from illumichat_sms_plugin.twilio_gateway.values import ListedText

logger = logging.getLogger("illumichat_sms.check")

BATCH = 5000
"""Texts checked in one round. The list of each round also has what was sent shortly before and after, so few are better."""
ROUND = 15.0
"""Seconds after which a round asks no more; what is left waits for the next."""
GIVE_UP = 259200.0
"""Seconds after which a message is not asked for again when Twilio could not be asked."""
CLAIM = 30.0
"""Seconds for which no other process takes a claimed row: longer than a round, and short for a process that was killed."""
FEW = 5
"""Texts that are fetched one by one; more of a number are looked for in its list."""
ONE_BY_ONE = 50
"""At most so many of a number are fetched by themselves in a round, when the list does not have them."""
BEFORE, AFTER = timedelta(seconds=10), timedelta(seconds=60)
"""The list is read from so long before the first text was written down here to so long after the last."""

Found = dict[str, ListedText | None]
"""What Twilio has under each SID, None for nothing; a SID that is not in it could not be asked for."""


def check_messages(runtime: Runtime) -> int:
    """Ask for every accepted text whose check is due; returns how many were due."""
    due = _claim_due()
    known = [message for message in due if message.checks == 1 and _is_final(message.status)]
    write_down(runtime, known, dict.fromkeys((message.message_sid for message in known), None))
    done = {message.id for message in known}
    until = time.monotonic() + ROUND
    late: list[Row[Any]] = []
    for group in _sent_together(message for message in due if message.id not in done):
        if time.monotonic() >= until:
            late.extend(group)
            continue
        found = _ask(runtime, group)
        write_down(runtime, group, found)
        _give_up_or_put_off(runtime, [message for message in group if message.message_sid not in found])
    _put_off(late, 0.0)
    return len(due)


def _claim_due() -> Sequence[Row[Any]]:
    due = (
        select(SmsMessage.id)
        .where(
            text(TO_CHECK),
            SmsMessage.send_state == SendState.ACCEPTED,
            SmsMessage.check_at <= db_now_once(),
        )
        .order_by(SmsMessage.check_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    with transaction() as connection:
        return connection.execute(
            update(SmsMessage)
            .where(one_of(connection, SmsMessage.id, due), SmsMessage.check_at <= db_now_once())
            .values(check_at=db_now(CLAIM), checks=SmsMessage.checks + 1)
            .returning(SmsMessage.__table__)
        ).all()


def _sent_together(messages: Iterable[Row[Any]]) -> Iterator[list[Row[Any]]]:
    """By channel, number and check: each check comes so long after sending, so these were sent at about one time."""
    groups: defaultdict[tuple[int, str, int], list[Row[Any]]] = defaultdict(list)
    for message in messages:
        groups[message.channel_id, message.from_number, message.checks].append(message)
    yield from groups.values()


def _ask(runtime: Runtime, group: Sequence[Row[Any]]) -> Found:
    """What Twilio has of these, as far as it can be asked now."""
    channel = load_channel_by_id(runtime, group[0].channel_id)
    if channel is None:
        return dict.fromkeys((message.message_sid for message in group), None)
    found: Found = {}
    if channel.credentials is None or not channel.may_answer:
        return found
    client = runtime.twilio.get(channel.credentials)
    try:
        if len(group) > FEW:
            _look_in_list(runtime, channel, client, group, found)
        rest = [message.message_sid for message in group if message.message_sid not in found]
        for sid in rest[:ONE_BY_ONE]:
            found[sid] = fetch_text(client, sid) if sid else None
    except TwilioError as error:
        logger.info("channel %s: Twilio cannot tell of all texts now: %s", channel.id, error)
    if any(text is not None and text.status in ("delivered", "read") for text in found.values()):
        note_delivery(channel)
    return found


def _look_in_list(
    runtime: Runtime, channel: Channel, client: TwilioClient, group: Sequence[Row[Any]], found: Found
) -> None:
    """Read the list of the time in which these were sent, until all of them have been seen."""
    ahead = ahead_of_twilio(runtime)
    wanted = {message.message_sid for message in group}
    listed = list_texts(
        client,
        from_number=group[0].from_number,
        sent_since=min(message.created_at for message in group) - ahead - BEFORE,
        sent_until=max(message.created_at for message in group) - ahead + AFTER,
        limit=2 * len(group) + 2 * LARGEST_PAGE,
        page_size=LARGEST_PAGE,
    )
    for one in listed:
        if one.sid in wanted:
            found[one.sid] = one
            wanted.discard(one.sid)
        if not wanted:
            break
    logger.debug("channel %s: %s of %s texts were in the list", channel.id, len(found), len(group))


def _give_up_or_put_off(runtime: Runtime, messages: Sequence[Row[Any]]) -> None:
    """Do not count a check that Twilio could not answer, unless the message is too old to go on."""
    kept = _put_off(messages, runtime.settings.status_delay, SmsMessage.created_at > db_now(-GIVE_UP))
    too_old = [message for message in messages if message.id not in kept]
    write_down(runtime, too_old, dict.fromkeys((message.message_sid for message in too_old), None))


def _put_off(messages: Sequence[Row[Any]], pause: float, *only: ColumnElement[bool]) -> set[int]:
    """Make the same check again in ``pause`` seconds; returns for which messages."""
    if not messages:
        return set()
    with transaction() as connection:
        return set(
            connection.scalars(
                update(SmsMessage)
                .where(SmsMessage.id.in_([message.id for message in messages]), *only)
                .values(checks=SmsMessage.checks - 1, check_at=db_now(pause))
                .returning(SmsMessage.id)
            )
        )


def _is_final(status: str | None) -> bool:
    return status is not None and is_final(MessageStatus(status))
