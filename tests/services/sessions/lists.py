"""Lists of sessions, and sessions to be in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import insert

from illumichat_sms_plugin.host import Contact
from illumichat_sms_plugin.models import SmsMessage, SmsSession
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.sessions.session_list import SessionList, list_sessions
from illumichat_sms_plugin.services.sessions.session_view import Session, Viewer
from tests.support.channels import write
from tests.support.memory_host import MemoryHost

ADMIN, MEMBER = Viewer("ws_acme", full=True), Viewer("ws_acme", full=False)


OTHER = "+4915112345678"


def the_list(app: Flask, viewer: Viewer = ADMIN, **how: Any) -> SessionList:
    with app.app_context():
        return list_sessions(current_runtime(), find_channel_id("ast_support"), viewer, **{"limit": 25} | how)


def listed(app: Flask, viewer: Viewer = ADMIN, **how: Any) -> Sequence[Session]:
    return the_list(app, viewer, **how).sessions


def ids(found: SessionList) -> list[int]:
    return [session.id for session in found.sessions]


def add_sessions(app: Flask, count: int, **columns: Any) -> None:
    """Sessions of numbers from +15550000000 on, two texted at each second, the last added the last."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [
        {
            "channel_id": 1,
            "phone_number": f"+1555{n:07}",
            "last_message_at": begin + timedelta(seconds=n // 2),
            **columns,
        }
        for n in range(count)
    ]
    with app.app_context(), transaction() as connection:
        connection.execute(insert(SmsSession), rows)


def numbers(app: Flask, query: str, viewer: Viewer = ADMIN) -> list[str]:
    return [session.number for session in listed(app, viewer, query=query)]


def link(app: Flask, host: MemoryHost, number: str, name: str, contact_id: str = "cnt_ann") -> None:
    """Give the session of ``number`` a contact."""
    host.contacts.contacts[contact_id] = ("ws_acme", Contact(contact_id, name, number), "test")
    write(app, SmsSession, SmsSession.phone_number == number, contact_id=contact_id)


def add_unsettled(app: Flask, session_id: int) -> None:
    """A text of the session that waits for a decision."""
    text = {
        "channel_id": 1,
        "session_id": session_id,
        "direction": "outbound",
        "send_state": "unsettled",
        "from_number": "x",
        "to_number": "y",
        "body": "",
    }
    with app.app_context(), transaction() as connection:
        connection.execute(insert(SmsMessage).values(text))
