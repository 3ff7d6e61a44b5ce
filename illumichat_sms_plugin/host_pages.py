"""What ``pages`` of a host may have besides what the contract in ``host.py`` asks for; the plugin looks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class PagesExtras(Protocol):
    """What ``pages`` may have besides."""

    layout: str
    """Name of the Jinja template that the plugin's pages extend (blocks ``title``, ``head``, ``content``)."""

    def add_slot(self, slot: str, render: Callable[..., str]) -> None:
        """Show ``render(**context)`` in a slot; see the ``SLOT_`` names above."""

    def channels_url(self, assistant_id: str) -> str:
        """The assistant's Channels page."""

    support_url: str
    """Where admins get help; the plugin's help page then shows Contact support."""

    def locale(self) -> str | None:
        """The language of the person who looks, such as ``de`` or ``de_AT``; goes before Flask-Babel's. None: English."""
