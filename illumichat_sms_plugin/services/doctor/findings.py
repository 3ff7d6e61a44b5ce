"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Result(StrEnum):
    """How it stands, from good to bad; ``unknown`` is what could not be looked at."""

    OK = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    PROBLEM = "problem"


ActionKind = Literal["fix", "page", "external"]


@dataclass(frozen=True, slots=True)
class Action:
    """Something to press. ``fix``: one of fixes.py, by POST. ``page``: a place on our pages. ``external``: a URL."""

    label: str
    kind: ActionKind
    target: str


SETTINGS = Action("Open the settings", "page", "settings")
WEBHOOK = Action("Open Webhook Setup", "page", "webhook")
DECISIONS = Action("Show these sessions", "page", "decisions")
TWILIO_STATUS = Action("Twilio's status page", "external", "https://status.twilio.com")


@dataclass(frozen=True, slots=True)
class Check:
    """One check's finding: the evidence in words, and for what is not right the fix in words."""

    result: Result
    evidence: str
    fix: str = ""
    action: Action | None = None


def ok(evidence: str) -> Check:
    """All is well."""
    return Check(Result.OK, evidence)


def warning(evidence: str, fix: str, action: Action | None = None) -> Check:
    """It works, and may not for long or for everybody."""
    return Check(Result.WARNING, evidence, fix, action)


def problem(evidence: str, fix: str, action: Action | None = None) -> Check:
    """It does not work."""
    return Check(Result.PROBLEM, evidence, fix, action)


def unknown(evidence: str, fix: str = "", action: Action | None = None) -> Check:
    """It could not be looked at, or there is nothing to judge by yet."""
    return Check(Result.UNKNOWN, evidence, fix, action)
