"""The sessions of a channel: a page of the list, or one of them.

The list is read along an index, from the place where the page before it ended. What is counted or
searched is bounded. So the cost of a page does not grow with the number of sessions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text, tuple_

from illumichat_sms_plugin.errors import NotFound
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import SmsMessage, SmsSession
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import UNSETTLED
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.sessions.list_place import Place, PlacesAround, places_around
from illumichat_sms_plugin.services.sessions.session_search import (
    FOUND,
    LOOKED_THROUGH,
    normal_query,
    search,
)
from illumichat_sms_plugin.services.sessions.session_view import Session, Viewer, read_rows, show_sessions
from illumichat_sms_plugin.services.sessions.text_filter import TextFilter, TextState, sessions_with

NO_SUCH_SESSION = say("There is no such session.")
ASLEEP = and_(
    SmsSession.machine_at.is_not(None),
    or_(SmsSession.awake_at.is_(None), SmsSession.awake_at < SmsSession.machine_at),
)
"""Looks like a machine's and gets no answers."""
COUNTED = 10_000
"""A longer list is not counted to its end."""


class Show(StrEnum):
    """Which sessions are listed."""

    ALL = "all"
    DECISION = "decision"
    PERSON = "person"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    MACHINE = "machine"
    FAILED = "failed"
    UNANSWERED = "unanswered"
    WAITING = "waiting"
    BILLED = "billed"


@dataclass(frozen=True, slots=True)
class SessionList:
    """A page of sessions, the last texted first.

    ``total`` is how many match: exactly, or at least so many. ``around`` is where the pages before and
    after this one are. ``searched_all`` is False when digits within a number were compared with those
    of the last ``LOOKED_THROUGH`` sessions only.
    """

    sessions: Sequence[Session] = ()
    total: int = 0
    total_is_exact: bool = True
    around: PlacesAround = field(default_factory=PlacesAround)
    searched_all: bool = True


def list_sessions(
    runtime: Runtime,
    channel_id: int | None,
    viewer: Viewer,
    *,
    limit: int,
    offset: int = 0,
    before: Place | None = None,
    after: Place | None = None,
    query: str = "",
    show: Show = Show.ALL,
    texts: TextFilter | None = None,
) -> SessionList:
    """``limit`` of the sessions that match: those older than ``before``, or just newer than ``after``.

    ``texts`` says which failed, unanswered, waiting or billed texts count, where ``show`` asks for them.

    ``offset`` leaves out so many of them first; what it leaves out is read, ``before`` is not.
    """
    if channel_id is None:
        return SessionList()
    wanted, words = _all_of(channel_id, show, texts), normal_query(query)
    searched_all = True
    if words:
        searched_all = not viewer.full or _count(wanted, LOOKED_THROUGH + 1) <= LOOKED_THROUGH
        found = search(
            runtime, channel_id, viewer.workspace_id, words, _newest_first(wanted), full=viewer.full
        )
        wanted = _of_found(found, channel_id, show, texts)
    keys, around = _read_keys(wanted, limit, offset, before, after)
    total = _count(wanted, COUNTED + 1)
    return SessionList(
        sessions=show_sessions(runtime, viewer, read_rows(runtime, [key.id for key in keys])),
        total=min(total, COUNTED),
        total_is_exact=searched_all and total <= COUNTED,
        around=around,
        searched_all=searched_all,
    )


def find_session(runtime: Runtime, channel_id: int | None, viewer: Viewer, session_id: int) -> Session:
    """One session of the channel; NotFound when it is not there."""
    rows = read_rows(runtime, [require_session(channel_id, session_id)])
    if not rows:
        raise NotFound(NO_SUCH_SESSION)
    return show_sessions(runtime, viewer, rows)[0]


