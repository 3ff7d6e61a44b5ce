"""An admin of a host that nginx serves with TLS below a prefix: every step of theirs stays below it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from demo.browser import launch
from demo.host import create_app
from demo.host.database import db
from demo.running import RunningDemo
from demo.twilio_simulator import Simulator, seed
from illumichat_sms_plugin import migrating
from illumichat_sms_plugin.encryption import generate_key
from tests.demo_host.conftest import fill
from tests.e2e.visitor import Visitor
from tests.support.nginx import MISSING, NGINX, Nginx, place, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.xdist_group("e2e"),
    pytest.mark.skipif(NGINX is None, reason=MISSING),
]


@pytest.fixture
def nginx(tmp_path: Path, redis_url: str, twilio: Simulator) -> Iterator[Nginx]:
    """The demo's host with the plugin in it, at https://127.0.0.1:…/app."""
    folder = tmp_path / "nginx"
    folder.mkdir()
    nginx = place(folder, "/app")
    app = create_app(
        {
            "SECRET_KEY": "test",
            "DATABASE_PATH": tmp_path / "host.sqlite3",
            "ILLUMICHAT_PLUGINS": "sms",
            "SMS_REDIS_URL": redis_url,
            "SMS_PUBLIC_URL": nginx.url,
            "SMS_ENCRYPTION_KEYS": generate_key(),
            "SMS_TWILIO_API_URL": twilio.url,
        }
    )
    fill(app)
    with app.app_context():
        migrating.upgrade(db.engine)
    with serving(nginx, app):
        yield nginx
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def trusting(browser: Browser, chromium_path: str, nginx: Nginx) -> Iterator[Browser]:
    """A browser that takes nginx's certificate for good.

    A context that only ignores errors of certificates asks for everything again on each new connection, and gives up
    now and then (ERR_TOO_MANY_RETRIES): https://crbug.com/488043.
    """
    trusting = launch(
        browser.browser_type, chromium_path, f"--ignore-certificate-errors-spki-list={nginx.key_hash()}"
    )
    yield trusting
    trusting.close()


def test_a_stranger_signs_in_there_connects_an_assistant_and_stays_below_it(
    trusting: Browser, nginx: Nginx, tmp_path: Path
) -> None:
    host = RunningDemo(nginx.url, "", tmp_path, 0)
    admin = Visitor(trusting, host)
    page = admin.open("/sms/ast_sales?days=30")
    expect(page).to_have_url(f"{nginx.url}/sign-in?next=%2Fapp%2Fsms%2Fast_sales%3Fdays%3D30")
    page.get_by_role("button").filter(has_text="admin@acme.test").click()
    expect(page).to_have_url(f"{nginx.url}/sms/ast_sales?days=30")
    page.wait_for_load_state()  # before the script is there, a form loads the page anew, without the token

    page.get_by_label("Account SID").fill(seed.ACCOUNT_SID)
    page.get_by_label("Auth Token", exact=True).fill(seed.AUTH_TOKEN)
    page.get_by_label("Phone Number").fill(seed.SALES_NUMBER)
    page.get_by_role("button", name="Test Credentials").click()
    expect(page.locator("#sms-test-result")).to_contain_text("These credentials work.")
    page.locator("#settings .sms-button-primary").click()
    expect(page.get_by_role("status").first).to_contain_text("One step is left: set the webhook")
    assert page.url.startswith(f"{nginx.url}/sms/ast_sales")
    page.get_by_role("link", name="See where texts go now").click()
    expect(page.locator("#sms-webhook-now")).to_contain_text("by HTTP POST")

    outside = "all => all.map(one => one.href || one.action).filter(url => !url.includes('/app/'))"
    assert page.eval_on_selector_all("a[href^='/'], form[action^='/']", outside) == []
    page.get_by_role("link", name="Channels", exact=True).click()
    expect(page.get_by_role("region", name="SMS")).to_contain_text(seed.SALES_NUMBER)
    assert page.url.startswith(f"{nginx.url}/assistants/ast_sales")
    admin.leave()
    assert admin.complaints == []
