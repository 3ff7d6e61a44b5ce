"""What ``pages`` of a host may have besides what the contract in ``host.py`` asks for; the plugin looks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class PagesExtras(Protocol):
    """What ``pages`` may have besides."""

    layout: str
    """Name of the Jinja template that the plugin's pages extend (blocks ``title``, ``head``, ``content``)."""

    def add_slot(self, slot: str, render: Callable[..., str]) -> None:
        """Show ``render(**context)`` in a slot; see the ``SLOT_`` names above."""

    def channels_url(self, assistant_id: str) -> str:
        """The assistant's Channels page."""

    csp: str | Callable[[], str | None]
    """The Content-Security-Policy of the plugin's pages in place of its own, or a method that is called for each response.

    Empty (or None from the method) when the app sets the header itself.
    """

    def exempt(self, view: Callable[..., Any]) -> None:
        """Ask for neither login nor CSRF token in this view; called once with each that needs none."""

    support_url: str
    """Where admins get help; the plugin's help page then shows Contact support."""

    def locale(self) -> str | None:
        """The language of the person who looks, such as ``de`` or ``de_AT``; goes before Flask-Babel's. None: English."""
