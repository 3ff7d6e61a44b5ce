"""Which parts of the contract in :mod:`illumichat_sms_plugin.host` a host has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from illumichat_sms_plugin.host import (
    Access,
    Assistants,
    Callers,
    Chats,
    ChatsExtras,
    Contacts,
    ContactsExtras,
    Notices,
    Pages,
    PagesExtras,
    offered,
)
from illumichat_sms_plugin.host_access import CallersExtras
from illumichat_sms_plugin.host_itself import HostExtras

PARTS: Mapping[str, type] = {
    "assistants": Assistants,
    "chats": Chats,
    "contacts": Contacts,
    "access": Access,
    "pages": Pages,
}
PARTS_WITHOUT_PAGES: Mapping[str, type] = {
    "assistants": Assistants,
    "chats": Chats,
    "contacts": Contacts,
    "access": Callers,
}
EXTRAS: Mapping[str, type] = {
    "chats": ChatsExtras,
    "contacts": ContactsExtras,
    "access": CallersExtras,
    "pages": PagesExtras,
}
"""What a part may have besides."""
EXTRAS_OF_HOST: type = HostExtras
"""What the host itself may have besides."""
OPTIONAL_PARTS: Mapping[str, type] = {"notices": Notices}
"""Parts that a host may have; one that is there is complete."""


def has_pages(host: object) -> bool:
    """Whether the host has pages among which the plugin's may live."""
    return offered(host, "pages") is not None


def missing_from(host: object, *, pages: bool | None = None) -> list[str]:
    """Name what ``host`` lacks of the contract, such as ``chats.append``; empty when complete.

    ``pages`` says whether the plugin's pages are wanted; without it, whether the host has any.
    """
    wanted = has_pages(host) if pages is None else pages
    missing = []
    for name, protocol in (PARTS if wanted else PARTS_WITHOUT_PAGES).items():
        part = getattr(host, name, None)
        if part is None:
            missing.append(name)
            continue
        missing += _missing_members(name, part, protocol)
    for name, protocol in OPTIONAL_PARTS.items():
        if (part := offered(host, name)) is not None:
            missing += _missing_members(name, part, protocol)
    return missing


def _missing_members(name: str, part: object, protocol: type) -> list[str]:
    return [f"{name}.{member}" for member in members_of(protocol) if not hasattr(part, member)]


def members_of(protocol: type) -> list[str]:
    """The names of what a part of a host must have."""
    named: dict[str, object] = {}
    for base in protocol.__mro__:
        if base not in (Protocol, object):
            named |= {**vars(base), **vars(base).get("__annotations__", {})}
    return sorted(name for name in named if not name.startswith("_") and name != "Generic")
