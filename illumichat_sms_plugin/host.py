"""What the plugin asks of the host, and nothing else of the host is ever touched.

A host hands :meth:`illumichat_sms_plugin.plugin.SmsPlugin.init_app` one object with the parts of :class:`Host`, or of
:class:`HostWithoutPages`. ``docs/host-contract.md`` has the smallest one that works.

Rules that hold for every method:

* Ids are strings; they are stored, never taken apart.
* A phone number is E.164 (``+15551234567``).
* The plugin calls while it has no database transaction open; the host commits its own work.
* Methods that write take a ``key``: a second call with the same key changes nothing and returns
  what the first returned. Work is repeated after a crash, so this is what keeps it single.

The contract grows without breaking a host that was written for an older one:

* What is required here stays as it is, or is asked for no longer.
* A new field of a value has a default, and stands after the others.
* A new method or part is optional. The plugin looks whether the host has it (:func:`offered`) and goes on
  without it, as before.
* ``CONTRACT_VERSION`` rises; ``docs/host-contract.md`` lists what is optional and says what each version brought.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Protocol

from illumichat_sms_plugin.host_attachments import Attachment as Attachment  # noqa: PLC0414 - the contract's, too
from illumichat_sms_plugin.host_contacts import ContactsExtras as ContactsExtras  # noqa: PLC0414 - the contract's, too
from illumichat_sms_plugin.host_notices import NoticeKind as NoticeKind  # noqa: PLC0414 - the contract's, too
from illumichat_sms_plugin.host_notices import Notices as Notices  # noqa: PLC0414 - the contract's, too
from illumichat_sms_plugin.host_pages import PagesExtras as PagesExtras  # noqa: PLC0414 - the contract's, too

CONTRACT_VERSION = 9
"""A host may say in ``contract_version`` which one it was written for; without it, that is 1."""
PEOPLE = 4
"""From this version on a host knows chat messages of the role ``person``."""
TEXTERS = 5
"""From this version on a host is told who texts: ``contact`` and ``number``."""

SLOT_CHANNEL_CARD = "assistant.channels.card"
"""Slot on the assistant's Channels page; rendered with ``assistant_id``."""
SLOT_ANALYTICS_WIDGET = "assistant.analytics.widget"
"""Slot where the host shows figures of an assistant; rendered with ``assistant_id``."""


class Role(StrEnum):
    """What a person may do in a workspace."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A tenant. ``timezone`` is an IANA name; days in the analytics are days there."""

    id: str
    name: str
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Assistant:
    """An assistant and the workspace that owns it."""

    id: str
    name: str
    workspace: Workspace


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One entry of a chat.

    A ``note`` is for the people who read the chat; the host must not give it to the assistant.
    A ``person`` answers in the assistant's place, and ``name`` says who; the assistant shall know what was said.
    A host of an older version gets such a message as the assistant's. ``key`` is unique within the chat.
    """

    role: Literal["user", "assistant", "note", "person"]
    content: str = field(repr=False)
    key: str
    created_at: datetime
    name: str = ""


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """Let the assistant answer the chat as it stands.

    ``instructions`` go beside the assistant's own system prompt. ``timeout`` is in seconds and
    bounds the whole call. ``contact`` is who texts, where a contact of the workspace is linked, and ``number`` the
    number they text from; hosts of version 5 and later get both.
    """

    assistant_id: str
    chat_id: str
    instructions: str
    channel: str
    timeout: float
    contact: Contact | None = field(default=None, repr=False)
    number: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an assistant may return in place of a bare text.

    With ``handoff``, which says why, a person answers from now on; ``text`` still goes out, and may be None.
    ``media_url``, a public https address, is a picture that goes out with it; its address does where a number has no MMS.
    """

    text: str | None = field(repr=False)
    handoff: str = ""
    media_url: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact of a workspace."""

    id: str
    name: str
    phone_number: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """Who is calling: a signed-in person, or an API key acting for its workspace."""

    id: str
    name: str


class AssistantUnavailable(Exception):  # noqa: N818 - reads as what the host says
    """The assistant could not answer now, for a reason the host knows; asking again later may work.

    It is logged in one line, where any other exception is logged with its traceback as a bug of the host.
    ``retry_after`` is in seconds: the plugin waits at least that long, and never longer than ten minutes.
    """

    retry_after: float = 0.0

    def __init__(self, *args: object, retry_after: float = 0.0) -> None:
        super().__init__(*args)
        self.retry_after = retry_after


class ChatGone(Exception):  # noqa: N818 - reads as what the host says
    """The chat was deleted in the host; the plugin opens another one."""


class Assistants(Protocol):
    """The workspace's assistants."""

    def find(self, assistant_id: str) -> Assistant | None:
        """The assistant, or None when there is none with this id."""

    def answer(self, request: AnswerRequest) -> str | Answer | None:
        """The assistant's next answer as Markdown, not yet part of the chat.

        None means that no answer is to go out, because a person has taken the chat over. Any
        exception is a failed try: the plugin tries again, then apologises. Raise
        :class:`AssistantUnavailable` for failures you expect.
        """


