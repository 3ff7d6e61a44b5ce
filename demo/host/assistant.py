"""Let an assistant answer a chat: with a language model where one is configured, else from its knowledge."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from zoneinfo import ZoneInfo

from flask import current_app

from demo.host import chat_history, language_model
from demo.host.chat_files import MOST_FOR_A_MODEL, Seen, seen_in
from demo.host.database import transaction
from demo.host.knowledge import (
    Briefing,
    answer_from_knowledge,
    asks_for_a_person,
    contact_line,
)
from demo.host.knowledge.passages import Document
from demo.host.knowledge.retrieval import find_documents
from demo.host.models import Chat, ChatMessage, MessageRole
from demo.host.reply import HOW_TO_HAND_OFF, SOMEONE_COMES, Reply, read_reply
from demo.host.what_was_sent import show_to

HISTORY = 24
"""How many messages back the assistant sees; notes are for people only."""
MAX_MESSAGE = 4000
"""How many characters it sees of each."""
MAX_DOCUMENTS = 4
"""How many documents a language model is given to answer from."""

AssistantFailed = language_model.AssistantFailed


@dataclass(frozen=True, slots=True)
class Turn:
    """What is needed to answer, read in one go so that no transaction is open while the assistant thinks."""

    instructions: str
    briefing: Briefing
    history: list[tuple[str, str]]
    files: tuple[Seen, ...] = ()
    """What came with the texts since the last answer, the newest."""


def answer(chat_id: str, instructions: str, timeout: float, *, texter: str = "") -> Reply | None:
    """The next answer, not yet in the chat; None when a person handles the chat.

    ``instructions`` go beside the assistant's own; ``timeout`` is in seconds; ``texter`` says who is texting.
    AssistantFailed when there is no answer within that time.
    """
    started = time.monotonic()
    turn = _read(chat_id)
    if turn is None:
        return None
    if not turn.history:
        raise AssistantFailed("Nobody has said anything in this chat.")
    delay = current_app.config["DEMO_ASSISTANT_DELAY"]
    if delay:
        time.sleep(min(delay, timeout))
    model = language_model.from_config(current_app.config)
    if model is None:
        return _reply_without_a_model(turn)
    prompt = {"role": "system", "content": _prompt(turn, instructions, texter)}
    return read_reply(show_to(model, [prompt, *_spoken(turn)], turn.files, started + timeout))


def _reply_without_a_model(turn: Turn) -> Reply:
    if not asks_for_a_person(turn.history):
        return Reply(answer_from_knowledge(turn.briefing, turn.history))
    otherwise = contact_line(turn.briefing.documents)
    return Reply(" ".join(filter(None, (SOMEONE_COMES, otherwise))), "The texter asks for a person.")


def _read(chat_id: str) -> Turn | None:
    with transaction() as session:
        chat = session.get(Chat, chat_id)
        if chat is None:
            raise AssistantFailed("The chat does not exist any more.")
        if chat.handled_by_id is not None:
            return None
        assistant, roles = chat.assistant, (MessageRole.USER, MessageRole.ASSISTANT, MessageRole.PERSON)
        messages = chat_history.last_messages(session, chat_id, limit=HISTORY, roles=roles)
        return Turn(
            instructions=assistant.instructions,
            briefing=Briefing(
                name=assistant.name,
                company=assistant.workspace.name,
                welcome=assistant.welcome_message,
                today=datetime.now(ZoneInfo(assistant.workspace.timezone)).date(),
                documents=tuple(Document(found.title, found.text) for found in assistant.documents),
            ),
            history=[_as_heard(message) for message in messages],
            files=_unanswered_files(messages) if current_app.config["LLM_BASE_URL"] else (),
        )


def _unanswered_files(messages: list[ChatMessage]) -> tuple[Seen, ...]:
    unanswered = takewhile(lambda message: message.role == MessageRole.USER, reversed(messages))
    found = [file for message in unanswered for file in reversed(seen_in(message))]
    return tuple(reversed(found[:MOST_FOR_A_MODEL]))


def _as_heard(message: ChatMessage) -> tuple[str, str]:
    """What a person said in the assistant's place was said by its side; who said it stands before it."""
    content = message.content[:MAX_MESSAGE]
    if message.role != MessageRole.PERSON:
        return message.role, content
    return MessageRole.ASSISTANT.value, f"[{message.author or 'A colleague'}, a person, wrote:] {content}"


def _prompt(turn: Turn, instructions: str, texter: str) -> str:
    """The assistant's own instructions, what it knows about the question, and the channel's instructions."""
    asked = " ".join(content for role, content in turn.history[-4:] if role == MessageRole.USER)
    found = find_documents(turn.briefing.documents, asked, limit=MAX_DOCUMENTS)
    knowledge = "Answer from this knowledge only; say so when it does not hold the answer:" if found else ""
    parts = [
        f"You are {turn.briefing.name}, the assistant of {turn.briefing.company}. "
        f"Today is {turn.briefing.today:%A, %Y-%m-%d}.",
        turn.instructions,
        texter,
        knowledge,
        *(f"{document.title}: {document.text}" for document in found),
        HOW_TO_HAND_OFF,
        instructions,
    ]
    return "\n\n".join(part for part in parts if part)


def _spoken(turn: Turn) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in turn.history]
