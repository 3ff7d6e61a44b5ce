"""What there is to tell about a channel now, from the state that its page shows, and about its sessions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from illumichat_sms_plugin.host import NoticeKind
from illumichat_sms_plugin.models import SmsSession, db_now_once
from illumichat_sms_plugin.phone_number import mask_numbers_in
from illumichat_sms_plugin.services.sessions.session_list import ASLEEP
from illumichat_sms_plugin.services.sessions.waiting_for_people import FOR_PEOPLE, WAITS_FOR_A_PERSON
from illumichat_sms_plugin.services.setup.channel_settings import ChannelSettings
from illumichat_sms_plugin.services.setup.channel_state import ChannelState, StateCode, state_of

OF_CHANNELS = (NoticeKind.NEEDS_ATTENTION, NoticeKind.PAUSED, NoticeKind.LIMIT_AT_80)
OF_SESSIONS = (NoticeKind.LOOP_STOPPED, NoticeKind.WANTS_A_PERSON)
MOST = 500
"""Sessions of a kind that one look finds, the newest first."""
RECENT = 3600.0
"""Seconds for which a machine that was stopped is news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Something to tell. ``subject`` says which of its kind it is, and stays the same while it stands."""

    channel_id: int
    kind: NoticeKind
    subject: str
    sentence: str
    session_id: int | None = None


def of_channel(settings: ChannelSettings) -> list[Standing]:
    """What there is to tell of a channel as a whole."""
    if settings.id is None:
        return []
    state = state_of(settings)
    if state.code is StateCode.PAUSED and settings.pause is not None:
        began = f"{settings.pause.since:%Y-%m-%dT%H:%M:%S.%f}"
        subject = f"{settings.pause.reason}/{began}"
        return [_standing(settings.id, NoticeKind.PAUSED, subject, state.sentence)]
    if state.code in (StateCode.NOT_CONNECTED, StateCode.DRAFT, StateCode.OFF):
        return []
    return [*_attention(settings.id, state), *_limits(settings.id, settings)]


def _attention(channel_id: int, state: ChannelState) -> Iterable[Standing]:
    for reason in state.reasons:
        if reason.name:
            yield _standing(channel_id, NoticeKind.NEEDS_ATTENTION, reason.name, mask_numbers_in(reason.what))


def _limits(channel_id: int, settings: ChannelSettings) -> Iterable[Standing]:
    for used in settings.used:
        if used.is_close:
            sentence = f"{used.label}: {used.sentence}. When all of it is used, the channel pauses itself."
            yield _standing(channel_id, NoticeKind.LIMIT_AT_80, used.name, sentence)


def _standing(channel_id: int, kind: NoticeKind, subject: str, sentence: str) -> Standing:
    return Standing(channel_id=channel_id, kind=kind, subject=subject[:80], sentence=sentence[:500])


STANDS: dict[NoticeKind, ColumnElement[bool]] = {
    NoticeKind.LOOP_STOPPED: ASLEEP,
    NoticeKind.WANTS_A_PERSON: WAITS_FOR_A_PERSON,
}
NEWS: dict[NoticeKind, tuple[Any, ColumnElement[bool]]] = {
    NoticeKind.LOOP_STOPPED: (SmsSession.machine_at, SmsSession.machine_at > db_now_once(-RECENT)),
    NoticeKind.WANTS_A_PERSON: (SmsSession.last_message_at, FOR_PEOPLE),
}
"""In which order, and among which, they are looked for."""
COLUMNS = (
    *(SmsSession.id, SmsSession.channel_id, SmsSession.machine_evidence),
    *(SmsSession.person_why, SmsSession.person_since),
)


def of_sessions(connection: Connection) -> list[Standing]:
    """What there is to tell of single sessions of all channels."""
    found = []
    for kind in OF_SESSIONS:
        newest, among = NEWS[kind]
        rows = connection.execute(
            select(*COLUMNS).where(among, STANDS[kind]).order_by(newest.desc()).limit(MOST)
        )
        found += [
            Standing(
                channel_id=row.channel_id,
                kind=kind,
                subject=str(row.id),
                sentence=_sentence(kind, row),
                session_id=row.id,
            )
            for row in rows
        ]
    return found


def still_stand(connection: Connection, kind: NoticeKind, session_ids: Collection[int]) -> Sequence[int]:
    """Those of these sessions of which the same is still to be told."""
    if not session_ids:
        return ()
    return connection.scalars(select(SmsSession.id).where(SmsSession.id.in_(session_ids), STANDS[kind])).all()


def _sentence(kind: NoticeKind, row: Any) -> str:
    """What the assistant says of a texter may name a number; the host's mails go to people who may not see it."""
    if kind is NoticeKind.LOOP_STOPPED:
        what = f"A texter looks like a machine and gets no more answers. {row.machine_evidence or ''}".strip()
    elif row.person_since is None:
        what = "An answer that the assistant suggests waits for a person to send it."
    elif row.person_why:
        what = f"A texter waits for a person. The assistant handed off: {row.person_why}"
    else:
        what = "A texter waits for a person's answer."
    return mask_numbers_in(what)[:500]


def together(kind: NoticeKind, count: int) -> str:
    """The same of several sessions at once."""
    if kind is NoticeKind.LOOP_STOPPED:
        return f"{count} texters look like machines and get no more answers."
    return f"{count} texters wait for a person's answer."
