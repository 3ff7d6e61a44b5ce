"""The plugin's host contract, in the terms of this host. The only file that knows the plugin's words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from types import SimpleNamespace

from flask import Flask
from flask_wtf.csrf import generate_csrf

from demo.host import (
    access,
    assistant,
    chat_files,
    chat_history,
    contact_book,
    language,
    models,
    notices,
    slots,
)
from demo.host.addresses import address
from demo.host.database import transaction
from demo.host.security import csrf
from illumichat_sms_plugin import host as contract


def plugin_host(app: Flask) -> contract.Host:
    """What a plugin gets of this host."""
    return SimpleNamespace(
        assistants=Assistants(),
        chats=Chats(),
        contacts=Contacts(),
        access=Access(),
        pages=Pages(app),
        notices=notices,
        contract_version=8,
    )


class Assistants:
    def find(self, assistant_id: str) -> contract.Assistant | None:
        with transaction() as session:
            if (found := session.get(models.Assistant, assistant_id)) is None:
                return None
            workspace = contract.Workspace(found.workspace_id, found.workspace.name, found.workspace.timezone)
            return contract.Assistant(found.id, found.name, workspace)

    def answer(self, request: contract.AnswerRequest) -> contract.Answer | None:
        try:
            reply = assistant.answer(
                request.chat_id, request.instructions, request.timeout, texter=_in_words(request)
            )
        except assistant.AssistantFailed as error:
            raise contract.AssistantUnavailable(str(error)) from error
        return contract.Answer(reply.text, handoff=reply.handoff) if reply else None


class Chats:
    def open(
        self, *, assistant_id: str, title: str, key: str, contact: contract.Contact | None = None
    ) -> str:
        with transaction() as session:
            return chat_history.open_chat(session, assistant_id=assistant_id, title=title, key=key)

    def append(
        self,
        chat_id: str,
        message: contract.ChatMessage,
        attachments: Sequence[contract.Attachment] = (),
    ) -> None:
        role, author = models.MessageRole(message.role), message.name or None
        entry = {"content": message.content, "key": message.key, "created_at": message.created_at}
        try:
            with transaction() as session:
                added = chat_history.append_message(session, chat_id, role=role, author=author, **entry)
                if added and attachments:
                    chat_files.keep(session, chat_id, message.key, attachments)
        except chat_history.NoSuchChat:
            raise contract.ChatGone(chat_id) from None

    def handled_by(self, chat_id: str, person: contract.Person | None) -> None:
        """An API key is nobody who could handle a chat: then the plugin alone knows that somebody does."""
        with transaction() as session:
            chat = session.get(models.Chat, chat_id)
            to = session.get(models.Person, person.id) if person else None
            if chat is not None and (to is not None or person is None):
                chat_history.hand_over(session, chat, to, by=to or chat.handled_by)

    def erase(self, chat_id: str) -> None:
        with transaction() as session:
            chat_history.erase_chat(session, chat_id)

    def url(self, chat_id: str) -> str:
        return address(f"/chats/{chat_id}")


class Contacts:
    def find_by_number(self, workspace_id: str, number: str) -> contract.Contact | None:
        with transaction() as session:
            found = contact_book.find_by_number(session, workspace_id, number)
        return as_contact(found) if found else None

    def create(self, workspace_id: str, *, number: str, source: str, key: str) -> contract.Contact:
        with transaction() as session:
            made = contact_book.create(session, workspace_id, number=number, source=source, key=key)
        return as_contact(made)

    def get(self, workspace_id: str, contact_ids: Collection[str]) -> dict[str, contract.Contact]:
        with transaction() as session:
            found = contact_book.by_ids(session, workspace_id, contact_ids)
        return {contact.id: as_contact(contact) for contact in found}

    def search(self, workspace_id: str, text: str, *, limit: int) -> list[contract.Contact]:
        with transaction() as session:
            found = contact_book.search(session, workspace_id, text, limit=limit)
        return [as_contact(contact) for contact in found]

    def forget(self, contact_id: str) -> bool:
        """A contact that somebody typed is more than a texter: people here remove it by hand."""
        with transaction() as session:
            return contact_book.forget_made_by(session, contact_id, source="sms")

    def url(self, contact_id: str) -> str:
        return address(f"/contacts/{contact_id}")


class Access:
    sign_in_url = staticmethod(access.sign_in_url)

    def caller(self) -> contract.Person | None:
        return contract.Person(*who) if (who := access.caller()) else None

    def role(self, person: contract.Person, workspace_id: str) -> contract.Role | None:
        return contract.Role(found) if (found := access.role_of(person.id, workspace_id)) else None


class Pages:
    layout = "demo_host/layout.html"
    exempt_from_csrf = staticmethod(csrf.exempt)
    csrf_token = staticmethod(generate_csrf)
    locale = staticmethod(language.chosen)
    support_url = "mailto:support@illumichat.test"

    def __init__(self, app: Flask) -> None:
        self.app = app

    def add_slot(self, slot: str, render: Callable[..., str]) -> None:
        slots.add(self.app, slot, render)

    def channels_url(self, assistant_id: str) -> str:
        return address(f"/assistants/{assistant_id}/settings/channels")


def _in_words(request: contract.AnswerRequest) -> str:
    """Who texts, for the assistant: a contact's name is what people typed, so it is one line and no more than that."""
    name = " ".join(request.contact.name.split())[:80] if request.contact else ""
    if not name or name == request.contact.phone_number:
        return ""
    return f"You are texting with {name}, a contact of ours."


def as_contact(contact: models.Contact) -> contract.Contact:
    return contract.Contact(contact.id, contact.name or contact.phone, contact.phone_e164)
