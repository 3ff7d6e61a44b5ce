"""Writes the traffic down, set by set, through the plugin's models."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from demo.history.spending import write_spending
from demo.history.traffic import Text, Texter, Town
from illumichat_sms_plugin.errors import NotFound
from illumichat_sms_plugin.host import Assistant
from illumichat_sms_plugin.local_days import find_zone
from illumichat_sms_plugin.models import (
    NoReply,
    SmsChannel,
    SmsConsentEvent,
    SmsMessage,
    SmsRest,
    SmsSession,
    SmsStatusEvent,
    db_now,
)
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.kept_figures import forget
from illumichat_sms_plugin.services.analytics.roll_up import bring_up_to_date
from illumichat_sms_plugin.text.opt_out.find_wish import find_wish

FILED_LATER = 25
"""So many sessions, the last texted, get their texts into the host's chats by the demo's own worker."""
WISHED = (NoReply.PLAIN_WISH, NoReply.UNCLEAR_WISH)
FOREVER = timedelta(days=1)
"""A channel with texts older than this has a history."""


def seed_history(runtime: Runtime, assistant_id: str, days: int = 90, seed: int = 1) -> int:
    """Fill in the last ``days`` days of an assistant; the number of messages, 0 if it had some already.

    NotFound when there is no such assistant, or it was never connected.
    """
    assistant = runtime.host.assistants.find(assistant_id)
    if assistant is None:
        raise NotFound(f"There is no assistant {assistant_id}.")
    zone = find_zone(assistant.workspace.timezone)
    with transaction() as connection:
        channel = connection.execute(
            select(SmsChannel.__table__).where(SmsChannel.assistant_id == assistant_id)
        ).first()
        now = connection.execute(select(db_now())).scalar_one()
        if channel is None:
            raise NotFound(f"{assistant_id} has no SMS channel yet.")
        if _has_history(connection, channel.id, now):
            return 0
    texts = Town(seed, zone, now).live(days)
    texters = list({text.texter.number: text.texter for text in texts}.values())
    contacts = _contacts(runtime, assistant, texters)
    with transaction() as connection:
        sessions = _write_sessions(connection, channel.id, texts, texters, contacts)
        _write_messages(connection, channel, texts, sessions)
        write_spending(connection, channel.id, texts, now=now, list_price=runtime.settings.segment_price)
        forget(connection, channel.id)
    bring_up_to_date(channel.id, zone)
    return len(texts)


def _has_history(connection: Connection, channel_id: int, now: datetime) -> bool:
    old = select(SmsMessage.id).where(
        SmsMessage.channel_id == channel_id, SmsMessage.created_at < now - FOREVER
    )
    return connection.execute(old.limit(1)).first() is not None


def _contacts(runtime: Runtime, assistant: Assistant, texters: Sequence[Texter]) -> dict[str, str]:
    """The contacts of some texters, by number."""
    workspace_id = assistant.workspace.id
    create = runtime.host.contacts.create
    return {
        texter.number: create(
            workspace_id, number=texter.number, source="sms", key=f"sms-{workspace_id}-{texter.number}"
        ).id
        for texter in texters
        if texter.has_contact
    }


def _write_sessions(
    connection: Connection,
    channel_id: int,
    texts: Sequence[Text],
    texters: Sequence[Texter],
    contacts: dict[str, str],
) -> dict[str, int]:
    inbound = [text for text in texts if text.is_inbound]
    first = {text.texter.number: text.at for text in reversed(inbound)}
    last = {text.texter.number: text.at for text in inbound}
    rows = [
        {
            "channel_id": channel_id,
            "phone_number": texter.number,
            "contact_id": contacts.get(texter.number),
            "opted_out_at": texter.opted_out_at,
            "created_at": first[texter.number],
            "last_message_at": last[texter.number],
        }
        for texter in texters
    ]
    ids = _insert(connection, SmsSession, rows)
    sessions = {texter.number: session_id for texter, session_id in zip(texters, ids, strict=True)}
    consent = [
        {"session_id": sessions[texter.number], "action": action, "source": "text", "created_at": at}
        for texter in texters
        for action, at in texter.consent
    ]
    if consent:
        connection.execute(insert(SmsConsentEvent), consent)
    return sessions


def _write_messages(
    connection: Connection, channel: Any, texts: Sequence[Text], sessions: dict[str, int]
) -> None:
    latest = list(dict.fromkeys(text.texter.number for text in reversed(texts) if text.is_inbound))
    unfiled = frozenset(latest[:FILED_LATER])
    rows = [_row(channel, text, sessions, unfiled) for text in texts]
    ids = _insert(connection, SmsMessage, rows)
    if connection.dialect.name == "postgresql":
        # It learns of so many new rows by itself, but a minute later, and guesses badly until then.
        connection.exec_driver_sql("ANALYZE sms_sessions, sms_messages")
    id_of = {id(text): message_id for text, message_id in zip(texts, ids, strict=True)}
    answers = [
        {"text_id": id_of[id(text)], "answer": id_of[id(text.answer)]} for text in texts if text.answer
    ]
    connection.execute(
        update(SmsMessage.__table__)
        .where(SmsMessage.id == bindparam("text_id"))
        .values(answer_id=bindparam("answer")),
        answers,
    )
    rests = [_rest(channel, text, sessions, id_of) for text in texts if text.rest]
    if rests:
        connection.execute(insert(SmsRest), rests)
    events = [event for text in texts for event in _events(text, id_of[id(text)])]
    connection.execute(insert(SmsStatusEvent), events)


def _row(channel: Any, text: Text, sessions: dict[str, int], unfiled: frozenset[str]) -> dict[str, Any]:
    ours, theirs = text.our_number or channel.phone_number, text.texter.number
    wish = find_wish(text.body) if text.reason in WISHED else None
    sid = "SM" + hashlib.md5(f"{theirs}{text.at}".encode(), usedforsecurity=False).hexdigest()
    return {
        "channel_id": channel.id,
        "session_id": sessions[theirs],
        "direction": "inbound" if text.is_inbound else "outbound",
        "message_sid": None if text.send_state == "failed" else sid,
        "from_number": theirs if text.is_inbound else ours,
        "to_number": ours if text.is_inbound else theirs,
        "body": text.body,
        "segments": text.segments,
        "created_at": text.at,
        "in_chat": theirs not in unfiled,
        "media": [{"url": f"https://api.twilio.com/{sid}", "content_type": "image/jpeg"}]
        if text.has_picture
        else None,
        "no_reply_reason": text.reason.value if text.reason else None,
        "wish_rule": wish.rule if wish else None,
        "wish_words": wish.words if wish else None,
        "kind": text.kind,
        "send_state": text.send_state,
        "status": text.status,
        "error_code": text.error_code,
        "accepted_at": text.accepted_at,
        "final_at": text.final_at,
        "price": text.price,
        "price_unit": "USD" if text.price is not None else None,
    }


def _rest(channel: Any, text: Text, sessions: dict[str, int], id_of: dict[int, int]) -> dict[str, Any]:
    """What an answer lost, and the message that brought it, unless that is still to come."""
    return {
        "message_id": id_of[id(text)],
        "channel_id": channel.id,
        "session_id": sessions[text.texter.number],
        "body": text.rest,
        "created_at": text.at,
        "sent_as": id_of.get(id(text.rest_sent_as)),
    }


def _events(text: Text, message_id: int) -> list[dict[str, Any]]:
    """The callbacks that Twilio would have sent."""
    if text.accepted_at is None:
        return []
    told = [("sent", None, text.accepted_at + timedelta(seconds=0.2))]
    if text.final_at is not None and text.status is not None:
        told.append((text.status, text.error_code, text.final_at))
    return [
        {
            "message_id": message_id,
            "fingerprint": f"{status}/{code or ''}/",
            "status": status,
            "error_code": code,
            "created_at": at,
        }
        for status, code, at in told
    ]


def _insert(connection: Connection, model: Any, rows: list[dict[str, Any]]) -> list[int]:
    """Insert in this order; the new ids."""
    statement = insert(model).returning(model.id, sort_by_parameter_order=True)
    return list(connection.scalars(statement, rows))
