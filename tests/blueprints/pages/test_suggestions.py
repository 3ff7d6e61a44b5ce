"""What the assistant suggests is sent, edited and discarded on the session's page, and through the API."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.services.notices.what_stands import of_sessions
from tests.services.answering.answers import on_twilio
from tests.support.channels import change, run_jobs, sessions
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in
from tests.support.visitors import visit


@pytest.fixture
def at(texting: Flask, host: MemoryHost) -> str:
    host.assistants.reply = lambda request: "We open at nine <b>sharp</b>."
    change(texting, suggest_answers=True)
    text_in(texting, "When do you open?")
    run_jobs(texting)
    return f"/sms/ast_support/sessions/{sessions(texting)[0].id}"


def test_it_waits_on_the_page_for_those_who_may_send_and_the_session_for_a_person(
    texting: Flask, twilio: Any, at: str
) -> None:
    member = visit(texting, "member").get(at).text
    assert "Suggested answer" in member
    assert "/suggestions/1/send" not in member
    admin = visit(texting, "admin")
    page = admin.get(at).text
    assert "Suggested answer" in page
    assert "A suggestion waits" in page, "the badge"
    assert f'action="{at}/suggestions/1/send"' in page
    assert "Send suggestion" in admin.get(f"{at}/conversation").text
    assert "A suggestion waits" in admin.get("/sms/ast_support/sessions?show=person").text
    assert admin.post(f"{at}/suggestions/1/send").status_code == 303
    assert "The text is on its way" in admin.get(at).text
    run_jobs(texting)
    assert len(on_twilio(twilio)) == 1
    assert "Assistant, sent by" in admin.get(at).text
    assert admin.post(f"{at}/suggestions/77/send").status_code == 422


def test_it_is_edited_or_discarded(texting: Flask, twilio: Any, at: str) -> None:
    admin = visit(texting, "admin")
    assert admin.post(f"{at}/suggestions/1/discard").status_code == 303
    assert "nothing goes out for it" in admin.get(at).text
    assert "discarded it" in admin.get(at).text
    assert admin.post(f"{at}/suggestions/1/discard").status_code == 303
    assert "Somebody had decided" in admin.get(at).text
    too_late = admin.post(f"{at}/suggestions/1/send", data={"text": "At ten."})
    assert too_late.status_code == 422
    assert "At ten." in too_late.text, "what was typed stands in the reply box"
    text_in(texting, "Hello?")
    run_jobs(texting)
    assert admin.post(f"{at}/suggestions/2/send", data={"text": "At ten."}).status_code == 303
    run_jobs(texting)
    assert on_twilio(twilio) == ["At ten."]


def test_programs_do_the_same(texting: Flask, twilio: Any, at: str) -> None:
    admin = visit(texting, "admin")
    api = at.replace("/sms/ast_support/sessions", "/api/sms/sessions/ast_support")
    shown = admin.get(api).json
    assert (shown["state"], shown["suggestion"]["id"], shown["waitingForPerson"]) == ("suggestion", "1", 1)
    assert shown["suggestedAt"]
    assert admin.post(f"{api}/suggestions/9/send", json={}).status_code == 404
    sent = [admin.post(f"{api}/suggestions/1/send", json={}) for _ in range(2)]
    assert [response.status_code for response in sent] == [200, 200]
    assert sent[0].json == sent[1].json
    assert admin.post(f"{api}/suggestions/1/discard").status_code == 409
    run_jobs(texting)
    assert len(on_twilio(twilio)) == 1
    assert admin.get(api).json["suggestion"] is None
    text_in(texting, "And on Sundays?")
    run_jobs(texting)
    assert admin.post(f"{api}/suggestions/2/discard").json["suggestion"] is None
    assert admin.get(f"{api}/messages").json["data"][0]["noReplyReason"] == "discarded"


def test_a_host_with_notices_is_told_that_one_waits(texting: Flask, at: str) -> None:
    with texting.app_context(), transaction() as connection:
        (standing,) = of_sessions(connection)
    assert standing.sentence == "An answer that the assistant suggests waits for a person to send it."
