"""What the plugin offers the host: ``app.extensions["illumichat_sms"].channel``.

A host calls it in an app context, as it calls its own code, and with the id of a chat that ``chats.open`` returned. Who
may call is the host's to decide. ``docs/host-contract.md`` shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from illumichat_sms_plugin.agreement import Consent
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.refusals import Refusal
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.people import handling
from illumichat_sms_plugin.services.people import send_text as sending
from illumichat_sms_plugin.services.people import start_text as starting
from illumichat_sms_plugin.services.people.send_text import Refused, Sent
from illumichat_sms_plugin.services.people.start_text import THE_HOST
from illumichat_sms_plugin.services.people.suggestions import (
    Suggestion,
    discard_suggestion,
    send_suggestion,
    waiting_suggestion,
)

__all__ = ["ChatState", "Consent", "Refused", "Sent", "SmsChannel", "Suggestion"]


@dataclass(frozen=True, slots=True)
class ChatState:
    """How an SMS chat stands."""

    taken_over: bool
    by: str | None
    """The name of who took it over; None when nobody has yet, or the assistant answers."""
    since: datetime | None
    why: str | None
    """What the assistant said when it handed off."""
    waiting: int
    """Texts that wait for a person's answer."""
    refusal: Refused | None
    """Why nothing can be sent now, or None."""
    suggestion: Suggestion | None = None
    """What the assistant suggests, while it waits for a person."""


class SmsChannel:
    """Answer texters as a person, and text first who agreed to it. Nothing here raises for what a person may do wrong: it says so."""

    def send(self, chat_id: str, text: str, by: Person, key: str, *, media_url: str = "") -> Sent | Refused:
        """Send ``text`` to the chat's texter, and take the chat over by that.

        It is kept when this returns, and goes out as one message, once: the same ``key``
        sends nothing again; without one, every call is a new text. It comes into the chat when Twilio has it. What keeps it from going out later
        stands on the session's page. ``media_url``, a public https address, is a picture that goes out with it, where the
        number has MMS.
        """
        session_id = handling.find_session_of(chat_id)
        if session_id is None:
            return Refused.because(Refusal.ENDED if handling.is_past(chat_id) else Refusal.NOT_SMS)
        return sending.send_text(current_runtime(), session_id, text, by=by, key=key, media_url=media_url)

    def start(
        self,
        assistant_id: str,
        number: str,
        text: str,
        consent: Consent | None,
        key: str,
        *,
        by: Person = THE_HOST,
    ) -> Sent | Refused:
        """Send ``text`` to one ``number`` (E.164) whose owner agreed to it; ``consent`` says to what, when and how.

        It is kept when this returns, with the consent, and goes out once, whatever number comes with the same ``key``. The
        assistant answers what comes back. At night where the number is it is refused, and ``not_before`` says until when.
        """
        runtime = current_runtime()
        return starting.start_text(runtime, assistant_id, number, text, consent=consent, key=key, by=by)

    def send_suggestion(
        self, chat_id: str, suggestion_id: str, by: Person, text: str | None = None
    ) -> Sent | Refused:
        """Send what the assistant suggests, or ``text`` in its place; ``state(chat_id).suggestion`` has it.

        Whoever decides first does; a second call of the same person sends nothing again. Nobody takes the chat over by it.
        """
        session_id = handling.find_session_of(chat_id)
        number = _number(suggestion_id)
        if session_id is None or number is None:
            return Refused.because(Refusal.NO_SUGGESTION)
        return send_suggestion(current_runtime(), session_id, number, by=by, body=text)

    def discard_suggestion(self, chat_id: str, suggestion_id: str, by: Person) -> bool:
        """Send nothing for it; False when it does not wait any more."""
        session_id = handling.find_session_of(chat_id)
        number = _number(suggestion_id)
        return session_id is not None and number is not None and discard_suggestion(session_id, number, by=by)

    def take_over(self, chat_id: str, by: Person) -> bool:
        """Let ``by`` answer in the assistant's place; False when it is no SMS chat."""
        session_id = handling.find_session_of(chat_id)
        return session_id is not None and handling.take_over(current_runtime(), session_id, by=by, tell=False)

    def hand_back(self, chat_id: str, by: Person) -> bool:
        """Let the assistant answer again, also what nobody has answered; False when it is no SMS chat.

        Texts that are too old for that can be answered again from the session's page.
        """
        session_id = handling.find_session_of(chat_id)
        return session_id is not None and handling.hand_back(current_runtime(), session_id, by=by, tell=False)

    def state(self, chat_id: str) -> ChatState | None:
        """Who answers, what waits, and whether something can be sent; None when it is no SMS chat."""
        session_id = handling.find_session_of(chat_id)
        found = handling.handling_of(session_id) if session_id is not None else None
        if session_id is None or found is None:
            return None
        reason = sending.why_not_to(current_runtime(), session_id)
        return ChatState(
            taken_over=found.by_person,
            by=found.person,
            since=found.since,
            why=found.why,
            waiting=found.waiting,
            refusal=Refused.because(reason) if reason else None,
            suggestion=waiting_suggestion(current_runtime(), session_id),
        )


def _number(id: str) -> int | None:
    return int(id) if id.isascii() and id.isdecimal() and len(id) <= 18 else None
