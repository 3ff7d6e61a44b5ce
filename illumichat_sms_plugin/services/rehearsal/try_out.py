"""Try the assistant out: write as a texter, and read what a phone would get. Nothing is sent, and nothing is counted.

The assistant may think for a minute, so it is asked in a thread of the web process; any process shows what came of it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import phonenumbers
from flask import Flask, current_app
from sqlalchemy import Connection, Row, delete, func, select, update

from illumichat_sms_plugin.errors import Conflict, InvalidInput
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import SmsChannel, SmsRehearsal, db_now
from illumichat_sms_plugin.models.database import discreet_errors, insert_or_conflict, transaction
from illumichat_sms_plugin.phone_number import to_e164
from illumichat_sms_plugin.runtime import Runtime, current_runtime
from illumichat_sms_plugin.services.answering.contacts import is_stranger
from illumichat_sms_plugin.services.answering.situation import Limits, OpenSession
from illumichat_sms_plugin.services.channels import Channel, load_channel, load_channel_by_id
from illumichat_sms_plugin.services.further_numbers import belongs_to_a_channel
from illumichat_sms_plugin.services.rate_limit import spend
from illumichat_sms_plugin.services.rehearsal.ask import ask
from illumichat_sms_plugin.services.rehearsal.lines import Line, Memory
from illumichat_sms_plugin.services.rehearsal.play import Play, hear, switched_on
from illumichat_sms_plugin.services.rehearsal.throw_away import note, throw_away
from illumichat_sms_plugin.twilio_gateway.webhook_forms import clean_text

logger = logging.getLogger("illumichat_sms.rehearsal")

LONGEST = 1600
"""Characters of a text; Twilio takes no more."""
MOST_LINES = 120
BY_PERSON, BY_WORKSPACE, PERIOD = 60, 300, 3600
"""So many texts in so many seconds."""
AT_ONCE = threading.BoundedSemaphore(8)
"""Held by each thread of this process that asks an assistant."""
OF_A_WORKSPACE = 4
"""So many assistants of one workspace are asked at once: the others get places, too."""
USUAL_NUMBER = "+12015550123"
"""Reserved for examples."""
MARGIN = timedelta(seconds=30)
"""After the assistant's time is over, a thread that has not finished died with its process."""
NOT_CONNECTED = say("Save the account and the number first. Nothing is sent when you try the assistant out.")
THINKING = say("The assistant is thinking about the last text. Wait for its answer, or start over.")
TOO_OFTEN = say("Texts were tried out too often.")
LOST = say("The answer got lost. Write the text again.")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What an admin has tried out so far."""

    number: str
    lines: tuple[Line, ...]
    is_thinking: bool
    is_lost: bool
    """The process that asked the assistant died."""


def read_rehearsal(runtime: Runtime, channel_id: int, *, by: Person) -> Rehearsal | None:
    """The admin's own one."""
    with transaction() as connection:
        row = connection.execute(_own(channel_id, by)).first()
    if row is None:
        return None
    is_lost = _is_overdue(runtime, row)
    lines = tuple(Line.read(line) for line in row.lines)
    return Rehearsal(row.number, lines, row.asked_at is not None and not is_lost, is_lost)


