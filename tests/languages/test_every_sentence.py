"""On every page each sentence is in the catalogue: shown in a language that puts marks round every message, nothing else has words.

What is left outside of the marks is data: names, numbers, what texters and people wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from gettext import NullTranslations
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask

from illumichat_sms_plugin.languages import catalogues
from tests.support.channels import run_jobs
from tests.support.twilio_requests import text_in
from tests.support.visitors import current_host, visit

OTHER = "+15557650199"
SMS, SESSIONS = "/sms/ast_support", "/sms/ast_support/sessions"
STILL_OPEN: Mapping[str, int] = {"export": 2}
"""Pages that show more than what the catalogues have, and how much: an export has what people wrote."""
PAGES = {
    "channel": SMS,
    "channel before it is connected": "/sms/ast_sales",
    "webhook": f"{SMS}/settings/webhook",
    "disconnect": f"{SMS}/settings/disconnect",
    "analytics": f"{SMS}/analytics?days=7",
    "doctor": f"{SMS}/doctor",
    "help": f"{SMS}/about",
    "try": f"{SMS}/try",
    "sessions": SESSIONS,
    "sessions that failed": f"{SESSIONS}?show=failed",
    "no such session": f"{SESSIONS}?q=nothing",
    "session": f"{SESSIONS}/1",
    "session of a texter who opted out": f"{SESSIONS}/2",
    "erase": f"{SESSIONS}/1/erase",
    "export": f"{SESSIONS}/1/export",
    "not found": f"{SESSIONS}/999",
}
DATA = "input, textarea, script, style, time, bdi, code, .sms-text, .sms-number, .sms-timeline bdi"
"""What is not ours to say."""
NAMES = re.compile(
    r"\b(SMS|Twilio|UTC|GSM-7|UCS-2|USD|KB|min|Mo|Di|Mi|Do|Fr|Sa|So|Jan|Feb|März|Apr|Mai|Juni|Juli|Aug|Sept?|Okt|Nov|Dez"
    r"|\w+tag|Mittwoch|Januar|Februar|April|August|September|Oktober|November|Dezember"
    r"|Acme|Support|Sales|Ada Admin|Olivia Owner|E\.164|https)\b"
)
SAID_IN = (
    "aria-label",
    "title",
    "placeholder",
    "alt",
    "data-label",
    "data-sms-copied",
    "data-sms-press",
    "data-sms-less",
)


class Marks(NullTranslations):
    """Each message in marks."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, one: str, many: str, n: int) -> str:
        return f"⟦{one if n == 1 else many}⟧"


def outside_of_marks(text: str) -> list[str]:
    """The pieces with letters that stand in no marks."""
    depth, left = 0, ""
    for char in text:
        depth += (char == "⟦") - (char == "⟧")
        left += char if depth == 0 and char != "⟧" else "\n" if char in "⟦⟧" else ""
    pieces = (" ".join(NAMES.sub("", piece).split()) for piece in left.split("\n"))
    return [piece for piece in pieces if re.search(r"[^\W\d_]{2}", piece)]


def unsaid(page: str) -> list[str]:
    """What of a page is not in the catalogue."""
    document = BeautifulSoup(page, "html.parser")
    parts = [
        part
        for part in (
            document.title,
            *document.select(".sms-page, .sms-tile, .sms-widget, body > dl, body > h2, body > ol"),
        )
        if part
    ]
    found: list[str] = []
    for part in parts:
        for element in part.select(DATA):
            keep = element.name in ("input", "textarea")
            found += said_in(element) if keep else []
            element.replace_with("")
        for element in part.find_all(True):
            found += said_in(element)
        found += outside_of_marks(part.get_text("\n"))
    return found


def said_in(element: Tag) -> list[str]:
    return [piece for name in SAID_IN for piece in outside_of_marks(str(element.get(name, "")))]


@pytest.fixture
def marked(texting: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A channel that has answered one texter and another who wants no more texts; its people read marks."""
    text_in(texting, "When do you open?")
    run_jobs(texting)
    text_in(texting, "STOP", From=OTHER)
    monkeypatch.setitem(catalogues._loaded, "de", Marks())
    monkeypatch.setattr(current_host(texting).pages, "locale", lambda: "de", raising=False)
    return texting


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_sentence_of_every_page_is_in_the_catalogue(marked: Flask) -> None:
    admin, left = visit(marked), {}
    for name, url in PAGES.items():
        response = admin.get(url)
        assert response.status_code in (200, 404), name
        found = unsaid(response.text)
        if len(found) > STILL_OPEN.get(name, 0):
            left[name] = found
    assert left == {}


def test_what_stands_outside_of_marks_is_found() -> None:
    assert unsaid(
        '<div class="sms-page" ><p title="Hi you">⟦a ⟦b⟧ c⟧ Not said <bdi>Name</bdi></p></div>'
    ) == [
        "Hi you",
        "Not said",
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_slots_of_the_host_are_in_the_catalogue(marked: Flask) -> None:
    render: Mapping[str, list[Callable[..., str]]] = current_host(marked).pages.slots
    visit(marked)
    found: dict[str, Any] = {}
    with marked.test_request_context("/"):
        for slot, renders in render.items():
            found[slot] = [piece for one in renders for piece in unsaid(one(assistant_id="ast_support"))]
    assert {slot: pieces for slot, pieces in found.items() if len(pieces) > STILL_OPEN.get(slot, 0)} == {}
