"""What a host may have besides in ``contacts``: the optional methods of the contract in ``host.py``."""

from __future__ import annotations

from typing import Protocol


class ContactsExtras(Protocol):
    """What ``contacts`` may have besides."""

    def forget(self, contact_id: str) -> bool | None:
        """The texter behind this contact was erased. Delete it, or return False to keep it by the host's own rules.

        One that is gone is none to complain about. After an exception it is called again.
        """
