"""Audit entries as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from illumichat_sms_plugin.blueprints.pages.channel_form import LABELS
from illumichat_sms_plugin.blueprints.pages.visible_text import visible_text
from illumichat_sms_plugin.channel_options import OPTIONS

ACTIONS = {
    "connected": "connected the number",
    "changed": "changed the settings",
    "disconnected": "disconnected the number",
    "webhook_set": "set the number's webhook",
    "webhook_taken_out": "took the webhook out at Twilio",
    "number_switched": "turned a further number on or off",
    "token_added": "added a second Auth Token",
    "token_swapped": "made the second Auth Token the main one",
    "token_dropped": "dropped the second Auth Token",
    "texter_erased": "erased a texter",
    "resent": "sent a text again",
    "dismissed": "dismissed a text in doubt",
    "answered_again": "had a text answered again",
    "paused": "paused sending",
    "resumed": "let sending go on",
    "blocked": "blocked a number",
    "unblocked": "unblocked a number",
    "taken_over": "took a session over from the assistant",
    "text_started": "texted a number first",
    "suggestion_sent": "sent an answer that the assistant suggested",
    "suggestion_discarded": "discarded an answer that the assistant suggested",
    "texter_exported": "exported what is stored of a texter",
    "handed_back": "handed a session back to the assistant",
    "woken": "said that a person writes",
    "opted_out": "opted a texter out",
    "opted_in": "opted a texter in",
    "doctor_run": "started the Doctor",
}


@dataclass(frozen=True, slots=True)
class AuditLine:
    """Who did what and when, and each change in words."""

    who: str
    at: datetime
    what: str
    changes: tuple[str, ...]


def audit_lines(entries: Sequence[Row[Any]]) -> list[AuditLine]:
    """The entries in words, in the same order."""
    return [
        AuditLine(
            visible_text(entry.person_name or entry.person_id),
            entry.created_at,
            ACTIONS.get(entry.action, entry.action.replace("_", " ")),
            tuple(visible_text(_change(change)) for change in entry.changes),
        )
        for entry in entries
    ]


def _change(change: dict[str, Any]) -> str:
    label = LABELS.get(change["field"], change["field"].replace("_", " ").capitalize())
    if "value" in change:
        return f"{label}: {change['value']}"
    if "old" not in change:
        return f"{label}: changed"
    old, new = (_value(change["field"], change[name]) for name in ("old", "new"))
    return f"{label}: {old} → {new}"


def _value(field: str, value: Any) -> str:
    if field in OPTIONS:
        return OPTIONS[field].in_words(value)
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value or "none")
