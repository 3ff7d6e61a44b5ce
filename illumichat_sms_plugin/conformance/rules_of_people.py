"""People who answer by text, and conversations that have ended: what a host is told of them."""

from __future__ import annotations

from datetime import UTC, datetime

from illumichat_sms_plugin.conformance.requests_to_host import in_a_request
from illumichat_sms_plugin.conformance.trial import Trial, broken, not_tried, says_nothing, well
from illumichat_sms_plugin.host import PEOPLE, ChatMessage, Person, offered, version_of


def people(trial: Trial) -> None:
    """A person's text is kept once, and whoever answers a chat may be told twice."""
    knows, told = version_of(trial.host) >= PEOPLE, offered(trial.host.chats, "handled_by")
    if not knows and told is None:
        says_nothing(f"the host is of a version before {PEOPLE}, and has no chats.handled_by")
    chat = trial.new_chat()
    if knows:
        _a_person_writes(trial, chat)
    if told is None:
        return
    person = in_a_request(trial, trial.host.access.caller) if trial.manager else None
    _told_twice(trial, chat, person)
    _told_twice(trial, chat, None)
    if person is None:
        not_tried("people, with an owner or admin, who would answer a chat")


def ended_chats(trial: Trial) -> None:
    """A host may be told twice that a conversation has ended."""
    if offered(trial.host.chats, "close") is None:
        says_nothing("the host has no chats.close")
    chat = trial.new_chat()
    for times in ("", " for the second time"):
        with trial.call() as host:
            well("ended-chats", f"chats.close{times}", offered(host.chats, "close"), chat)


def _a_person_writes(trial: Trial, chat: str) -> None:
    said = ChatMessage("person", "It comes tomorrow.", "m1", datetime.now(UTC), name="Anna")
    for _ in range(2):
        with trial.call() as host:
            well("people", "chats.append with the role person", host.chats.append, chat, said)
    if trial.read is not None and [said.content in entry for entry in trial.read(chat)] != [True]:
        broken("people", "chats.append did not keep once what a person had written")


def _told_twice(trial: Trial, chat: str, person: Person | None) -> None:
    who = "a person" if person else "None"
    for _ in range(2):
        with trial.call() as host:
            told = offered(host.chats, "handled_by")
            well("people", f"chats.handled_by with {who}", told, chat, person)
