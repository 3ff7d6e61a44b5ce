"""What somebody looked at and what was found: Test Credentials and the Doctor judge by the same four levels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from illumichat_sms_plugin.languages.wording import say


class Level(StrEnum):
    """How it stands, from good to bad; ``unknown`` is what could not be looked at, or not yet."""

    OK = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    PROBLEM = "problem"

    @property
    def label(self) -> str:
        """What people read."""
        return _LABELS[self]

    @property
    def tone(self) -> str:
        """How it is coloured."""
        return _TONES[self]


_LABELS = {
    Level.OK: say("OK"),
    Level.UNKNOWN: say("Not checked"),
    Level.WARNING: say("Warning"),
    Level.PROBLEM: say("Problem"),
}
_TONES = {Level.OK: "good", Level.UNKNOWN: "", Level.WARNING: "warn", Level.PROBLEM: "bad"}

ActionKind = Literal["fix", "page", "external"]


@dataclass(frozen=True, slots=True)
class Action:
    """Something to press. ``fix``: one of doctor/fixes.py, by POST. ``page``: a place on our pages. ``external``: a URL."""

    label: str
    kind: ActionKind
    target: str


SETTINGS = Action(say("Open the settings"), "page", "settings")
WEBHOOK = Action(say("Open Webhook Setup"), "page", "webhook")
DECISIONS = Action(say("Show these sessions"), "page", "decisions")
TWILIO_STATUS = Action(say("Twilio's status page"), "external", "https://status.twilio.com")
CONSOLE = Action(say("Twilio Console"), "external", "https://console.twilio.com")
BILLING = Action(say("Twilio's billing"), "external", "https://console.twilio.com/us1/billing")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: the evidence in words, and for what is not right the fix in words."""

    level: Level
    evidence: str
    fix: str = ""
    action: Action | None = None


def ok(evidence: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, evidence)


def warning(evidence: str, fix: str, action: Action | None = None) -> Finding:
    """It works, but perhaps not for long or not for everybody."""
    return Finding(Level.WARNING, evidence, fix, action)


def problem(evidence: str, fix: str, action: Action | None = None) -> Finding:
    """It does not work."""
    return Finding(Level.PROBLEM, evidence, fix, action)


def unknown(evidence: str, fix: str = "", action: Action | None = None) -> Finding:
    """It could not be looked at, or there is nothing to judge by yet."""
    return Finding(Level.UNKNOWN, evidence, fix, action)
