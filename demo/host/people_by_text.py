"""How people of this host answer who texts it: through the plugin, where it is installed."""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from demo.host.models import Person
from illumichat_sms_plugin import host as contract
from illumichat_sms_plugin.sms_channel import ChatState, Consent, Refused, SmsChannel


def text_as(person: Person, chat_id: str, text: str, key: str) -> str | None:
    """Text a chat's texter as this person; why not, or None."""
    if (channel := _channel()) is None:
        return "Nothing here can send text messages."
    sent = channel.send(chat_id, text, contract.Person(person.id, person.name), key)
    return sent.sentence if isinstance(sent, Refused) else None


def text_first(
    person: Person, assistant_id: str, number: str, text: str, *, agreed: tuple[str, datetime, str], key: str
) -> str | None:
    """Text a number whose owner agreed to it (to what, when, how); why not, or None."""
    if (channel := _channel()) is None:
        return "Nothing here can send text messages."
    what, at, how = agreed
    by = contract.Person(person.id, person.name)
    started = channel.start(assistant_id, number, text, Consent(what, at=at, how=how), key, by=by)
    return started.sentence if isinstance(started, Refused) else None


def sms_state(chat_id: str) -> ChatState | None:
    """Who answers this chat by text, and what the assistant suggests to send; None when it is none by text."""
    channel = _channel()
    return channel.state(chat_id) if channel is not None else None


def decide_on(person: Person, chat_id: str, suggestion_id: str, *, send: bool) -> str | None:
    """Send the suggestion, or discard it; why not, or None."""
    if (channel := _channel()) is None:
        return "Nothing here can send text messages."
    by = contract.Person(person.id, person.name)
    if not send:
        done = channel.discard_suggestion(chat_id, suggestion_id, by)
        return None if done else "Somebody has decided on this suggestion already."
    sent = channel.send_suggestion(chat_id, suggestion_id, by)
    return sent.sentence if isinstance(sent, Refused) else None


def tell_who_answers(chat_id: str, person: Person, *, by_person: bool) -> None:
    """Say that this person has taken a chat over, or handed it back."""
    if (channel := _channel()) is not None:
        tell = channel.take_over if by_person else channel.hand_back
        tell(chat_id, contract.Person(person.id, person.name))


def _channel() -> SmsChannel | None:
    sms = current_app.extensions.get("illumichat_sms")
    return sms.channel if sms is not None else None
