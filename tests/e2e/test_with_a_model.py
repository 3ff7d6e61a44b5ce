"""The demo with a language model behind it: what the model is told of people, pictures and texts that went before.

The model is scripted and knows nothing but what stands in the request. So what it answers shows what it was told.
"""

from __future__ import annotations

import base64
import re
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from demo.running import RunningDemo
from demo.twilio_simulator.placeholder import PLACEHOLDER_PNG
from demo.twilio_simulator.seed import SUPPORT_NUMBER
from tests.demo_host.model_server import ModelServer
from tests.e2e.conftest import day_and_night
from tests.e2e.visitor import Visitor, load_until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("e2e")]

DANA = "+15557650001"
"""A contact of Acme."""


def thinks(messages: list[Any]) -> str:
    """An answer made of what was said before, as far as it was."""
    *before, last = messages
    asked = last["content"]
    if isinstance(asked, list):
        (picture,) = (part["image_url"]["url"] for part in asked if part["type"] == "image_url")
        width, height = struct.unpack(">II", base64.b64decode(picture.partition(",")[2])[16:24])
        return f"I see a picture of {width} by {height} pixels."
    heard = "\n".join(message["content"] for message in before[1:])
    if "refund" in asked:
        return "I'll get someone for you.\n[hand off: wants a refund]"
    if asked == "C":
        return "Confirmed: at 10." if "at 10, reply C to confirm" in heard else "What do you mean by C?"
    if "colleague" in asked:
        found = re.search(r"\[(.+), a person, wrote:\] (.+)", heard)
        return f"{found[1]} wrote: {found[2]}" if found else "Which colleague?"
    if "Which code" in asked:
        found = re.search(r"secret code is (\w+)", heard)
        return f"It is {found[1]}." if found else "You told me no code."
    return "Noted."


@pytest.fixture(scope="module")
def demo(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    model = ModelServer()
    model.thinks = thinks
    settings = {"LLM_BASE_URL": model.url, "LLM_MODEL": "scripted"}
    with day_and_night(tmp_path_factory.mktemp("demo_with_a_model"), **settings) as running:
        yield running
    model.shutdown()
    model.server_close()


def open_chat(visitor: Visitor, ending: str) -> Page:
    """The chat of a number in the host's chat history."""
    page = visitor.page
    page.get_by_role("navigation", name="Workspace").get_by_role("link", name="Chats").click()
    page.locator(".row").filter(has_text=ending).first.click()
    return page


def test_a_person_takes_over_in_the_hosts_chat_and_the_assistant_knows_what_was_said(
    visit: Callable[..., Visitor],
) -> None:
    phone = visit().phone("+15557650201", SUPPORT_NUMBER)
    phone.text("My kettle is with you for repair")
    phone.expect_answer("Noted.")

    admin = visit()
    admin.sign_in()
    page = open_chat(admin, "0201")
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_text("Adrian Cole handles this chat")).to_be_visible()
    log = page.get_by_role("log", name="Messages")

    phone.text("Is anybody there?")
    expect(log).to_contain_text("Is anybody there?")
    for number, words in enumerate(("Yes, it is me.", "Your kettle is ready on Friday."), start=2):
        page.get_by_label("Text message").fill(words)
        page.get_by_role("button", name="Send", exact=True).click()
        phone.expect_answer(words, number=number)
        expect(log.locator(".message.person")).to_have_count(number - 1)
    phone.text("Great!")
    expect(log).to_contain_text("Great!")
    expect(phone.answers).to_have_count(3)

    page.get_by_role("button", name="Hand back to the assistant").click()
    phone.expect_answer("Noted.", number=4)  # to what nobody has answered
    phone.text("What did your colleague say?")
    phone.expect_answer("Adrian Cole wrote: Yes, it is me.", number=5)


