"""Situations of a session, made of an ordinary one by what is different."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from illumichat_sms_plugin.channel_options import ChannelOptions
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.answering.situation import (
    AnswerInHand,
    Limits,
    OpenSession,
    OpenText,
    Situation,
)
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.twilio_gateway.values import Credentials
from tests.support.twilio_requests import ACCOUNT_SID, AUTH_TOKEN, NUMBER, TEXTER

NOW = datetime(2030, 5, 5, 12, tzinfo=UTC)
LIMITS = Limits(attempts=3, restarts=2, answers_per_hour=60, stale_after=1800.0)

CHANNEL = Channel(
    id=1,
    assistant_id="ast_support",
    workspace_id="ws_acme",
    account_sid=ACCOUNT_SID,
    phone_number=NUMBER,
    options=ChannelOptions(),
    keys=(),
    retired_keys=(),
    credentials=Credentials(ACCOUNT_SID, Secret(AUTH_TOKEN)),
    is_confirmed=True,
)
OFF = replace(CHANNEL, options=ChannelOptions(enabled=False))
ONLY_OTHERS = replace(CHANNEL, options=ChannelOptions(answer_to="listed", only_numbers=("+15550009999",)))
ON_TRIAL = replace(CHANNEL, options=ChannelOptions(answer_to="trial"))
ONLY_CONTACTS = replace(CHANNEL, options=ChannelOptions(answer_to="contacts"))
PAUSED = replace(CHANNEL, paused="segments")
TOKENLESS = replace(CHANNEL, credentials=None)
DRAFT = replace(CHANNEL, is_confirmed=False)
SHUT_OUT = replace(CHANNEL, attention_code=20003)
IN_OTHER_TROUBLE = replace(CHANNEL, attention_code=30034)


def a_text(id: int, *, age: float = 5.0, to: str = NUMBER) -> OpenText:
    """A text that was sent ``age`` seconds ago."""
    sent = NOW - timedelta(seconds=age)
    return OpenText(id=id, to_number=to, created_at=sent, asked_at=sent)


def a_session(**different: Any) -> OpenSession:
    """The texter's session, nothing special about it."""
    return OpenSession(**({"id": 7, "channel_id": 1, "phone_number": TEXTER} | different))


def a_situation(
    *,
    texts: tuple[OpenText, ...] | None = None,
    answer: AnswerInHand | None = None,
    session: dict[str, Any] | None = None,
    **different: Any,
) -> Situation:
    """Texts 1 and 2 wait for an answer, and nothing is in the way."""
    ordinary: dict[str, Any] = {
        "now": NOW,
        "session": a_session(**(session or {})),
        "channel": CHANNEL,
        "texts": (a_text(1), a_text(2)) if texts is None else texts,
        "answers_last_hour": 0,
        "unfinished_send": False,
        "unfiled": True,
        "limits": LIMITS,
        "answer": answer,
    }
    return Situation(**(ordinary | different))
