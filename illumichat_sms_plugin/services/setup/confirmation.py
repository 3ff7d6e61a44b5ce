"""Credentials count once Twilio has accepted them: what is written down about that.

Until then a channel is a draft: its webhooks are refused, its assistant is not asked, and its Account SID and number are
nobody's. docs/decisions/drafts.md
"""

from __future__ import annotations

from typing import Any

from illumichat_sms_plugin.models import db_now
from illumichat_sms_plugin.services.channels import FIRST_LOOK
from illumichat_sms_plugin.services.setup.ownership import NOT_THE_ACCOUNTS_NUMBER, Asked, Verdict


def after_typing(verdict: Verdict | None) -> dict[str, Any]:
    """The columns of a channel whose account, token or number was just entered; None when Twilio was not asked."""
    if verdict is not None and verdict.asked is Asked.OWNED:
        return _let_in() | {"confirmed_at": db_now()}
    refused = verdict is not None and verdict.asked is Asked.REFUSED
    return {
        "confirmed_at": None,
        "attention_code": verdict.error_code if verdict is not None else None,
        "attention_at": db_now() if refused else None,
        "number_in_use": False,
        "looks": int(refused),
        "look_at": db_now(FIRST_LOOK if refused else 0.0),
    }


def after_asking(verdict: Verdict, *, is_confirmed: bool) -> dict[str, Any]:
    """The columns to write when Twilio was asked about what is stored; none when nothing was learnt."""
    if verdict.asked is Asked.OWNED:
        return _let_in() | ({} if is_confirmed else {"confirmed_at": db_now()})
    if verdict.asked is not Asked.REFUSED:
        return {}
    values: dict[str, Any] = {"attention_code": verdict.error_code, "attention_at": db_now()}
    if verdict.error_code == NOT_THE_ACCOUNTS_NUMBER:
        values["confirmed_at"] = None  # the number has left the account
    return values


def _let_in() -> dict[str, Any]:
    return {
        "attention_code": None,
        "attention_at": None,
        "number_in_use": False,
        "looks": 0,
        "look_at": None,
        "catch_up_at": None,  # texts that were refused meanwhile are fetched at once
    }
