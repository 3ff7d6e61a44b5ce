"""A photo goes from a phone to the session's page and the host's chat, and a person sends one back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from demo.twilio_simulator.placeholder import PLACEHOLDER_PNG
from demo.twilio_simulator.seed import SUPPORT_NUMBER
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("e2e")]

OWN = "+15557650150"


def expect_picture(picture: Locator) -> None:
    """It has really been loaded and not only named."""
    expect(picture).to_be_visible()
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("image => image.naturalWidth") == 160


def test_a_photo_is_seen_by_people_and_a_person_sends_one(
    visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    photo = tmp_path / "kettle.png"
    photo.write_bytes(PLACEHOLDER_PNG)
    phone = visit().phone(OWN, SUPPORT_NUMBER)
    phone.element.get_by_role("button", name="Attach a picture").click()
    phone.element.locator(".choose input").set_input_files(photo)
    expect(phone.element.locator(".attached")).to_contain_text("Attached: kettle.png")
    phone.text("Can you repair this?")
    phone.expect_answer("I can't look at what you sent along")
    expect_picture(phone.element.locator(".mine img.picture"))

    admin = visit()
    admin.sign_in()
    page = admin.open_session("ast_support", OWN)
    expect_picture(page.locator(".sms-picture img"))

    page.get_by_text("Add a picture").click()
    page.get_by_label("Address of the picture").fill("https://shop.example.com/kettle.png")
    page.get_by_label("Text as yourself").fill("Is it this one?")
    expect(page.locator("#sms-reply-length")).to_contain_text(
        "15 characters, an MMS, which counts as 3 segments."
    )
    page.get_by_role("button", name="Send", exact=True).click()
    phone.expect_answer("Is it this one?", number=2)
    expect(phone.element.locator(".theirs img.picture")).to_be_visible()

    page.get_by_role("link", name="Open in the chat history").click()
    expect_picture(page.locator("img.attached"))