def require_session(channel_id: int | None, session_id: int) -> int:
    """``session_id`` when it is one of the channel's; else NotFound."""
    found = None
    if channel_id is not None:
        with transaction() as connection:
            found = connection.scalar(
                select(SmsSession.id).where(SmsSession.id == session_id, SmsSession.channel_id == channel_id)
            )
    if found is None:
        raise NotFound(NO_SUCH_SESSION)
    return found


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A query for the columns ``FOUND``, and its columns to put it in order by."""

    query: Select[*tuple[Any, ...]]
    columns: Any

    @property
    def key(self) -> tuple[Any, Any]:
        return self.columns.last_message_at, self.columns.id


def _all_of(channel_id: int, show: Show, texts: TextFilter | None) -> _Wanted:
    few = _few(channel_id, show, texts)
    if few is not None:
        # Without the channel, which the texts have anyway, SQLite does not go through all its sessions.
        query = select(*FOUND).where(SmsSession.id.in_(few))
    else:
        query = select(*FOUND).where(SmsSession.channel_id == channel_id, *_standing(SmsSession, show))
    return _Wanted(query, SmsSession)


def _of_found(found: Any, channel_id: int, show: Show, texts: TextFilter | None) -> _Wanted:
    query, few = select(found).where(*_standing(found.c, show)), _few(channel_id, show, texts)
    return _Wanted(query if few is None else query.where(found.c.id.in_(few)), found.c)


def _standing(columns: Any, show: Show) -> list[ColumnElement[bool]]:
    """What the columns of a session say."""
    if show is Show.PERSON:
        return [or_(columns.person_since.is_not(None), columns.suggested_at.is_not(None))]
    since = {Show.OPTED_OUT: columns.opted_out_at, Show.BLOCKED: columns.blocked_at}
    return [since[show].is_not(None)] if show in since else []


def _few(channel_id: int, show: Show, texts: TextFilter | None) -> Select[Any] | None:
    """The ids of the sessions that ``show`` finds by their texts, or as machines'; None where it asks for neither."""
    if show is Show.DECISION:
        return _waiting_for_a_decision(channel_id)
    if show is Show.MACHINE:
        # "+ 0", because SQLite would rather go through all sessions of the channel than through the few machines.
        return select(SmsSession.id).where(SmsSession.channel_id + 0 == channel_id, ASLEEP)
    if texts is None or show.value not in list(TextState):
        return None
    return sessions_with(channel_id, TextState(show.value), texts)


def _waiting_for_a_decision(channel_id: int) -> Select[int]:
    return select(SmsMessage.session_id).where(SmsMessage.channel_id == channel_id, text(UNSETTLED))


def _count(wanted: _Wanted, most: int) -> int:
    some = wanted.query.with_only_columns(wanted.columns.id).limit(most).subquery()
    with transaction() as connection:
        return connection.scalar(select(func.count()).select_from(some)) or 0


def _read_keys(
    wanted: _Wanted, limit: int, offset: int, before: Place | None, after: Place | None
) -> tuple[Sequence[Any], PlacesAround]:
    """Id and time of the page's sessions, the last texted first, and where the next pages are."""
    if after is not None:
        newer = _read(wanted, _next_newer(wanted, after), limit + 1, 0)
        if len(newer) >= limit:
            keys = newer[:limit][::-1]
            return keys, places_around(keys, newer=len(newer) > limit, older=True)
        before, offset = None, 0  # the first page, and a whole one
    query = wanted.query
    if before is not None:
        query = query.where(tuple_(*wanted.key) < _as_key(before))
    older = _read(wanted, _newest_first(_Wanted(query, wanted.columns)), limit + 1, offset)
    keys = older[:limit]
    return keys, places_around(keys, newer=before is not None or offset > 0, older=len(older) > limit)


def _next_newer(wanted: _Wanted, place: Place) -> Select[*tuple[Any, ...]]:
    return wanted.query.where(tuple_(*wanted.key) > _as_key(place)).order_by(*wanted.key)


def _newest_first(wanted: _Wanted) -> Select[*tuple[Any, ...]]:
    return wanted.query.order_by(*(column.desc() for column in wanted.key))


def _as_key(place: Place) -> Any:
    return place.last_at, place.session_id


def _read(wanted: _Wanted, query: Select[*tuple[Any, ...]], limit: int, offset: int) -> Sequence[Any]:
    """Only what the index has, so that no row is looked at that ``offset`` leaves out."""
    keys = query.with_only_columns(*wanted.key).limit(limit).offset(offset)
    with transaction() as connection:
        return connection.execute(keys).all()
