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
from illumichat_sms_plugin.languages.wording import joined, say

ACTIONS = {
    "connected": say("connected the number"),
    "changed": say("changed the settings"),
    "disconnected": say("disconnected the number"),
    "webhook_set": say("set the number's webhook"),
    "webhook_taken_out": say("took the webhook out at Twilio"),
    "number_switched": say("turned a further number on or off"),
    "token_added": say("added a second Auth Token"),
    "token_swapped": say("made the second Auth Token the main one"),
    "token_dropped": say("dropped the second Auth Token"),
    "texter_erased": say("erased a texter"),
    "resent": say("sent a text again"),
    "dismissed": say("dismissed a text in doubt"),
    "answered_again": say("had a text answered again"),
    "paused": say("paused sending"),
    "resumed": say("let sending go on"),
    "blocked": say("blocked a number"),
    "unblocked": say("unblocked a number"),
    "taken_over": say("took a session over from the assistant"),
    "text_started": say("texted a number first"),
    "suggestion_sent": say("sent an answer that the assistant suggested"),
    "suggestion_discarded": say("discarded an answer that the assistant suggested"),
    "texter_exported": say("exported what is stored of a texter"),
    "handed_back": say("handed a session back to the assistant"),
    "woken": say("said that a person writes"),
    "opted_out": say("opted a texter out"),
    "opted_in": say("opted a texter in"),
    "doctor_run": say("started the Doctor"),
}
PROGRAMS = {
    "host": say("The host"),
    "housekeeping": say("Housekeeping (24 hours were over)"),
    "sms": say("SMS (by itself)"),
    "twilio": say("Twilio (another account owns the number)"),
}
"""Who did it where no person did, by id; the name that was written down says the same in English."""


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
            _who(entry.person_id, entry.person_name),
            entry.created_at,
            ACTIONS.get(entry.action, entry.action.replace("_", " ")),
            tuple(_change(change) for change in entry.changes),
        )
        for entry in entries
    ]


def _who(person_id: str, name: str | None) -> str:
    program = PROGRAMS.get(person_id)
    return program if program is not None and program == name else visible_text(name or person_id)


def _change(change: dict[str, Any]) -> str:
    label = LABELS.get(change["field"]) or visible_text(change["field"].replace("_", " ").capitalize())
    if "value" in change:
        return joined("", (label, ": ", visible_text(str(change["value"]))))
    if "old" not in change:
        return say("{label}: changed", label=label)
    old, new = (_value(change["field"], change[name]) for name in ("old", "new"))
    return joined("", (label, ": ", old, " → ", new))


def _value(field: str, value: Any) -> str:
    if field in OPTIONS:
        return visible_text(OPTIONS[field].in_words(value))
    if isinstance(value, bool):
        return say("on") if value else say("off")
    return visible_text(str(value)) if value else say("none")
