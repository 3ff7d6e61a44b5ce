"""Which of the stored Auth Tokens is the main one and since when, as the audit tells it; never a token itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from illumichat_sms_plugin.models import SmsAuditEntry
from illumichat_sms_plugin.models.database import transaction

ACTIONS = ("connected", "changed", "disconnected", "token_added", "token_swapped", "token_dropped")
LOOKED_AT = 500
"""How many of the newest entries are searched; older ones are not."""


@dataclass(frozen=True, slots=True)
class TokenStory:
    """When and by whom a token was entered, and since when it has been the main one, if it is."""

    entered_at: datetime
    entered_by: str
    main_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class TokenPair:
    """The main token, which sends, and the second one; None for one that the audit does not tell of."""

    main: TokenStory | None = None
    second: TokenStory | None = None

    @property
    def is_swapped(self) -> bool:
        """Whether the main token is the newer one, so that the second is the one to drop."""
        return bool(self.main and self.second and self.main.entered_at > self.second.entered_at)


def stored_tokens(channel_id: int) -> TokenPair:
    """What is known of the tokens of a channel."""
    with transaction() as connection:
        newest = connection.execute(
            select(SmsAuditEntry.__table__)
            .where(SmsAuditEntry.channel_id == channel_id, SmsAuditEntry.action.in_(ACTIONS))
            .order_by(SmsAuditEntry.id.desc())
            .limit(LOOKED_AT)
        ).all()
    return retell(reversed(newest))


def retell(entries: Iterable[Row[Any]]) -> TokenPair:
    """Follow audit entries, oldest first, to the tokens as they are now."""
    pair = TokenPair()
    for entry in entries:
        pair = _after(pair, entry)
    return pair


def _after(pair: TokenPair, entry: Row[Any]) -> TokenPair:
    if entry.action == "token_added":
        return TokenPair(pair.main, _entered(entry))
    if entry.action == "token_swapped":
        main = pair.second and dataclasses.replace(pair.second, main_since=entry.created_at)
        return TokenPair(main, pair.main and dataclasses.replace(pair.main, main_since=None))
    if entry.action == "token_dropped":
        return TokenPair(pair.main)
    if entry.action == "disconnected":
        return TokenPair()
    return _after_saving(pair, entry)


def _after_saving(pair: TokenPair, entry: Row[Any]) -> TokenPair:
    """A save may bring a main token; with another account it ends the second one."""
    fields = {change["field"] for change in entry.changes}
    if "auth_token" in fields:
        pair = TokenPair(dataclasses.replace(_entered(entry), main_since=entry.created_at), pair.second)
    return TokenPair(pair.main) if "next_auth_token" in fields else pair


def _entered(entry: Row[Any]) -> TokenStory:
    return TokenStory(entry.created_at, entry.person_name or entry.person_id)
