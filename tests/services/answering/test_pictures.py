"""An answer goes out with a picture where its number can send one, and is counted and priced as what it is."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.host import Answer, Person
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering import pictures
from illumichat_sms_plugin.services.answering.answer_session import answer_session
from tests.services.answering.answers import due_now
from tests.support.channels import keep_house, outbound, run_jobs, sessions, sql
from tests.support.counting import asked_of
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import NUMBER, TEXTER, text_in
from tests.support.visitors import visit

KETTLE = "https://shop.example.com/kettle.png"


@pytest.fixture(autouse=True)
def _ask_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_can", pictures.TtlCache(3600.0))


def with_picture(host: MemoryHost, url: str = KETTLE) -> None:
    host.assistants.reply = lambda request: Answer("Here it is.", media_url=url)


def able(twilio: Any, mms: bool) -> None:
    number = twilio.number(NUMBER)
    number.mms_capable = mms
    twilio.store.save(number)


def sent(twilio: Any) -> list[tuple[str, int]]:
    """Text and number of pictures of what went out."""
    return [(each.body, len(each.media)) for each in twilio.messages(to=TEXTER, created_by="api")]


def test_a_picture_goes_out_with_the_answer(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    with_picture(host)
    able(twilio, True)
    text_in(texting)
    run_jobs(texting)
    assert sent(twilio) == [("Here it is.", 1)]
    assert host.chats.transcript()[-1] == ("assistant", f"Here it is.\n[picture: {KETTLE}]")
    [row] = outbound(texting)
    assert row.media == [{"url": KETTLE, "content_type": "image"}]


def test_it_counts_as_an_mms(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    with_picture(host)
    able(twilio, True)
    text_in(texting)
    run_jobs(texting)
    [spent] = sql(texting, "SELECT day_segments, day_money FROM sms_spending").all()
    assert spent.day_segments == pictures.SEGMENTS
    assert outbound(texting)[0].reserved == spent.day_money == round(0.0083 * pictures.SEGMENTS * 1_000_000)


def test_from_a_number_without_mms_its_address_goes_out(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    with_picture(host)
    able(twilio, False)
    text_in(texting)
    run_jobs(texting)
    assert sent(twilio) == [(f"Here it is.\n\n{KETTLE}", 0)]
    assert outbound(texting)[0].media is None


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:6379/", "javascript:alert(1)", "https://user:pw@x.example/"]
)
def test_an_address_that_is_nobodys_business_goes_nowhere(
    texting: Flask, twilio: Any, host: MemoryHost, url: str
) -> None:
    with_picture(host, url)
    text_in(texting)
    run_jobs(texting)
    assert sent(twilio) == [("Here it is.", 0)]


def test_twilio_is_asked_once_what_a_number_can(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    with_picture(host)
    able(twilio, True)
    for body in ("one?", "two?"):
        text_in(texting, body)
        run_jobs(texting)
    asked = [each for each in twilio.store.requests if "IncomingPhoneNumbers" in each.path]
    assert len(asked) == 1
    assert [count for _, count in sent(twilio)] == [1, 1]


def test_what_is_sent_again_has_its_picture(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    with_picture(host)
    able(twilio, True)
    twilio.add_fault("error_before_accepting", count=1)
    text_in(texting)
    run_jobs(texting)
    assert sent(twilio) == []
    for _ in range(2):
        due_now(texting)
        sql(texting, "UPDATE sms_messages SET check_at = '2020-01-01 00:00:00' WHERE check_at IS NOT NULL")
        keep_house(texting)
    assert sent(twilio) == [("Here it is.", 1)]


def test_it_costs_the_database_nothing_more(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    able(twilio, True)
    counts = []
    for url in ("", KETTLE):
        with_picture(host, url)
        text_in(texting, f"{url}?")
        with texting.app_context(), asked_of(texting.extensions["sqlalchemy"].engine) as asked:
            answer_session(current_runtime(), sessions(texting)[0].id)
        counts.append((len(asked.statements), asked.transactions))
    assert counts[1] <= counts[0]


def test_people_see_its_address(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    with_picture(host)
    able(twilio, True)
    text_in(texting)
    run_jobs(texting)
    assert KETTLE in visit(texting, "member").get("/sms/ast_support/sessions/1").text
    [out] = [
        each
        for each in visit(texting, "member").get("/api/sms/sessions/ast_support/1/messages").json["data"]
        if each["direction"] == "outbound"
    ]
    assert out["pictureUrl"] == KETTLE


ANNA = Person("usr_anna", "Anna")


def test_a_person_sends_one(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    text_in(texting)
    run_jobs(texting)
    able(twilio, True)
    with texting.app_context():
        done = current_runtime().channel.send("conv_1", "Like this?", ANNA, "k", media_url=KETTLE)
    assert not hasattr(done, "sentence")
    run_jobs(texting)
    assert sent(twilio)[-1] == ("Like this?", 1)
    assert host.chats.transcript()[-1][1] == f"Like this?\n[picture: {KETTLE}]"


@pytest.mark.parametrize(
    ("mms", "url", "reason"),
    [
        (False, KETTLE, "no_mms"),
        (True, "http://shop.example.com/x.png", "picture"),
        (True, "https://10.0.0.1/x", "picture"),
    ],
)
def test_what_cannot_go_out_is_refused_with_a_sentence(  # noqa: PLR0917
    texting: Flask, twilio: Any, host: MemoryHost, mms: bool, url: str, reason: str
) -> None:
    text_in(texting)
    run_jobs(texting)
    able(twilio, mms)
    with texting.app_context():
        done = current_runtime().channel.send("conv_1", "Like this?", ANNA, "k", media_url=url)
    assert done.reason == reason
    run_jobs(texting)
    assert len(sent(twilio)) == 1


def test_a_page_and_the_api_send_one(texting: Flask, twilio: Any, host: MemoryHost) -> None:
    text_in(texting)
    run_jobs(texting)
    able(twilio, True)
    page = {"text": "one", "key": "a", "media_url": KETTLE}
    assert visit(texting, "admin").post("/sms/ast_support/sessions/1/messages", data=page).status_code == 303
    body = {"text": "two", "key": "b", "mediaUrl": KETTLE}
    at = "/api/sms/sessions/ast_support/1/messages"
    assert visit(texting, "admin").post(at, json=body).status_code == 200
    wrong = visit(texting, "admin").post(at, json=body | {"key": "c", "mediaUrl": "javascript:alert(1)"})
    assert wrong.status_code == 409
    run_jobs(texting)
    run_jobs(texting)
    assert sent(twilio)[1:] == [("one", 1), ("two", 1)]
