"""The page of a connected channel with 90 days of traffic: short enough to see through, in each language, and steady."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser

from demo.host.language import LANGUAGES
from demo.running import RunningDemo, running_demo
from tests.e2e.globex import wait_until
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("e2e history")]

LONGEST = 3_000
"""Pixels, 1280 wide."""
WITH_HISTORY = 600.0
"""Seconds for the demo to start; filling in 90 days takes most of them."""
PAGE = "/sms/ast_support"
SHIFTS = """
    window.shifted = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(scope="module")
def history(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """The Doctor has looked, too, and warns: in a demo it always does."""
    folder = tmp_path_factory.mktemp("history")
    with running_demo(folder, "--history", ready_within=WITH_HISTORY) as running:
        let_the_doctor_look(running)
        yield running


def let_the_doctor_look(running: RunningDemo) -> None:
    key = {"Authorization": "Bearer wsk_live_acme"}
    doctor = f"{running.host}/api/sms/doctor/ast_support"

    def told(url: str) -> dict[str, Any]:
        return dict(requests.get(url, headers=key, timeout=30).json())

    wait_until(
        "housekeeping has begun", lambda: told(f"{running.host}/api/sms/health")["housekeeping"] == "ok"
    )
    requests.post(doctor, headers=key, timeout=30).raise_for_status()
    wait_until("the Doctor is done", lambda: not told(doctor)["run"]["running"], seconds=120)
    found = told(doctor)["run"]
    assert found["worst"] == "warning", [one for one in found["checks"] if one["result"] == "problem"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_the_page_is_short_and_steady(
    browser: Browser, history: RunningDemo, language: str, script: bool
) -> None:
    admin = Visitor(browser, history, java_script_enabled=script)
    if script:
        admin.page.add_init_script(SHIFTS)
    admin.sign_in()
    page = admin.open(f"{PAGE}?lang={language}")
    page.wait_for_load_state("networkidle")
    assert page.locator("main [lang]").first.get_attribute("lang") == language
    if script:
        assert page.evaluate("document.documentElement.scrollHeight") <= LONGEST
        assert page.evaluate("window.shifted") < 0.01
    else:
        assert page.locator("main").bounding_box()["height"] <= LONGEST  # type: ignore[index]
    assert admin.complaints == []
    admin.leave()
