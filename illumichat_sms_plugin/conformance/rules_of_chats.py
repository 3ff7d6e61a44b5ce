"""Chats: keys, threads, notes, chats that are gone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from illumichat_sms_plugin.conformance.trial import (
    Trial,
    at_once,
    broken,
    new_key,
    not_tried,
    says_nothing,
    well,
)
from illumichat_sms_plugin.host import (
    Answer,
    AnswerRequest,
    Attachment,
    ChatGone,
    ChatMessage,
)
from illumichat_sms_plugin.host_attachments import takes_attachments

CALLERS = 6


def message(content: str, key: str, role: Literal["user", "assistant", "note"] = "user") -> ChatMessage:
    """A message as the plugin appends it."""
    return ChatMessage(role, content, key, datetime.now(UTC))


def keys_of_chats(trial: Trial) -> None:
    """The same key, the same chat; another key, another chat; the same message once."""
    key = new_key()
    first = trial.open_chat(key)
    again = trial.open_chat(key, title="Another title")
    if again != first:
        broken("keys", f"chats.open gave {again!r} for a key for which it had given {first!r}")
    if trial.new_chat() == first:
        broken("keys", "chats.open gave the same chat for two keys")
    for content in ("once", "once more"):
        with trial.call() as host:
            said = message(content, "m1")
            what = "chats.append with a key that is there"
            well("keys", what, host.chats.append, first, said)
    _has(trial, first, ["once"], "keys", "chats.append changed a chat for a key that was there")
    other = trial.new_chat()
    with trial.call() as host:
        host.chats.append(other, message("the key counts within its chat", "m1"))
    _has(trial, other, ["the key counts within its chat"], "keys", "a key counted beyond its chat")


def threads_of_chats(trial: Trial) -> None:
    """Two workers at once with the same key: one chat, one message, no exception."""
    key = new_key()
    chats = set(at_once(trial, CALLERS, lambda _: trial.open_chat(key), "chats.open with one key"))
    if len(chats) > 1:
        broken("threads", f"chats.open with one key by {CALLERS} threads at once gave {len(chats)} chats")
    (chat,) = chats
    said = message("at once", "m1")
    at_once(trial, CALLERS, lambda host: host.chats.append(chat, said), "chats.append with one key")
    _has(
        trial, chat, ["at once"], "threads", f"chats.append by {CALLERS} threads at once kept a message twice"
    )


def notes(trial: Trial) -> None:
    """What is noted for people is kept, and is not what the assistant hears."""
    if trial.hears is None and trial.read is None:
        not_tried("hears")
    chat, secret = trial.new_chat(), new_key()
    with trial.call() as host:
        host.chats.append(chat, message("What are your opening hours?", "m1"))
    with trial.call() as host:
        note = message(f"A picture came: {secret}", "m2", role="note")
        well("notes", "chats.append with a note", host.chats.append, chat, note)
    if trial.read is not None and not any(secret in entry for entry in trial.read(chat)):
        broken("notes", "chats.append did not keep a note, which is for the people who read the chat")
    if trial.hears is None:
        not_tried("hears")
    heard = trial.hears(chat)
    if secret in heard:
        broken("notes", "the assistant is given the content of a note")
    if "opening hours" not in heard:
        broken("notes", "the assistant is not given what the texter wrote")


def deleted_chats(trial: Trial) -> None:
    """A chat that is gone says so, and takes nothing."""
    if trial.delete_chat is None:
        not_tried("delete_chat, or leave out the rule where nobody can delete a chat")
    chat = trial.new_chat()
    trial.delete_chat(chat)
    with trial.call() as host:
        try:
            host.chats.append(chat, message("to nobody", "m1"))
        except ChatGone:
            return
        except Exception as error:  # noqa: BLE001 - whatever the host raises is what it is tried for
            broken(
                "deleted-chats",
                f"chats.append to a deleted chat raised {type(error).__name__} instead of ChatGone",
            )
    broken("deleted-chats", "chats.append to a deleted chat did not raise ChatGone")


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
    "0000000b4944415478da6364f80f00010501012718e3660000000049454e44ae426082"
)
"""A whole picture (PNG) of one pixel."""


def attachments(trial: Trial) -> None:
    """A text with files is kept once and as it was, also when one of them could not be had; one without comes as ever."""
    if not takes_attachments(trial.host.chats):
        says_nothing("the host's chats.append takes no attachments")
    chat = trial.new_chat()
    files = (
        Attachment("image/png", "picture-1.png", PIXEL),
        Attachment("audio/amr", "recording-2.amr", problem="It could not be fetched in time."),
    )
    with_files: dict[str, Any] = {"attachments": files}
    for key, content, given in (
        ("m1", "Look at this", with_files),
        ("m1", "Look at this", with_files),
        ("m2", "And nothing with it", {}),
    ):
        with trial.call() as host:
            said = message(content, key)
            what = "a picture and a file that could not be had" if given else "no attachments"
            well("attachments", f"chats.append with {what}", host.chats.append, chat, said, **given)
    kept = ["Look at this", "And nothing with it"]
    _has(trial, chat, kept, "attachments", "chats.append did not keep a text with files once and as it was")


def answers(trial: Trial) -> None:
    """An answer is Markdown or None, perhaps in an ``Answer``, and not yet part of the chat."""
    chat = trial.new_chat()
    with trial.call() as host:
        host.chats.append(chat, message("What are your opening hours?", "m1"))
    with trial.call() as host:
        answer = host.assistants.answer(AnswerRequest(trial.assistant_id, chat, "Be brief.", "sms", 30.0))
    text = answer.text if isinstance(answer, Answer) else answer
    if not isinstance(text, str | None):
        given = "Answer(…) with a text that is " if text is not answer else ""
        broken("answers", f"assistants.answer returned {given}{type(text).__name__}, not text or None")
    _has(
        trial,
        chat,
        ["What are your opening hours?"],
        "answers",
        "assistants.answer changed the chat; the plugin appends what was really sent",
    )


def _has(trial: Trial, chat: str, contents: list[str], rule: str, otherwise: str) -> None:
    if trial.read is not None and list(trial.read(chat)) != contents:
        broken(rule, otherwise)
