"""The help page: every reason and every trouble is in it, its links lead somewhere, and a host may add its support."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from illumichat_sms_plugin.services.no_reply import REASONS
from tests.support.memory_host import MemoryHost
from tests.support.visitors import visit

ABOUT, CHANNEL = "/sms/ast_support/about", "/sms/ast_support"


def page(app: Flask, url: str = ABOUT, visitor: str = "admin") -> BeautifulSoup:
    response = visit(app, visitor).get(url)
    assert response.status_code == 200
    return BeautifulSoup(response.text, "html.parser")


def test_every_reason_that_a_text_can_have_is_explained(connected: Flask) -> None:
    words = page(connected).select_one("#reasons").get_text()
    for reason in REASONS.values():
        assert reason.title in words
        assert reason.sentence in words


SEED = {
    "no-answer": ("Test Credentials", "Enabled is on", "Webhook Setup", "balance", "send and receive SMS"),
    "not-delivered": ("SMS Analytics", "number is right", "flagged or suspended", "status page"),
    "slow": ("2 to 5 seconds", "1 to 3", "long prompt", "faster model"),
    "refused": ("https", "exactly", "slash at its end", "signing key"),
}
"""What the product's own help says about each trouble."""


@pytest.mark.parametrize("trouble", SEED)
def test_each_line_about_a_trouble_is_answered(connected: Flask, trouble: str) -> None:
    answer = page(connected).select_one(f"#{trouble} + ul").get_text()
    assert [words for words in SEED[trouble] if words not in answer] == []


def test_each_part_of_the_channels_page_leads_to_its_help(connected: Flask) -> None:
    shown, help_page = page(connected, CHANNEL), page(connected)
    for part in ("settings", "webhook", "limits", "analytics", "sessions"):
        link = shown.select_one(f'#{part} a[href^="{ABOUT}#"]')
        assert help_page.select_one("#" + link["href"].partition("#")[2]), part


def test_no_link_is_a_tab_stop_between_the_fields_of_the_form(connected: Flask) -> None:
    form = page(connected, CHANNEL).select_one("#settings form")
    stops = [found.name for found in form.select("a[href], input:not([type=hidden]), textarea, select")]
    between = stops[stops.index("input") : -1]  # the last one is Disconnect
    assert "a" not in between


@pytest.mark.parametrize(
    "trouble", ["get no answer", "are not delivered", "are slow", "Webhooks are refused", "balance", "https"]
)
def test_the_usual_troubles_are_answered(connected: Flask, trouble: str) -> None:
    assert trouble in page(connected).select_one("#trouble").get_text()


@pytest.mark.parametrize("visitor", ["admin", "member"])
def test_its_links_lead_to_what_this_person_has(connected: Flask, visitor: str) -> None:
    there = {ABOUT: page(connected, ABOUT, visitor), CHANNEL: page(connected, CHANNEL, visitor)}
    links = [link["href"] for link in there[ABOUT].select(".sms-page a[href]")]
    for link in (link for link in links if not link.startswith("https://")):
        path, _, part = link.partition("#")
        target = there.get(path or ABOUT) or page(connected, path, visitor)
        assert not part or target.select_one(f"#{part}"), link


def test_the_channels_page_leads_to_it(connected: Flask) -> None:
    assert page(connected, CHANNEL).select_one(f'a[href="{ABOUT}"]')


def test_support_is_there_where_the_host_has_it(connected: Flask, host: MemoryHost) -> None:
    assert "Contact support" not in page(connected).get_text()
    host.pages.support_url = "/support"  # type: ignore[attr-defined]
    assert page(connected).select_one('a[href="/support"]').get_text() == "Contact support"


def test_links_out_are_few_and_safe(connected: Flask) -> None:
    out = page(connected).select("a[href^=http]")
    assert out
    assert all(re.match(r"https://(console|status)\.twilio\.com", link["href"]) for link in out)
    assert all(link["rel"] == ["noreferrer"] for link in out)