def usual_number(channel: Channel) -> str:
    """A number of the channel's own country that is nobody's."""
    region = phonenumbers.region_code_for_number(phonenumbers.parse(channel.phone_number))
    found = phonenumbers.example_number_for_type(region or "US", phonenumbers.PhoneNumberType.MOBILE)
    if found is None:
        return USUAL_NUMBER
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def write_as_texter(runtime: Runtime, assistant_id: str, body: str, number: str, *, by: Person) -> None:
    """Write ``body`` as a texter with ``number``, or with a usual one; another number than before starts over.

    InvalidInput, Conflict while the assistant is thinking, RateLimited.
    """
    channel = load_channel(runtime, assistant_id)
    if channel is None:
        raise Conflict(NOT_CONNECTED)
    body = _tidy(body)
    texter = to_e164(number) if number.strip() else usual_number(channel)
    if texter == channel.phone_number:
        raise InvalidInput(say("This is the channel's own number. Write another one."))
    spend(f"rehearsal/person/{by.id}", limit=BY_PERSON, period=PERIOD, too_often=TOO_OFTEN)
    spend(
        f"rehearsal/workspace/{channel.workspace_id}",
        limit=BY_WORKSPACE,
        period=PERIOD,
        too_often=TOO_OFTEN,
    )
    stranger = _is_stranger(runtime, channel, texter)
    held, started = AT_ONCE.acquire(blocking=False), False
    try:
        with transaction() as connection:
            row, left = _open(connection, runtime, channel, texter, by)
            play = _play(runtime, channel, row, now=row.now)
            is_ours = connection.scalar(select(belongs_to_a_channel(texter))) or False
            heard = hear(replace(play, is_a_channel=is_ours, is_stranger=stranger), body)
            if heard.asks and _asked_now(connection, runtime, channel) >= OF_A_WORKSPACE:
                raise Conflict(
                    say("Your workspace is trying several assistants out right now. Try again in a minute.")
                )
            if heard.asks and not held:
                logger.warning("a rehearsal was refused: this process asks as many assistants as it may")
                raise Conflict(
                    say("Too many people are trying assistants out right now. Try again in a minute.")
                )
            _write(connection, row.id, heard, asked_at=row.now if heard.asks else None)
            note(connection, channel.id, left)
        throw_away(runtime, left)
        if heard.asks:
            _think_aside(row.id, row.now, stranger)
            started = True
    finally:
        if held and not started:  # else the thread gives the place back
            AT_ONCE.release()


def start_over(runtime: Runtime, assistant_id: str, *, by: Person) -> None:
    """Forget what was tried out, with its chat."""
    channel = load_channel(runtime, assistant_id)
    if channel is None:
        raise Conflict(NOT_CONNECTED)
    gone = delete(SmsRehearsal).where(
        SmsRehearsal.channel_id == channel.id, SmsRehearsal.person_id == by.id[:128]
    )
    with transaction() as connection:
        chat_id = connection.scalar(gone.returning(SmsRehearsal.chat_id))
        note(connection, channel.id, chat_id)
    throw_away(runtime, chat_id)


def _own(channel_id: int, by: Person) -> Any:
    return select(SmsRehearsal.__table__, db_now().label("now")).where(
        SmsRehearsal.channel_id == channel_id, SmsRehearsal.person_id == by.id[:128]
    )


def _tidy(body: str) -> str:
    body = clean_text(body).replace("\r\n", "\n").strip()
    if not body:
        raise InvalidInput(say("Write a text first."))
    if len(body) > LONGEST:
        raise InvalidInput(
            say(
                "A text has at most {most} characters; this one has {length}.", most=LONGEST, length=len(body)
            )
        )
    return body


def _is_stranger(runtime: Runtime, channel: Channel, number: str) -> bool:
    session = OpenSession(id=0, channel_id=channel.id, phone_number=number)
    try:
        with discreet_errors():
            return is_stranger(runtime, channel, session)
    except Exception as error:  # the host's code may raise anything
        logger.exception("channel %s: the host could not look a number up", channel.id)
        raise Conflict(say("The number could not be looked up among the contacts. Try again.")) from error


def _open(
    connection: Connection, runtime: Runtime, channel: Channel, number: str, by: Person
) -> tuple[Row[Any], str | None]:
    """The admin's rehearsal, locked, and the chat of one that is thrown away because its number was another."""
    new: dict[str, Any] = {
        "number": number,
        "memory": Memory().stored(),
        "lines": [],
        "chat_id": None,
        "filed": 0,
    }
    key = {"channel_id": channel.id, "person_id": by.id[:128]}
    added = insert_or_conflict(connection, SmsRehearsal).values(key | new)
    connection.execute(added.on_conflict_do_nothing(index_elements=["channel_id", "person_id"]))
    row = connection.execute(_own(channel.id, by).with_for_update()).one()
    if row.asked_at is not None and not _is_overdue(runtime, row):
        raise Conflict(THINKING)
    if len(row.lines) >= MOST_LINES:
        raise Conflict(say("This conversation is long enough. Start over."))
    if row.number == number:
        return row, None
    connection.execute(update(SmsRehearsal).where(SmsRehearsal.id == row.id).values(new | {"asked_at": None}))
    return connection.execute(_own(channel.id, by)).one(), row.chat_id


