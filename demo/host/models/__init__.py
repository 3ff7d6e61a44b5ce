"""The host's tables."""

from demo.host.models.assistant import Assistant, KnowledgeDocument
from demo.host.models.chat import Chat, ChatMessage, MessageRole, Origin
from demo.host.models.chat_file import ChatFile
from demo.host.models.columns import UtcDateTime, new_id, now
from demo.host.models.contact import Contact
from demo.host.models.notice import Mail, Notice
from demo.host.models.workspace import ApiKey, Membership, Person, Role, Workspace

__all__ = [
    "ApiKey",
    "Assistant",
    "Chat",
    "ChatFile",
    "ChatMessage",
    "Contact",
    "KnowledgeDocument",
    "Mail",
    "Membership",
    "MessageRole",
    "Notice",
    "Origin",
    "Person",
    "Role",
    "UtcDateTime",
    "Workspace",
    "new_id",
    "now",
]
