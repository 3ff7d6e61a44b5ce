"""Text somebody first who agreed to it: one number, one text.

It is kept like what a person writes, and takes the same way from there (send_text.py): nobody takes the session over by
it, and the assistant answers what comes back.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, and_, or_, select, text

from illumichat_sms_plugin.agreement import Consent
from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.in_words import minute
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import SmsPersonText, SmsSession
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.models.person_text import FIRST
from illumichat_sms_plugin.phone_number import SenderKind, parse_sender, to_e164
from illumichat_sms_plugin.quiet_hours import is_day, next_day, zones_of
from illumichat_sms_plugin.refusals import Refusal, why_refused
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services import audit
from illumichat_sms_plugin.services.channels import Channel, is_listed, is_possible_id, load_channel
from illumichat_sms_plugin.services.further_numbers import belongs_to_a_channel
from illumichat_sms_plugin.services.people.send_text import (
    STANDING,
    Refused,
    Sent,
    as_result,
    facts_of,
    stored_key,
    tidy,
    why_not_these_words,
)
from illumichat_sms_plugin.services.texters.consent import record_agreement
from illumichat_sms_plugin.services.texters.suppressions import digest_of, kept_opt_out

THE_HOST = Person("host", "The host")
"""Who started a text of which the host names nobody."""
TEXT_STARTED = "text_started"


class _No(Exception):  # noqa: N818 - not an error, it undoes the transaction
    """The text may not go out."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.reason)
        self.refused = refused


@dataclass(frozen=True, slots=True)
class _Wish:
    """A text that is to go out."""

    number: str = field(repr=False)
    body: str = field(repr=False)
    consent: Consent | None
    key: str
    by: Person


def start_text(
    runtime: Runtime,
    assistant_id: str,
    number: str,
    body: str,
    *,
    consent: Consent | None,
    key: str,
    by: Person = THE_HOST,
) -> Sent | Refused:
    """Keep ``body`` to be sent to ``number``, and with it to what its owner agreed. The same ``key`` sends once.

    What is refused leaves nothing behind, so the same key may be used again.
    """
    body, key = tidy(body), _stored_key(key)
    channel = load_channel(runtime, assistant_id) if is_possible_id(assistant_id) else None
    if channel is None:
        return Refused.because(Refusal.NOT_CONNECTED)
    with transaction() as connection:
        earlier = _kept(connection, channel.id, None, key)
    if earlier is not None:
        return as_result(earlier)
    reason = why_not_these_words(body)
    if reason is not None:
        return Refused.because(reason)
    spelled = _to_number(number)
    if isinstance(spelled, Refused):
        return spelled
    wish = _Wish(spelled, body, consent, key, by)
    try:
        with transaction() as connection:
            session_id, kept = _start(connection, runtime, channel, wish)
    except _No as no:
        return no.refused
    runtime.queue.answer_session(session_id, channel.id)
    return as_result(kept)


def _stored_key(key: str) -> str:
    """Apart from the keys of what people write in a session."""
    return f"first-{hashlib.sha256(stored_key(key).encode()).hexdigest()}"


def _to_number(number: str) -> str | Refused:
    """As E.164. Names and short codes are none."""
    if parse_sender(number).kind is not SenderKind.PHONE and not number.strip().startswith("+"):
        return Refused(
            Refusal.NOT_A_PHONE, say("Write the number with + and the country code, such as +15551234567.")
        )
    try:
        spelled = to_e164(number)
    except InvalidInput as error:
        return Refused(Refusal.NOT_A_PHONE, str(error))
    if parse_sender(spelled).kind is not SenderKind.PHONE:
        return Refused.because(Refusal.NOT_A_PHONE)
    return spelled


