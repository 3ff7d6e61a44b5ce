"""Contact matching where several workers meet."""

from __future__ import annotations

import threading
import time
from typing import Any

from flask import Flask

from illumichat_sms_plugin.host import Contact
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answer_session import answer_session
from tests.support.channels import change, connect, sessions
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, inbound_form, post_signed, text_in

SALES_NUMBER = "+15551230002"


def test_two_racing_first_texts_make_one_contact(texting: Flask, host: MemoryHost, monkeypatch: Any) -> None:
    """One person texts two assistants of a workspace at the same moment; the host looks slowly."""
    look = host.contacts.find_by_number

    def slow_look(workspace_id: str, number: str) -> Contact | None:
        found = look(workspace_id, number)
        time.sleep(0.2)
        return found

    monkeypatch.setattr(host.contacts, "find_by_number", slow_look)
    change(texting, contact_matching=True, auto_create_contacts=True)
    connect(
        texting,
        "ast_sales",
        phone_number=SALES_NUMBER,
        contact_matching=True,
        auto_create_contacts=True,
    )
    text_in(texting)
    post_signed(texting, "/api/sms/webhook/ast_sales", inbound_form(To=SALES_NUMBER, From=TEXTER))

    def work(session_id: int) -> None:
        with texting.app_context():
            answer_session(current_runtime(), session_id)

    threads = [threading.Thread(target=work, args=(row.id,)) for row in sessions(texting)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(host.contacts.contacts) == 1
    assert {row.contact_id for row in sessions(texting)} == {"cnt_1"}
