"""A host with ids that are longer than a column: each is refused with a sentence, and nobody goes unheard."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.errors import HostMistaken
from illumichat_sms_plugin.host import Assistant, Contact, Workspace
from tests.support.channels import change, connect, inbound, outbound, run_jobs, sessions, sql
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in
from tests.support.visitors import visit

FITS, TOO_LONG = "x" * 64, "x" * 65
SENTENCE = "The host gave an id of 65 characters for {}; it has 1 to 64."


def give_chats(host: MemoryHost, chat_id: str) -> None:
    host.chats.chats[chat_id] = []
    host.chats.open = lambda **_: chat_id  # type: ignore[method-assign]


def test_the_longest_ids_work(texting: Flask, host: MemoryHost) -> None:
    give_chats(host, FITS)
    host.contacts.find_by_number = lambda *_: Contact(FITS, "Ann", None)  # type: ignore[method-assign]
    change(texting, contact_matching=True)
    text_in(texting)
    run_jobs(texting)
    (session,) = sessions(texting)
    assert (session.chat_id, session.contact_id, len(outbound(texting))) == (FITS, FITS, 1)


def test_a_chat_with_a_longer_one_is_named_in_the_log(
    texting: Flask, host: MemoryHost, caplog: pytest.LogCaptureFixture
) -> None:
    give_chats(host, TOO_LONG)
    text_in(texting)
    run_jobs(texting)
    assert SENTENCE.format("a chat") in caplog.text
    assert len(inbound(texting)) == 1


def test_a_contact_with_a_longer_one_is_not_linked_and_the_texter_is_answered(
    texting: Flask, host: MemoryHost, caplog: pytest.LogCaptureFixture
) -> None:
    host.contacts.find_by_number = lambda *_: Contact(TOO_LONG, "Ann", None)  # type: ignore[method-assign]
    change(texting, contact_matching=True)
    text_in(texting)
    run_jobs(texting)
    assert SENTENCE.format("a contact") in caplog.text
    assert (sessions(texting)[0].contact_id, len(outbound(texting))) == (None, 1)


def test_an_assistant_of_a_workspace_with_a_longer_one_is_not_connected(app: Flask, host: MemoryHost) -> None:
    host.assistants.known["ast_long"] = Assistant("ast_long", "Long", Workspace(TOO_LONG, "Long"))
    with pytest.raises(HostMistaken, match=SENTENCE.format("a workspace")):
        connect(app, "ast_long")
    assert sql(app, "SELECT count(*) FROM sms_channels").scalar() == 0


def test_the_api_gives_the_sentence(app: Flask, host: MemoryHost, twilio: Any) -> None:
    host.assistants.known["ast_support"] = Assistant("ast_support", "Long", Workspace(TOO_LONG, "Long"))
    host.access.role = lambda *_: "admin"  # type: ignore[method-assign,assignment,return-value]
    body = {"accountSid": "AC" + "1" * 32, "authToken": "0" * 32, "phoneNumber": "+15005550006"}
    answer = visit(app).put("/api/sms/config/ast_support", json=body)
    assert (answer.status_code, SENTENCE.format("a workspace") in answer.text) == (500, True)
