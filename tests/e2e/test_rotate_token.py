"""The Auth Token is replaced step by step; each step that takes something away asks first, without a script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from demo.twilio_simulator import seed
from tests.e2e.visitor import Visitor, found_by_axe

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("e2e")]

Visit = Callable[..., Visitor]


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_a_second_token_is_added_and_dropped_again_after_a_question(visit: Visit, script: bool) -> None:
    admin = visit(java_script_enabled=script)
    admin.sign_in()
    page = admin.open("/sms/ast_support")
    card, done = page.locator("#token"), page.locator("#sms-done")
    expect(card).to_contain_text("One token is stored: entered")
    card.get_by_role("heading", name="Change the Auth Token").click()
    card.get_by_label("Secondary Auth Token").fill(seed.SECONDARY_AUTH_TOKEN)
    card.get_by_role("button", name="Check and add it").click()
    expect(done).to_contain_text("Twilio accepts the second token")
    expect(card).to_contain_text("The old one: entered")

    card.get_by_role("link", name="Make the new token the main one").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Make the new token the main one?")
    if script:
        assert found_by_axe(page) == []
    page.get_by_role("link", name="Leave it as it is").click()

    card.get_by_role("link", name="Drop the new token").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Drop the new token?")
    if script:
        assert found_by_axe(page) == []
    page.get_by_role("button", name="Drop it").click()
    expect(done).to_contain_text("The second token is gone.")
    page.reload()
    expect(done).to_have_text("")
    expect(card).to_contain_text("One token is stored: entered")
