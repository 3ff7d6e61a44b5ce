"""The list of sessions as a page: what a row says, and how one goes through a long one."""

from __future__ import annotations

import pytest
from flask import Flask

from illumichat_sms_plugin.host import Contact
from illumichat_sms_plugin.models import SmsSession, db_now
from illumichat_sms_plugin.services.sessions import session_list
from tests.blueprints.pages.soup import page, words
from tests.support.channels import run_jobs, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, text_in

LIST = "/sms/ast_support/sessions"


def test_the_list_names_number_contact_counts_and_state(texting: Flask, host: MemoryHost) -> None:
    text_in(texting)
    run_jobs(texting)
    host.contacts.contacts["cnt_1"] = ("ws_acme", Contact("cnt_1", "Ann Lee", TEXTER), "test")
    write(texting, SmsSession, SmsSession.id > 0, contact_id="cnt_1")
    (row,) = page(texting, LIST).select("tbody tr")
    cells = [cell.get_text(strip=True) for cell in row.select("th, td")]
    assert cells[:2] == [TEXTER, "Ann Lee"]
    assert cells[4:] == ["1", "1", "Active"]


def test_an_empty_list_says_what_to_do_next(connected: Flask) -> None:
    assert "text the number from your own phone first" in words(page(connected, LIST))
    assert "text the number" not in words(page(connected, LIST, "member"))
    assert "No text waits for a decision" in words(page(connected, f"{LIST}?show=decision"))
    assert "Nothing matches “zzz”" in words(page(connected, f"{LIST}?q=zzz"))


def test_a_long_list_has_pages(connected: Flask) -> None:
    for n in range(27):
        text_in(connected, From=f"+155576500{n:02}")
    first = page(connected, LIST)
    assert first.select("a[rel=prev]") == []
    assert "27 sessions" in words(first)
    second = page(connected, first.select_one("a[rel=next]")["href"])  # type: ignore[index,arg-type]
    assert [len(soup.select("tbody tr")) for soup in (first, second)] == [25, 2]
    assert second.select("a[rel=next]") == []
    again = page(connected, second.select_one("a[rel=prev]")["href"])  # type: ignore[index,arg-type]
    assert again.select("tbody tr") == first.select("tbody tr")
    assert "There is nothing older" in words(page(connected, f"{LIST}?before=1-1"))


def test_older_and_newer_keep_search_and_filter(connected: Flask) -> None:
    for n in range(26):
        text_in(connected, From=f"+155576500{n:02}")
    write(connected, SmsSession, SmsSession.id > 0, opted_out_at=db_now())
    older = page(connected, f"{LIST}?q=55765&show=opted_out").select_one("a[rel=next]")
    assert older is not None
    assert "q=55765&show=opted_out&before=" in str(older["href"])


def test_a_list_that_is_too_long_to_count_says_so(connected: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(3):
        text_in(connected, From=f"+1555765000{n}")
    monkeypatch.setattr(session_list, "COUNTED", 2)
    assert "More than 2 sessions" in words(page(connected, LIST))
    panel = page(connected, "/sms/ast_support").select_one("#sessions")
    assert panel is not None
    assert "All sessions" in words(panel)  # type: ignore[arg-type]
    monkeypatch.setattr(session_list, "LOOKED_THROUGH", 2)
    searched = words(page(connected, f"{LIST}?q=0001"))
    assert "At least 1 session" in searched
    assert "digits in the middle only in the most recent ones" in searched


@pytest.mark.parametrize("place", ["0", "-1", "x", "1-0", "٣-1", "99999999999999999999-1", "1"])
def test_an_odd_place_is_the_beginning(connected: Flask, place: str) -> None:
    text_in(connected)
    for name in ("before", "after", "page"):
        assert len(page(connected, f"{LIST}?{name}={place}").select("tbody tr")) == 1
