"""The running demo guards its wallet and says so: two phones that text each other, a foreign number, texts that do not arrive, money.

Globex is connected for this, so that nothing of it shows where the other tests look. All of it goes over HTTP, between
the demo's own processes.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.launcher.options import ROOT
from demo.running import RunningDemo
from demo.twilio_simulator.seed import OTHER_NUMBER
from tests.e2e.globex import (
    BELL,
    CARD,
    CONFIG,
    SESSIONS,
    Globex,
    connected_globex,
    failed,
    unanswered,
    wait_until,
)
from tests.e2e.processes import descendants
from tests.e2e.test_every_page import NARROW, sticking_out
from tests.e2e.visitor import Visitor, found_by_axe

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("e2e")]


@pytest.fixture(scope="module")
def globex(demo: RunningDemo) -> Iterator[Globex]:
    with connected_globex(demo) as connected:
        yield connected


def test_two_phones_that_relay_to_each_other_get_three_answers_each_at_most(globex: Globex) -> None:
    phones = ("+15557650901", "+15557650902")
    relayed = dict.fromkeys(phones, 0)
    globex.text(phones[0])

    def relay() -> bool:
        """What one phone gets, the other one sends; whether a machine was recognised."""
        for own, other in (phones, phones[::-1]):
            for body in globex.answers(own)[relayed[own] :]:
                relayed[own] += 1
                globex.text(other, body)
        return bool(globex.call("GET", f"{SESSIONS}?show=machine").json()["total"])

    wait_until("the loop is noticed", relay)
    wait_until("nothing is open", lambda: not globex.call("GET", f"{SESSIONS}?show=waiting").json()["total"])
    relay()
    assert max(len(globex.answers(phone)) for phone in phones) <= 3
    [session] = globex.call("GET", f"{SESSIONS}?show=machine&q=090").json()["data"][:1]
    page = globex.page(f"/sms/ast_globex/sessions/{session['id']}")
    assert "Looks like a machine" in page
    assert session["machineEvidence"] in page


def test_a_french_number_gets_nothing_and_the_page_says_why(globex: Globex) -> None:
    french = "+33612345678"
    globex.text(french)
    wait_until("the text has its reason", lambda: unanswered(globex, "country"))
    assert globex.answers(french) == []
    [session] = globex.call("GET", f"{SESSIONS}?show=unanswered&reason=country").json()["data"]
    page = globex.page(f"/sms/ast_globex/sessions/{session['id']}")
    assert "The number is of a country that this channel does not answer." in page
    assert "add the country under Countries" in page


def test_six_30034_by_callback_turn_the_card_within_a_minute_and_a_delivery_turns_it_back(
    globex: Globex,
) -> None:
    fault = {"kind": "failed", "code": 30034, "number": OTHER_NUMBER, "count": 6}
    globex.twilio("POST", "faults", fault)
    began = time.monotonic()
    for number in range(6):
        globex.text(f"+1555765091{number}")
    wait_until("the card turns", lambda: "Needs attention" in globex.page(CARD))
    assert time.monotonic() - began < 60
    assert globex.state() == "needs_attention"
    wait_until("all have failed", lambda: failed(globex, 30034) == 6)
    wait_until("the bell rings", lambda: "did not arrive" in globex.page(BELL))
    globex.text("+15557650919")
    wait_until("the card turns back", lambda: "Needs attention" not in globex.page(CARD))


def test_a_limit_of_010_pauses_the_channel_the_bell_rings_and_resume_goes_on(globex: Globex) -> None:
    globex.call("PATCH", CONFIG, {"moneyPerDay": "0.10"})
    phones = [f"+155576509{number}" for number in range(20, 40)]
    for phone in phones:
        globex.text(phone)
    wait_until("the limit is reached", lambda: globex.state() == "paused")
    wait_until("the bell rings", lambda: "spent as much money as it may in a day" in globex.page(BELL))
    page = globex.page("/sms/ast_globex")
    assert "spent as much money as it may in a day" in page
    wait_until("the others have their reason", lambda: unanswered(globex, "paused"))
    used = globex.call("GET", f"{CONFIG}/limits").json()
    [day] = [limit for limit in used["used"] if limit["name"] == "money_day"]
    assert 0.10 <= float(day["used"]) < 0.10 + 0.10, "over by one text at most"
    globex.call("POST", f"{CONFIG}/resume", {})
    assert globex.state() != "paused"
    globex.text("+15557650941")
    wait_until("it goes on", lambda: globex.answers("+15557650941"))


def test_after_all_of_it_the_analytics_equal_a_recount(globex: Globex) -> None:
    [environment, *_] = filter(None, map(environment_of, descendants(globex.demo.pid)))
    command = [sys.executable, "-m", "flask", "--app", "demo.host", "sms", "recount", "ast_globex"]
    found = subprocess.run(
        command, check=False, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (found.returncode, "agree with the messages" in found.stdout) == (0, True), found.stdout


def environment_of(pid: int) -> dict[str, str] | None:
    """What a process of the demo was started with; None for one without the host's settings, such as Valkey."""
    lines = Path(f"/proc/{pid}/environ").read_text().split("\0")
    found = dict(line.split("=", 1) for line in lines if "=" in line)
    return found if "DATABASE_URL" in found else None


@pytest.mark.parametrize("path", [BELL, "/workspaces/ws_globex/outbox", CARD])
def test_where_it_is_told_axe_finds_nothing_and_a_phone_has_room(
    path: str, globex: Globex, visit: Callable[..., Visitor]
) -> None:
    admin = visit()
    admin.sign_in("admin@globex.test")
    page = admin.open(path)
    assert "texts did not arrive" in page.content() or path == CARD
    assert found_by_axe(page) == []
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="dark")
    assert found_by_axe(page) == []
    assert sticking_out(page) == []
