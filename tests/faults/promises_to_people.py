"""What people who answer were promised: one message at most for a text of theirs, and no answer besides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from demo.twilio_simulator.records import Message
from tests.faults.people import Deeds
from tests.faults.stores import PostgreSQL

_KEPT = """
    SELECT person.key, person.refused, message.send_state, message.message_sid,
           (SELECT count(*) FROM host_entries WHERE content = person.body)
    FROM sms_person_texts person LEFT JOIN sms_messages message ON message.id = person.message_id
    WHERE person.created_at > (SELECT coalesce(max(created_at), '-infinity') FROM sms_messages WHERE id <= %s)
"""
_ANSWERED_MEANWHILE = """
    SELECT count(*) FROM sms_messages
    WHERE direction = 'outbound' AND kind <> 'person' AND id > %s AND id <= %s
      AND session_id IN (SELECT id FROM sms_sessions WHERE phone_number = %s)
"""
_ANSWERED_AGAIN = """
    SELECT DISTINCT inbound.id FROM sms_messages inbound
    JOIN sms_messages answer ON answer.id = inbound.answer_id AND answer.kind = 'answer'
    JOIN sms_person_texts person ON person.session_id = inbound.session_id AND person.refused IS NULL
    WHERE inbound.id > %s AND inbound.created_at <= person.created_at AND person.created_at < answer.created_at
"""


def doubled(created: Sequence[Message]) -> int:
    """Messages beyond one for a person's text."""
    return sum(_times(created).values()) - len(_times(created))


def _times(created: Sequence[Message]) -> Counter[str]:
    return Counter(message.body.split()[-1] for message in created if " says p#" in message.body)


def broken(database: PostgreSQL, after: int, created: Sequence[Message], deeds: Deeds) -> list[str]:
    """Sentences, one for each broken promise, about what people did in the run that began ``after`` this message."""
    found = []
    at_twilio = _times(created)
    several = {code: count for code, count in at_twilio.items() if count > 1}
    if several:
        found.append(f"2: texts of people with more than one message at Twilio: {several}")
    kept = {code: rest for code, *rest in database.rows(_KEPT, after)}
    for code in {text.code for text in deeds.written} | set(at_twilio):
        if code not in kept:
            found.append(f"1: {code} of a person is not recorded")
            continue
        refused, state, sid, in_chat = kept[code]
        if state == "unsettled" or (refused and not at_twilio[code]):
            continue
        if (state, at_twilio[code], in_chat) != ("accepted", 1, 1) or sid is None:
            said = f"{refused or state}, {at_twilio[code]} times at Twilio, {in_chat} times in the chat"
            found.append(f"2: {code} of a person: {said}")
    for silence in deeds.silences:
        [(count,)] = database.rows(_ANSWERED_MEANWHILE, silence.after, silence.until, silence.phone)
        if count:
            found.append(f"2: {count} answers of the assistant while a person answered")
    again = database.rows(_ANSWERED_AGAIN, after)
    if again:
        found.append(
            f"2: {len(again)} texts were answered by the assistant that a person had answered: {again[:5]}"
        )
    return found
