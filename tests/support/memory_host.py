"""A host in memory: the contract with nothing behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from illumichat_sms_plugin.host import (
    Answer,
    AnswerRequest,
    Assistant,
    ChatGone,
    ChatMessage,
    Contact,
    Person,
    Role,
    Workspace,
)

ACME = Workspace("ws_acme", "Acme", "America/New_York")
GLOBEX = Workspace("ws_globex", "Globex")


@dataclass
class MemoryAssistants:
    """Answers with ``reply``; tests replace it with what they need."""

    known: dict[str, Assistant] = field(
        default_factory=lambda: {
            "ast_support": Assistant("ast_support", "Acme Support", ACME),
            "ast_sales": Assistant("ast_sales", "Acme Sales", ACME),
            "ast_globex": Assistant("ast_globex", "Globex Desk", GLOBEX),
        }
    )
    reply: Callable[[AnswerRequest], str | Answer | None] = lambda request: "We are open from 9 to 17."
    requests: list[AnswerRequest] = field(default_factory=list)

    def find(self, assistant_id: str) -> Assistant | None:
        return self.known.get(assistant_id)

    def answer(self, request: AnswerRequest) -> str | Answer | None:
        self.requests.append(request)
        return self.reply(request)


@dataclass
class MemoryChats:
    """Chats by id; ``fail`` makes every append raise."""

    chats: dict[str, list[ChatMessage]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    fail: Exception | None = None
    handled: list[tuple[str, str | None]] = field(default_factory=list)
    """What was told about who answers: chat and name."""
    _keys: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, *, assistant_id: str, title: str, key: str) -> str:
        with self._lock:
            chat_id = self._keys.setdefault(key, f"conv_{len(self._keys) + 1}")
            self.titles.setdefault(chat_id, title)
            self.chats.setdefault(chat_id, [])
            return chat_id

    def append(self, chat_id: str, message: ChatMessage) -> None:
        if self.fail is not None:
            raise self.fail
        if chat_id not in self.chats:
            raise ChatGone(chat_id)
        with self._lock:
            if all(message.key != known.key for known in self.chats[chat_id]):
                self.chats[chat_id].append(message)

    def url(self, chat_id: str) -> str:
        return f"/chats/{chat_id}"

    def handled_by(self, chat_id: str, person: Person | None) -> None:
        self.handled.append((chat_id, person.name if person else None))

    def transcript(self) -> list[tuple[str, str]]:
        """(role, content) of the only chat."""
        (messages,) = self.chats.values()
        return [(message.role, message.content) for message in messages]


@dataclass
class MemoryContacts:
    """Contacts of all workspaces, numbers in E.164. Careless on purpose: ``create`` ignores keys."""

    contacts: dict[str, tuple[str, Contact, str]] = field(default_factory=dict)

    def find_by_number(self, workspace_id: str, number: str) -> Contact | None:
        for owner, contact, _ in self.contacts.values():
            if owner == workspace_id and contact.phone_number == number:
                return contact
        return None

    def create(self, workspace_id: str, *, number: str, source: str, key: str) -> Contact:
        contact = Contact(f"cnt_{len(self.contacts) + 1}", number, number)
        self.contacts[contact.id] = (workspace_id, contact, source)
        return contact

    def get(self, workspace_id: str, contact_ids: Collection[str]) -> Mapping[str, Contact]:
        return {
            contact.id: contact
            for owner, contact, _ in self.contacts.values()
            if owner == workspace_id and contact.id in contact_ids
        }

    def search(self, workspace_id: str, text: str, *, limit: int) -> Sequence[Contact]:
        found = [
            contact
            for owner, contact, _ in self.contacts.values()
            if owner == workspace_id and text.lower() in f"{contact.name} {contact.phone_number}".lower()
        ]
        return found[:limit]

    def url(self, contact_id: str) -> str:
        return f"/contacts/{contact_id}"


@dataclass
class MemoryAccess:
    """``person`` is who calls; ``roles`` maps (person id, workspace id) to a role."""

    person: Person | None = None
    roles: dict[tuple[str, str], Role] = field(default_factory=dict)

    def caller(self) -> Person | None:
        return self.person

    def role(self, person: Person, workspace_id: str) -> Role | None:
        return self.roles.get((person.id, workspace_id))

    def sign_in_url(self, next_url: str) -> str:
        return "/sign-in"


@dataclass
class MemoryPages:
    """Keeps what the plugin put into the host's pages."""

    layout: str = "layout.html"
    slots: dict[str, list[Callable[..., str]]] = field(default_factory=dict)
    without_csrf: set[str] = field(default_factory=set)

    def add_slot(self, slot: str, render: Callable[..., str]) -> None:
        self.slots.setdefault(slot, []).append(render)

    def exempt_from_csrf(self, view: Callable[..., Any]) -> None:
        self.without_csrf.add(f"{view.__module__}.{view.__name__}")

    def csrf_token(self) -> str:
        return "token"

    def channels_url(self, assistant_id: str) -> str:
        return f"/assistants/{assistant_id}/channels"


@dataclass
class MemoryHost:
    """All five parts."""

    assistants: MemoryAssistants = field(default_factory=MemoryAssistants)
    chats: MemoryChats = field(default_factory=MemoryChats)
    contacts: MemoryContacts = field(default_factory=MemoryContacts)
    access: MemoryAccess = field(default_factory=MemoryAccess)
    pages: MemoryPages = field(default_factory=MemoryPages)