class Chats(Protocol):
    """The host's chat history."""

    def open(self, *, assistant_id: str, title: str, key: str) -> str:
        """Open a chat and return its id; the same key gives the same chat.

        A host of version 5 and later also gets ``contact``: the :class:`Contact` who texts, or None.
        """

    def append(self, chat_id: str, message: ChatMessage) -> None:
        """Add a message at the end; a key that is already there changes nothing.

        Raises :class:`ChatGone` when there is no such chat any more. A host that has a third argument, ``attachments``
        (with a default), gets there a sequence of :class:`Attachment` with a text that came with files.
        """

    def url(self, chat_id: str) -> str:
        """Where a person reads this chat."""


class ChatsExtras(Protocol):
    """What ``chats`` may have besides."""

    def handled_by(self, chat_id: str, person: Person | None) -> None:
        """This person answers the chat by text from now on, or (None) the assistant again.

        Called when that changes on the plugin's pages, through its API, or by itself; what is so already stays so.
        """

    def close(self, chat_id: str) -> None:
        """The conversation has ended: after a long silence a text has opened another chat. May be called twice."""

    def erase(self, chat_id: str) -> bool | None:
        """Delete the chat with all that was said in it: its texter was erased. One that is gone is none to complain about.

        False means that the host keeps it, by its own rules. After an exception it is called again. A later ``append``
        raises :class:`ChatGone`.
        """


class Contacts(Protocol):
    """The contacts of a workspace. Numbers are compared in E.164."""

    def find_by_number(self, workspace_id: str, number: str) -> Contact | None:
        """The contact with this number, or None."""

    def create(self, workspace_id: str, *, number: str, source: str, key: str) -> Contact:
        """Create a contact that has this number; the same key gives the same contact."""

    def get(self, workspace_id: str, contact_ids: Collection[str]) -> Mapping[str, Contact]:
        """The contacts that still exist, by id."""

    def search(self, workspace_id: str, text: str, *, limit: int) -> Sequence[Contact]:
        """Contacts whose name or number holds ``text``."""

    def url(self, contact_id: str) -> str:
        """Where a person sees this contact."""


class Callers(Protocol):
    """Who is calling in this request, and what they may do."""

    def caller(self) -> Person | None:
        """The person or API key behind the current request, or None for a stranger."""

    def role(self, person: Person, workspace_id: str) -> Role | None:
        """Their role in that workspace, or None when they have none."""


class Access(Callers, Protocol):
    """The same, and the way in for who asks for a page."""

    def sign_in_url(self, next_url: str) -> str:
        """Where a stranger who asked for a page is sent."""


class Pages(Protocol):
    """The host's web pages, as far as the plugin's pages live among them. :class:`PagesExtras` has what is optional."""

    def exempt_from_csrf(self, view: Callable[..., Any]) -> None:
        """Leave one view out of the host's CSRF protection (Twilio signs instead)."""

    def csrf_token(self) -> str:
        """The token that forms send as ``csrf_token`` and scripts as ``X-CSRFToken``."""


class HostWithoutPages(Protocol):
    """All that the plugin needs of a platform whose pages are not made by Flask, or that has none."""

    @property
    def assistants(self) -> Assistants:
        """The workspace's assistants."""

    @property
    def chats(self) -> Chats:
        """The chat history."""

    @property
    def contacts(self) -> Contacts:
        """The contacts of all workspaces."""

    @property
    def access(self) -> Callers:
        """Who is calling."""


class Host(HostWithoutPages, Protocol):
    """The same with pages, among which the plugin's live."""

    @property
    def access(self) -> Access:
        """Who is calling."""

    @property
    def pages(self) -> Pages:
        """The web pages."""


def version_of(host: object) -> int:
    """The version of the contract that ``host`` was written for."""
    found = offered(host, "contract_version")
    return found if isinstance(found, int) else 1


def offered(part: object, member: str) -> Any:
    """What ``part`` of a host has as ``member``, or None: how the plugin looks for what is optional."""
    return getattr(part, member, None)