def _is_overdue(runtime: Runtime, row: Row[Any]) -> bool:
    return row.asked_at is not None and row.now - row.asked_at > _longest(runtime)


def _longest(runtime: Runtime) -> timedelta:
    return timedelta(seconds=runtime.settings.assistant_timeout) + MARGIN


def _asked_now(connection: Connection, runtime: Runtime, channel: Channel) -> int:
    """How many assistants of the channel's workspace are being asked. Two who ask together may both get the last place."""
    of_workspace = select(SmsChannel.id).where(SmsChannel.workspace_id == channel.workspace_id)
    since = db_now(-_longest(runtime).total_seconds())
    asked = SmsRehearsal.channel_id.in_(of_workspace), SmsRehearsal.asked_at > since
    return connection.scalar(select(func.count()).select_from(SmsRehearsal).where(*asked)) or 0


def _play(runtime: Runtime, channel: Channel, row: Row[Any], *, now: datetime) -> Play:
    lines = tuple(Line.read(line) for line in row.lines)
    limits = Limits.of(runtime.settings)
    return Play(switched_on(channel), row.number, limits, now, Memory(**row.memory), lines)


def _write(
    connection: Connection, rehearsal_id: int, play: Play, *, asked_at: datetime | None = None, **columns: Any
) -> None:
    connection.execute(
        update(SmsRehearsal)
        .where(SmsRehearsal.id == rehearsal_id)
        .values(
            memory=play.memory.stored(),
            lines=[line.stored() for line in play.lines],
            asked_at=asked_at,
            last_at=db_now(),
            **columns,
        )
    )


def _think_aside(rehearsal_id: int, asked_at: datetime, stranger: bool) -> None:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    thread = threading.Thread(
        target=_think, args=(app, rehearsal_id, asked_at, stranger), name="sms-rehearsal", daemon=True
    )
    thread.start()


def _keeper(asked: tuple[Any, ...]) -> Callable[[str], None]:
    """Writes the chat down once it is open, so that it goes with the rehearsal even if this process dies."""

    def keep(chat_id: str) -> None:
        with transaction() as connection:
            connection.execute(update(SmsRehearsal).where(*asked).values(chat_id=chat_id))

    return keep


def _is_used(connection: Connection, channel_id: int, chat_id: str) -> bool:
    """Whether a rehearsal has the chat: an assistant may answer after its text was given up and another one written."""
    has_it = SmsRehearsal.channel_id == channel_id, SmsRehearsal.chat_id == chat_id
    return connection.scalar(select(SmsRehearsal.id).where(*has_it).limit(1)) is not None


def _think(app: Flask, rehearsal_id: int, asked_at: datetime, stranger: bool) -> None:
    """Ask the assistant, and write down what came of it unless the admin has started over meanwhile."""
    try:
        with app.app_context():
            runtime = current_runtime()
            asked = SmsRehearsal.id == rehearsal_id, SmsRehearsal.asked_at == asked_at
            wanted = select(SmsRehearsal.__table__, db_now().label("now")).where(*asked)
            with transaction() as connection:
                row = connection.execute(wanted).first()
            channel = load_channel_by_id(runtime, row.channel_id) if row is not None else None
            if row is None or channel is None:
                return
            play = replace(_play(runtime, channel, row, now=row.now), is_stranger=stranger, is_open=True)
            done = ask(runtime, play, rehearsal_id, row.chat_id, row.filed, keep_chat=_keeper(asked))
            with transaction() as connection:
                current = connection.execute(wanted.with_for_update()).first()
                if current is not None:
                    _write(connection, rehearsal_id, done.play, chat_id=done.chat_id, filed=done.filed)
                is_left = done.chat_id is not None and not _is_used(connection, channel.id, done.chat_id)
                if is_left:
                    note(connection, channel.id, done.chat_id)
            if is_left:
                throw_away(runtime, done.chat_id)
    finally:
        AT_ONCE.release()
