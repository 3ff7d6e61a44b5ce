"""Texts with files, which the simulated Twilio keeps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from demo.twilio_simulator.placeholder import PLACEHOLDER_PNG
from illumichat_sms_plugin.host import Attachment, ChatMessage
from tests.support.memory_host import MemoryChats
from tests.support.twilio_requests import NUMBER, TEXTER, text_in

PNG = ("image/png", PLACEHOLDER_PNG)
CARD = ("text/vcard", b"BEGIN:VCARD\r\nFN:Ann\r\nEND:VCARD\r\n")


def text_with(
    app: Flask, twilio: Any, *files: tuple[str, bytes], body: str = "see this", **fields: Any
) -> str:
    """An inbound text for ast_support with these files; its SID."""
    twilio.set_webhook(NUMBER, "")
    message, _ = twilio.inbound.receive(TEXTER, NUMBER, body, media=files)
    media = {"NumMedia": str(len(files))}
    for number, item in enumerate(message.media):
        path = f"/2010-04-01/Accounts/{message.account_sid}/Messages/{message.sid}/Media/{item.sid}"
        media |= {f"MediaUrl{number}": twilio.url + path, f"MediaContentType{number}": item.content_type}
    text_in(app, body, **({"MessageSid": message.sid} | media | fields))
    return str(message.sid)


@dataclass
class ChatsWithFiles(MemoryChats):
    """Chats of a host that takes attachments; ``refuse`` makes it fail on them."""

    files: dict[str, tuple[Attachment, ...]] = field(default_factory=dict)
    refuse: Exception | None = None

    def append(  # type: ignore[override]
        self, chat_id: str, message: ChatMessage, attachments: Collection[Attachment] = ()
    ) -> None:
        if attachments and self.refuse is not None:
            raise self.refuse
        super().append(chat_id, message)
        if attachments:
            self.files.setdefault(message.key, tuple(attachments))

    def given(self) -> list[Attachment]:
        """All that came, in order."""
        return [each for attachments in self.files.values() for each in attachments]
