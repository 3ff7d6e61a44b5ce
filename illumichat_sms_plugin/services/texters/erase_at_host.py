"""Ask the host to erase what it keeps of an erased texter: the chats and the contact, where it can.

What is to be asked is written down in the transaction that erases our own, so a process that dies, or a host that is
away, loses none of it: housekeeping asks again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, literal, select, update

from illumichat_sms_plugin.host import HostWithoutPages, offered
from illumichat_sms_plugin.models import SmsChannel, SmsHostErasure, SmsPastChat, db_now
from illumichat_sms_plugin.models.database import discreet_errors, transaction
from illumichat_sms_plugin.models.one_of import locked_in_order
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.host_call import host_call

logger = logging.getLogger("illumichat_sms.erase")

BATCH = 20
"""Things that the host is asked about in one round, and while an admin waits."""
CLAIM = 300.0
"""Seconds for which no other process takes claimed rows."""
PAUSES = (60.0, 300.0, 3600.0, 21600.0, 86400.0)
"""Seconds before the next try after a failed one; the last one repeats."""
CHAT, CONTACT = "chat", "contact"
NO_SESSION = 0
"""Has chats that belong to no texter."""
WAYS = {CHAT: ("chats", "erase"), CONTACT: ("contacts", "forget")}
"""The optional methods of the host: docs/host-contract.md."""


class AtHost(StrEnum):
    """What became of something that the host keeps."""

    NOTHING = "nothing"
    """There was none."""
    ERASED = "erased"
    KEPT = "kept"
    """The host said that it keeps it."""
    WAITING = "waiting"
    """The host could not do it now, and is asked again."""
    NOT_ASKED = "not_asked"
    """The host has no way to be asked."""


WORST_FIRST = (AtHost.NOT_ASKED, AtHost.WAITING, AtHost.KEPT, AtHost.ERASED)


@dataclass(frozen=True, slots=True)
class ErasedAtHost:
    """What became of the chats (the worst of them) and of the contact."""

    chats: AtHost = AtHost.NOTHING
    contact: AtHost = AtHost.NOTHING


def can_be_asked(host: HostWithoutPages) -> dict[str, bool]:
    """Whether the host can be asked to erase chats, and contacts."""
    return {
        f"asks_{part}": offered(getattr(host, part), method) is not None for part, method in WAYS.values()
    }


def note_for_host(connection: Connection, channel_id: int, session: Any) -> None:
    """Write down what the host is to be asked, before the session is deleted. ``session`` has its chat and contact."""
    past = select(SmsPastChat.chat_id).where(SmsPastChat.session_id == session.id).order_by(SmsPastChat.id)
    chats = dict.fromkeys([*connection.scalars(past), *([session.chat_id] if session.chat_id else [])])
    rows = [(CHAT, chat) for chat in chats] + ([(CONTACT, session.contact_id)] if session.contact_id else [])
    if rows:
        of = {"channel_id": channel_id, "session_id": session.id}
        connection.execute(
            insert(SmsHostErasure), [{**of, "kind": kind, "host_id": host_id} for kind, host_id in rows]
        )


def note_chat(connection: Connection, channel_id: int, chat_id: str) -> None:
    """Write down that the host is to be asked to erase a chat that belongs to no texter."""
    values = {"session_id": NO_SESSION, "kind": CHAT, "host_id": chat_id}
    of_a_channel_that_is_left = select(SmsChannel.id, *map(literal, values.values())).where(
        SmsChannel.id == channel_id
    )
    connection.execute(insert(SmsHostErasure).from_select(["channel_id", *values], of_a_channel_that_is_left))


def erase_chat(runtime: Runtime, chat_id: str) -> None:
    """Ask the host about such a chat."""
    _ask_about(runtime, _claim(SmsHostErasure.session_id == NO_SESSION, SmsHostErasure.host_id == chat_id))


def erase_at_host(runtime: Runtime, session_id: int) -> ErasedAtHost:
    """Ask the host about what an erased session had; what it cannot do now, housekeeping asks again."""
    of_session = SmsHostErasure.session_id == session_id
    done = _ask_about(runtime, _claim(of_session))
    with transaction() as connection:
        left = set(connection.scalars(select(SmsHostErasure.kind).where(of_session)))
    done += [(kind, AtHost.WAITING) for kind in left]
    return ErasedAtHost(_worst(done, CHAT), _worst(done, CONTACT))


def ask_hosts_again(runtime: Runtime) -> int:
    """Ask about what is due, ``BATCH`` at most; returns how much is settled."""
    return sum(found is not AtHost.WAITING for _, found in _ask_about(runtime, _claim()))


def _worst(done: Iterable[tuple[str, AtHost]], kind: str) -> AtHost:
    of_kind = {found for each, found in done if each == kind}
    return next((found for found in WORST_FIRST if found in of_kind), AtHost.NOTHING)


def _claim(*which: Any) -> Sequence[Any]:
    with transaction() as connection:
        due = select(SmsHostErasure.id).where(SmsHostErasure.try_at <= db_now(), *which)
        ids = list(connection.scalars(due.order_by(SmsHostErasure.try_at, SmsHostErasure.id).limit(BATCH)))
        if not ids:
            return ()
        chosen = locked_in_order(connection.dialect.name, SmsHostErasure.__table__.c.id, ids)
        return connection.execute(
            update(SmsHostErasure)
            .where(chosen, SmsHostErasure.try_at <= db_now())
            .values(try_at=db_now(CLAIM), tries=SmsHostErasure.tries + 1)
            .returning(SmsHostErasure.__table__)
        ).all()


def _ask_about(runtime: Runtime, rows: Sequence[Any]) -> list[tuple[str, AtHost]]:
    found = [(row, _ask(runtime, row)) for row in rows]
    for row, became in found:
        one = SmsHostErasure.id == row.id
        with transaction() as connection:
            if became is AtHost.WAITING and not _is_given_up(row):
                pause = PAUSES[min(row.tries, len(PAUSES)) - 1]
                connection.execute(update(SmsHostErasure).where(one).values(try_at=db_now(pause)))
            else:
                connection.execute(delete(SmsHostErasure).where(one))
    return [(row.kind, became) for row, became in found]


def _is_given_up(row: Any) -> bool:
    """A chat that belongs to no texter is not worth asking for ever, where a texter's is."""
    return bool(row.session_id == NO_SESSION and row.tries >= len(PAUSES))


def _ask(runtime: Runtime, row: Any) -> AtHost:
    part, method = WAYS[row.kind]
    way = offered(getattr(runtime.host, part), method)
    if way is None:
        return AtHost.NOT_ASKED
    try:
        with discreet_errors(), host_call():
            kept = way(row.host_id) is False
    except Exception:  # the host's code may raise anything; it is asked again
        logger.exception("the host could not erase a %s of an erased texter or of a rehearsal", row.kind)
        return AtHost.WAITING
    return AtHost.KEPT if kept else AtHost.ERASED