def test_the_assistant_hands_off_and_the_bell_rings(visit: Callable[..., Visitor]) -> None:
    phone = visit().phone("+15557650202", SUPPORT_NUMBER)
    phone.text("I want a refund!")
    phone.expect_answer("I'll get someone for you.")
    expect(phone.answers.first.locator(".text")).not_to_contain_text("hand off")
    phone.text("Hello?")

    page = visit().sign_in()
    load_until(page, lambda: expect(page.locator(".bell-count")).to_have_text("1"))
    page.locator(".bell").click()
    notice = page.get_by_role("link").filter(has_text="The assistant handed off: wants a refund")
    notice.click()
    expect(page.get_by_text("A person answers").first).to_be_visible()
    conversation = page.get_by_role("region", name="Conversation")
    expect(conversation).to_contain_text("A person should answer")
    expect(conversation).to_contain_text("It handed off: “wants a refund”")
    expect(conversation).to_contain_text("1 text waits for an answer")
    expect(phone.answers).to_have_count(1)

    page.get_by_role("link", name="Open in the chat history").click()
    expect(page.get_by_text("The assistant handed off")).to_be_visible()


def test_a_contact_is_texted_first_and_a_c_belongs_to_that_text(visit: Callable[..., Visitor]) -> None:
    admin = visit()
    admin.sign_in()
    page = admin.open("/contacts/con_dana")
    page.get_by_label("Assistant that goes on from there").select_option("Acme Support")
    page.get_by_label("Text", exact=True).fill("Your appointment is at 10, reply C to confirm")
    page.get_by_label("What the contact agreed to").fill("reminders of appointments")
    page.get_by_label("When").fill("2026-11-03")
    page.get_by_label("How", exact=True).fill("ticked on the form")
    page.get_by_role("button", name="Text this contact").click()
    phone = visit().phone(DANA, SUPPORT_NUMBER)
    phone.expect_answer("Your appointment is at 10")
    phone.text("C")
    phone.expect_answer("Confirmed: at 10.", number=2)


def test_a_photo_of_a_phone_is_seen_by_people_and_by_the_model(
    visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    photo = tmp_path / "kettle.png"
    photo.write_bytes(PLACEHOLDER_PNG)
    phone = visit().phone("+15557650203", SUPPORT_NUMBER)
    phone.element.get_by_role("button", name="Attach a picture").click()
    phone.element.locator(".choose input").set_input_files(photo)
    expect(phone.element.locator(".attached")).to_contain_text("Attached: kettle.png")
    phone.text("Can you repair this?")
    phone.expect_answer("I see a picture of 160 by 120 pixels.")

    admin = visit()
    admin.sign_in()
    picture = admin.open_session("ast_support", "+15557650203").locator(".sms-picture img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("naturalWidth", 160)


def test_who_gets_a_number_later_starts_anew(visit: Callable[..., Visitor], demo: RunningDemo) -> None:
    own = "+15557650204"
    phone = visit().phone(own, SUPPORT_NUMBER)
    phone.text("My secret code is 4711")
    phone.expect_answer("Noted.")
    phone.text("Which code did I tell you?")
    phone.expect_answer("It is 4711.", number=2)

    admin = visit()
    admin.sign_in()
    page = admin.open_session("ast_support", own)
    load_until(page, lambda: expect(page.get_by_text("✓✓ Delivered")).to_have_count(2))
    let_days_pass(demo, own, 31)
    phone.text("Which code did I tell you?")
    phone.expect_answer("You told me no code.", number=3)
    load_until(page, lambda: expect(page.get_by_text("Earlier chats")).to_be_visible())
    expect(page.get_by_role("region", name="Conversation")).to_contain_text("My secret code is 4711")
    page.get_by_role("link", name="Open in the chat history").click()
    log = page.get_by_role("log", name="Messages")
    expect(log).to_contain_text("You told me no code.")
    expect(log).not_to_contain_text("4711")


def let_days_pass(demo: RunningDemo, number: str, days: int) -> None:
    """All that was said with a phone was said so many days earlier."""
    earlier = "strftime('%Y-%m-%d %H:%M:%f000', {}, ?)"
    session = "(SELECT id FROM sms_sessions WHERE phone_number = ?)"
    with closing(sqlite3.connect(demo.data_dir / "illumichat.sqlite", timeout=30)) as database, database:
        moved = database.execute(
            f"UPDATE sms_messages SET created_at = {earlier.format('created_at')}, sent_at = {earlier.format('sent_at')} WHERE session_id = {session}",
            (f"-{days} days", f"-{days} days", number),
        )
    assert moved.rowcount == 4
