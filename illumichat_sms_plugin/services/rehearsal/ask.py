"""Have the host's assistant answer a rehearsal, in a chat of its own that is thrown away."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from illumichat_sms_plugin.host import (
    TEXTERS,
    AssistantUnavailable,
    ChatGone,
    ChatMessage,
    Contact,
    version_of,
)
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models.database import discreet_errors
from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.host_call import host_call
from illumichat_sms_plugin.services.answering.asking import EmptyAnswerError, Said, ask_assistant, request_for
from illumichat_sms_plugin.services.answering.chat_log import Role
from illumichat_sms_plugin.services.answering.contacts import known_contact
from illumichat_sms_plugin.services.answering.situation import AnswerInHand
from illumichat_sms_plugin.services.host_ids import stored_id
from illumichat_sms_plugin.services.rehearsal.lines import SENT, Kind, Line
from illumichat_sms_plugin.services.rehearsal.play import Play, go_on, open_text

logger = logging.getLogger("illumichat_sms.rehearsal")

TITLE = "SMS tried out, not sent"
NOTES = frozenset({NoReply.KEYWORD.value, NoReply.PLAIN_WISH.value})
"""Texts with these reasons are notes in a chat."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking, the chat, and how many lines it has."""

    play: Play
    chat_id: str | None
    filed: int


def ask(
    runtime: Runtime,
    play: Play,
    rehearsal_id: int,
    chat_id: str | None,
    filed: int,
    *,
    keep_chat: Callable[[str], None],
) -> Asked:
    """Ask about the last text. ``keep_chat`` gets the id of a chat as soon as the host has opened it."""
    asked = frozenset({open_text(play)})
    if play.is_stranger:
        return Asked(go_on(play, answer=AnswerInHand(None, asked, stranger=True)), chat_id, filed)
    introduces = play.channel.options.introduce and not play.memory.introduced
    chat = _Chat(runtime, rehearsal_id, chat_id, keep_chat)
    try:
        with discreet_errors():
            said = _call(chat, play, filed, introduces=introduces)
    except AssistantUnavailable as error:
        logger.warning("a rehearsal: the assistant is not available: %s", error)
        return Asked(
            _failed(play, say("The assistant is not available now; the log of your platform says why.")),
            chat.id,
            filed,
        )
    except ChatGone:
        return Asked(
            _failed(play, say("The chat of this conversation was deleted. Start over.")), chat.id, filed
        )
    except EmptyAnswerError:
        return Asked(_failed(play, say("The assistant returned no text.")), chat.id, filed)
    except Exception as error:  # the host's code may raise anything, and the admin must hear from us anyway
        logger.exception("a rehearsal: the assistant could not answer")
        reason = say(
            "There was an error ({error}); the log of your platform says more.", error=type(error).__name__
        )
        return Asked(_failed(play, reason), chat.id, filed)
    if said.handoff:
        play = play.note(Kind.HANDOFF, body=said.handoff)
    cut = said.cut
    answer = AnswerInHand(cut and cut.shown, asked, 0, cut.rest if cut else "", introduces, said.handoff)
    play = go_on(play, answer=answer)
    return Asked(play, chat.id, len(play.lines))


@dataclass(slots=True)
class _Chat:
    """The host's chat of a rehearsal, which is opened when it is first needed."""

    runtime: Runtime
    rehearsal_id: int
    id: str | None
    keep: Callable[[str], None]

    def open(self, play: Play, contact: Contact | None) -> str:
        if self.id is None:
            who: dict[str, Any] = {"contact": contact} if version_of(self.runtime.host) >= TEXTERS else {}
            key = f"sms-rehearsal-{self.rehearsal_id}-{play.lines[0].at.isoformat()}"
            wanted = {"assistant_id": play.channel.assistant_id, "title": TITLE, "key": key}
            with host_call():
                self.id = stored_id(self.runtime.host.chats.open(**wanted, **who), "a chat")
            self.keep(self.id)
        return self.id

    def append(self, place: int, role: Role, body: str, at: datetime) -> None:
        assert self.id is not None  # noqa: S101 - it was opened before
        message = ChatMessage(role, body, f"sms-rehearsal-{self.rehearsal_id}-{place}", at)
        with host_call():
            self.runtime.host.chats.append(self.id, message)


def _call(chat: _Chat, play: Play, filed: int, *, introduces: bool) -> Said:
    """Bring the chat up to date, ask, and put the answer into it."""
    contact = known_contact(chat.runtime, play.channel, play.number)
    chat_id = chat.open(play, contact)
    for place, line in enumerate(play.lines):
        if place >= filed and (role := _role(play.lines, place)) is not None:
            chat.append(place, role, line.body, line.at)
    request = request_for(chat.runtime, play.channel, chat_id=chat_id, contact=contact, number=play.number)
    said = ask_assistant(chat.runtime, play.channel, request, sender=None, introduces=introduces)
    if said.cut is not None:
        chat.append(len(play.lines), "assistant", said.cut.shown, play.now)
    return said


def _role(lines: Sequence[Line], place: int) -> Role | None:
    """What a line is in the chat, as one of a phone would be; None for a remark."""
    line, then = lines[place], lines[place + 1].reason if place + 1 < len(lines) else ""
    if line.kind is Kind.TEXT:
        return "note" if then in NOTES else "user"
    if line.kind in (Kind.APOLOGY, Kind.CONFIRMATION):
        return "note"
    return "assistant" if line.kind in SENT else None


def _failed(play: Play, reason: str) -> Play:
    """What the admin reads, and the apology that a texter would get in the end."""
    return go_on(play.note(Kind.FAILED, reason=reason), gives_up=True)
