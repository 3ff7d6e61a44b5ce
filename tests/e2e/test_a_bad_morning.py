"""An admin looks after a bad night: texts that did not arrive, a limit that paused the channel, texters without an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from demo.running import RunningDemo
from demo.twilio_simulator.seed import OTHER_NUMBER
from tests.e2e.globex import BELL, CARD, CONFIG, Globex, connected_globex, failed, unanswered, wait_until
from tests.e2e.visitor import Visitor, found_by_axe

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("e2e")]

UNREACHABLE = tuple(f"+155576509{number}" for number in range(50, 53))
PAUSED = "spent as much money as it may in a day"
WAITING = tuple(f"+155576509{number}" for number in range(60, 75))


@pytest.fixture(scope="module")
def globex(demo: RunningDemo) -> Iterator[Globex]:
    """In the night three answers did not arrive; then more texts came than the day's limit allows answers."""
    with connected_globex(demo) as connected:
        connected.twilio(
            "POST", "faults", {"kind": "failed", "code": 30003, "number": OTHER_NUMBER, "count": 3}
        )
        for phone in UNREACHABLE:
            connected.text(phone)
        wait_until("three answers have failed", lambda: failed(connected, 30003) == 3)
        spent = float(connected.call("GET", f"{CONFIG}/limits").json()["used"][1]["used"])
        connected.call("PATCH", CONFIG, {"moneyPerDay": f"{spent + 0.05:.2f}"})
        for phone in WAITING:
            connected.text(phone)
        wait_until("the channel is paused", lambda: connected.state() == "paused")
        wait_until("a text got no answer", lambda: unanswered(connected, "paused"))
        wait_until("the bell has rung", lambda: PAUSED in connected.page(BELL))
        yield connected


def test_an_admin_sees_what_happened_and_lets_it_go_on(globex: Globex, visit: Callable[..., Visitor]) -> None:
    admin = visit()
    admin.sign_in("admin@globex.test")
    expect(admin.open(BELL).locator("body")).to_contain_text(PAUSED)

    page = admin.open(CARD)
    expect(page.locator(".sms-tile .sms-badge")).to_have_text("Paused")
    page.locator(".sms-tile a").click()
    top = page.locator("#state")
    expect(top).to_contain_text(PAUSED)
    assert figure(page, "Failed today").startswith("3")
    assert float(figure(page, "Cost this month").split()[0]) > 0
    assert found_by_axe(page) == []

    top.get_by_role("link", name="whose", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sessions")
    page.get_by_role("link", name=UNREACHABLE[0]).click()
    expect(page.get_by_role("region", name="Conversation")).to_contain_text("30003")
    page.go_back()
    page.go_back()

    top.get_by_role("link", name="see why").click()
    page.locator("tbody a").first.click()
    expect(page.get_by_role("region", name="Conversation")).to_contain_text("Sending was paused")
    unlucky = page.url

    page.goto(f"{globex.demo.host}/sms/ast_globex")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator(".sms-badge").first).not_to_have_text("Paused")

    page.goto(unlucky)
    page.get_by_role("button", name="Answer again").first.click()
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.get_by_role("region", name="Conversation")).to_contain_text("Delivered")


def figure(page: Page, name: str) -> str:
    """The value of one of the figures at the top."""
    found = page.locator("#state .sms-figure").filter(has_text=name)
    return found.locator(".sms-figure-value").inner_text()
