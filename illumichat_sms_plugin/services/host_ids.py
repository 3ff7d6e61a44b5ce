"""Ids that the host gives us and that we keep."""

from __future__ import annotations

from illumichat_sms_plugin.errors import HostMistaken
from illumichat_sms_plugin.services.channels import MAX_ID


def stored_id(given: object, whose: str) -> str:
    """The id as it is stored, a UUID or a number as text.

    Raises:
        HostMistaken: it is empty or longer than a column holds; ``whose`` says which it is, such as "a chat".
    """
    text = str(given)
    if not 0 < len(text) <= MAX_ID:
        raise HostMistaken(
            f"The host gave an id of {len(text)} characters for {whose}; it has 1 to {MAX_ID}. See docs/host-contract.md#ids."
        )
    return text
