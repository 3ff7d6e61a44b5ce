"""What holds on every page an admin sees: nothing for axe to find, room on a phone, strangers' texts as text.

Console errors, violations of the Content-Security-Policy and failed requests fail every browser test, see
``Visitor``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.running import RunningDemo
from demo.twilio_simulator.seed import SUPPORT_NUMBER
from tests.e2e.visitor import Visitor, found_by_axe

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("e2e")]

Visit = Callable[..., Visitor]
STRANGER = "+15557650301"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> {{7*7}} \u202egnp.exe\u202c end"
NARROW = {"width": 360, "height": 780}
WIDE = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def session_path(browser: Browser, demo: RunningDemo) -> Iterator[str]:
    """The page of a session in which somebody sent a hostile text and then a question that was answered."""
    texter, admin = Visitor(browser, demo), Visitor(browser, demo)
    phone = texter.phone(STRANGER, SUPPORT_NUMBER)
    phone.text(HOSTILE)
    phone.expect_answer("")
    phone.text("What are your opening hours?")
    phone.expect_answer("9 am to 6 pm", number=2)
    admin.sign_in()
    path = admin.open_session("ast_support", STRANGER).url.removeprefix(demo.host)
    texter.leave()
    admin.leave()
    yield path


PAGES = {
    "the card": "/assistants/ast_support/settings/channels",
    "the page": "/sms/ast_support",
    "the webhook": "/sms/ast_support/settings/webhook",
    "the question before disconnecting": "/sms/ast_support/settings/disconnect",
    "the analytics": "/sms/ast_support/analytics",
    "the widget of the host": "/assistants/ast_support",
    "the doctor": "/sms/ast_support/doctor",
    "the help": "/sms/ast_support/about",
    "the page to try it": "/sms/ast_support/try",
    "the sessions": "/sms/ast_support/sessions",
    "a session": "{session}",
    "the question before erasing": "{session}/erase",
    "the bell of the host": "/workspaces/ws_acme/notices",
    "the outbox of the host": "/workspaces/ws_acme/outbox",
}


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_nothing_and_a_phone_has_room(path: str, session_path: str, visit: Visit) -> None:
    """In light on a desk, in dark on a phone and in forced colours; everything that can be folded open is open.

    640 pixels are a desk's 1280 at 200 %, 320 are the least that WCAG asks for (1280 at 400 %).
    """
    admin = visit()
    admin.sign_in()
    page = admin.open(path.format(session=session_path))
    if path.endswith("/doctor"):
        run_the_doctor(page)
    unfold(page)
    assert found_by_axe(page) == []
    assert_headings_lead_through(page)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="dark")
    assert found_by_axe(page) == []
    for width in (320, NARROW["width"], 640, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        assert sticking_out(page) == [], f"at {width} pixels"
    page.emulate_media(color_scheme="light", forced_colors="active", reduced_motion="reduce")
    assert found_by_axe(page) == []
    assert page.evaluate("document.getAnimations().length") == 0


def test_a_screen_reader_reads_state_form_webhook_analytics_and_sessions_in_this_order(visit: Visit) -> None:
    admin = visit()
    admin.sign_in()
    page = admin.open("/sms/ast_support")
    parts = [name for level, name in headings_read_aloud(page) if level == 2]
    in_order = ["+15551230001", "Credentials and options", "Webhook Setup", "SMS Analytics", "Sessions"]
    assert [name for name in parts if name in in_order] == in_order
    assert parts[0] == "+15551230001"


def headings_read_aloud(page: Page) -> list[tuple[int, str]]:
    """Level and name of each heading, in the order of the accessibility tree."""
    found = re.findall(r'heading "(.*)" \[level=(\d)\]', page.locator("body").aria_snapshot())
    return [(int(level), name) for name, level in found]


def assert_headings_lead_through(page: Page) -> None:
    """One heading is the page's, none skips a level, and they are read in the order in which they stand."""
    levels = [level for level, _ in headings_read_aloud(page)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(level <= before + 1 for before, level in pairwise(levels)), levels
    tops = page.evaluate(
        "[...document.querySelectorAll('main :is(h1, h2, h3, h4)')].filter(e => e.checkVisibility())"
        ".map(e => Math.round(e.getBoundingClientRect().top))"
    )
    assert tops == sorted(tops)


@pytest.mark.parametrize("person", ["member@acme.test"])
def test_what_a_member_sees_is_masked_and_as_accessible(person: str, session_path: str, visit: Visit) -> None:
    member = visit()
    member.sign_in(person)
    for path in ("/sms/ast_support", session_path):
        page = member.open(path)
        expect(page.get_by_text(STRANGER)).to_have_count(0)
        assert found_by_axe(page) == []


def test_a_hostile_text_is_shown_as_text_everywhere(session_path: str, visit: Visit) -> None:
    admin = visit()
    admin.sign_in()
    page = admin.open(session_path)
    text = page.locator(".sms-text-row .sms-text").first
    expect(text).to_have_text(HOSTILE.replace("\u202e", "⟨U+202E⟩").replace("\u202c", "⟨U+202C⟩"))
    assert text.evaluate("element => element.children.length") == 0
    page.get_by_role("link", name="Open in the chat history").click()
    shown = page.get_by_role("log", name="Messages").get_by_role("article").first.locator(".bubble")
    expect(shown).to_contain_text("<script>alert(1)</script><img src=x onerror=alert(2)> {{7*7}}")
    assert shown.evaluate("element => element.children.length") == 0


def run_the_doctor(page: Page) -> None:
    """Press the button and wait until every check has its result; the keyboard stays where it was."""
    page.get_by_role("button", name="Run the Doctor").click()
    again = page.get_by_role("button", name="Run the Doctor again")
    expect(again).to_be_enabled()
    expect(again).to_be_focused()
    expect(page.get_by_role("heading", name="Stored token")).to_be_visible()


def unfold(page: Page) -> None:
    """Open whatever can be opened."""
    page.evaluate("for (const fold of document.querySelectorAll('main details')) fold.open = true")


def sticking_out(page: Page) -> list[str]:
    """The elements that make the page scroll sideways, if it does."""
    return page.evaluate(
        """() => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) return [];
            return [...document.querySelectorAll("body *")]
                .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1)
                .map((element) => element.outerHTML.slice(0, 120));
        }"""
    )
