"""How a host gets what a texter has attached: the optional argument ``attachments`` of ``chats.append`` in ``host.py``."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any

TAKES = "attachments"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture, document, recording, contact card or text file that came with a text.

    ``content_type`` is ``type/subtype``, found out from the content; ``name`` is made up, with the right ending. Without
    ``data`` the file could not be had, and ``problem`` says why in a sentence.
    """

    content_type: str
    name: str
    data: bytes | None = field(default=None, repr=False)
    problem: str = ""


def takes_attachments(chats: Any) -> bool:
    """Whether this host's ``append`` has an argument for them; only then it is called with it."""
    try:
        return TAKES in inspect.signature(chats.append).parameters
    except (TypeError, ValueError):
        return False