def _start(connection: Connection, runtime: Runtime, channel: Channel, wish: _Wish) -> tuple[int, Row[Any]]:
    """All of it or nothing. The session is locked first, so an opt-out comes before this, or after it and to the worker."""
    session = _open(connection, channel, wish.number)
    earlier = _kept(connection, channel.id, session.id, wish.key)
    if earlier is not None:
        return session.id, earlier
    agreed = wish.consent.tidy(session.now) if wish.consent is not None else None
    if agreed is None:
        raise _No(Refused.because(Refusal.NO_CONSENT))
    refused = _why_not(connection, runtime, channel, session)
    if refused is not None:
        raise _No(refused)
    by, values = wish.by, {"channel_id": channel.id, "session_id": session.id, "key": wish.key}
    who = {"by_id": by.id[:128], "by_name": by.name[:200], "body": wish.body, "is_first": True}
    new = insert_or_conflict(connection, SmsPersonText).values(values | who).on_conflict_do_nothing()
    added = connection.execute(new.returning(SmsPersonText.id)).first()
    if added is not None:
        record_agreement(connection, session.id, agreed, by=by.name)
        audit.record(connection, channel.id, by, TEXT_STARTED, [audit.about("session", session.id)])
    kept = _kept(connection, channel.id, session.id, wish.key)
    assert kept is not None  # noqa: S101 - it was added here, or by another meanwhile
    return session.id, kept


def _open(connection: Connection, channel: Channel, number: str) -> Any:
    """The number's session, locked. A new one has the opt-out of a texter who was erased."""
    values: dict[str, Any] = {
        "channel_id": channel.id,
        "phone_number": number,
        "reversed_number": number[::-1],
    }
    kept: dict[str, Any] = {}
    if channel.opt_out_pepper is not None:
        values["opted_out_at"] = kept_opt_out()
        kept = {"kept_channel_id": channel.id, "digest": digest_of(channel.opt_out_pepper, number)}
    one = [SmsSession.channel_id, SmsSession.phone_number]
    new = insert_or_conflict(connection, SmsSession).values(values).on_conflict_do_nothing(index_elements=one)
    connection.execute(new, kept)
    where = SmsSession.channel_id == channel.id, SmsSession.phone_number == number
    return connection.execute(STANDING.where(*where).with_for_update(of=SmsSession, key_share=True)).one()


def _why_not(connection: Connection, runtime: Runtime, channel: Channel, session: Any) -> Refused | None:
    day = runtime.settings.first_text_from, runtime.settings.first_text_until
    zones = zones_of(session.phone_number)
    facts = replace(
        facts_of(runtime, session, channel),
        listed=is_listed(channel, session.phone_number),
        is_a_channel=connection.scalar(select(belongs_to_a_channel(session.phone_number))) or False,
        is_day=is_day(session.now, zones, *day),
    )
    reason = why_refused(facts)
    if reason is not Refusal.NIGHT:
        return Refused.because(reason) if reason else None
    return _until_day(session.now, zones, day)


def _until_day(now: Any, zones: tuple[str, ...], day: tuple[int, int]) -> Refused:
    """Refused, with a sentence that names when the text may be sent."""
    at = next_day(now, zones, *day)
    refusal = Refused.because(Refusal.NIGHT).sentence
    if at is None:
        sentence = say("{refusal} The number does not tell its time zone.", refusal=refusal)
        return Refused(Refusal.NIGHT, sentence)
    if len(zones) == 1:
        sentence = say(
            "{refusal} It may be sent from {time} UTC on, which is {local} in {zone}.",
            refusal=refusal,
            time=minute(at.astimezone(UTC)),
            local=f"{at.astimezone(ZoneInfo(zones[0])):%H:%M}",
            zone=zones[0].replace("_", " "),
        )
    else:
        sentence = say(
            "{refusal} It may be sent from {time} UTC on, when it is day in all its time zones.",
            refusal=refusal,
            time=minute(at.astimezone(UTC)),
        )
    return Refused(Refusal.NIGHT, sentence, at)


def _kept(connection: Connection, channel_id: int, session_id: int | None, key: str) -> Any:
    its_own = and_(SmsPersonText.channel_id == channel_id, text(FIRST), SmsPersonText.key == key)
    in_session = and_(SmsPersonText.session_id == session_id, SmsPersonText.key == key)
    wanted = select(SmsPersonText.id, SmsPersonText.refused)
    where = or_(its_own, in_session) if session_id else its_own
    return connection.execute(wanted.where(where)).first()
