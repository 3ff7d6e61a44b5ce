"""A host below a prefix, behind a real nginx that ends TLS and says so in X-Forwarded-*."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from bs4 import BeautifulSoup
from flask import Flask

from tests.support.channels import connect, inbound, outbound, run_jobs
from tests.support.memory_host import MemoryHost
from tests.support.nginx import MISSING, NGINX, Nginx, place, serving
from tests.support.twilio_requests import inbound_form, signature, status_form
from tests.support.visitors import sign_in

pytestmark = [
    pytest.mark.skipif(NGINX is None, reason=MISSING),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture
def nginx(tmp_path: Path) -> Nginx:
    folder = tmp_path / "nginx"
    folder.mkdir()
    return place(folder, "/app")


@pytest.fixture
def app(make: Callable[..., Flask], nginx: Nginx, twilio: Any) -> Iterator[Flask]:
    app = make(SMS_PUBLIC_URL=nginx.url, SMS_TWILIO_API_URL=twilio.url)
    connect(app)
    with serving(nginx, app):
        yield app


@pytest.fixture
def browser(nginx: Nginx) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(nginx.certificate)
        yield session


@pytest.mark.usefixtures("app")
def test_what_a_page_leads_to_is_below_the_prefix(
    browser: requests.Session, nginx: Nginx, host: MemoryHost
) -> None:
    sign_in(host, "owner")
    page = browser.get(f"{nginx.url}/sms/ast_support", timeout=10)
    assert page.status_code == 200
    parsed = BeautifulSoup(page.text, "html.parser")
    attributes = ("href", "src", "action", "hx-get", "hx-post")
    found = {str(tag[name]) for name in attributes for tag in parsed.select(f"[{name}]")}
    ours = {link for link in found if "/sms/" in link or "/static" in link}
    assert len(ours) > 5
    assert {link for link in ours if not urljoin(page.url, link).startswith(nginx.url + "/")} == set()
    files = {link for link in ours if link.partition("?")[0].endswith((".css", ".js"))}
    assert files
    assert {browser.get(urljoin(page.url, file), timeout=10).status_code for file in files} == {200}


@pytest.mark.usefixtures("app")
def test_a_stranger_signs_in_and_comes_back_below_it(
    browser: requests.Session, nginx: Nginx, host: MemoryHost
) -> None:
    host.access.sign_in_url = lambda next_url: f"/sign-in?next={next_url}"  # type: ignore[method-assign]
    sign_in(host, "stranger")
    answer = browser.get(f"{nginx.url}/sms/ast_support?a=1", timeout=10, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in?next=/app/sms/ast_support?a=1")


@pytest.mark.usefixtures("app")
def test_the_api_names_its_addresses_with_it(
    browser: requests.Session, nginx: Nginx, host: MemoryHost
) -> None:
    sign_in(host, "owner")
    webhook = browser.get(f"{nginx.url}/api/sms/config/ast_support/webhook", timeout=10)
    config = browser.get(f"{nginx.url}/api/sms/config/ast_support", timeout=10)
    document = browser.get(f"{nginx.url}/api/sms/openapi.json", timeout=10)
    assert [webhook.status_code, config.status_code, document.status_code] == [200, 200, 200]
    assert f"{nginx.url}/api/sms/webhook/ast_support" in webhook.text
    assert [server["url"] for server in document.json()["servers"]] == [nginx.url]


def test_a_signed_text_is_answered_and_its_status_comes_back(
    app: Flask, browser: requests.Session, nginx: Nginx, twilio: Any
) -> None:
    """Twilio signs the address it calls, which is nginx's; what the app sees is another one."""
    address = f"{nginx.url}/api/sms/webhook/ast_support"
    form = inbound_form()
    headers = {"X-Twilio-Signature": signature(address, form)}
    assert browser.post(address, data=form, headers=headers, timeout=10).status_code == 200
    assert run_jobs(app) >= 1
    (sent,) = outbound(app)
    (made,) = twilio.messages(created_by="api")
    assert made.status_callback.startswith(f"{nginx.url}/api/sms/status/ast_support")

    delivered = status_form(sent.message_sid, "delivered")
    headers = {"X-Twilio-Signature": signature(made.status_callback, delivered)}
    answer = browser.post(made.status_callback, data=delivered, headers=headers, timeout=10)
    assert answer.status_code in (200, 204)
    assert outbound(app)[0].status == "delivered"


def test_a_forged_forwarded_host_changes_nothing(app: Flask, browser: requests.Session, nginx: Nginx) -> None:
    """The signature is of the address in SMS_PUBLIC_URL, whatever a stranger says that he called."""
    form = inbound_form()
    headers = {
        "X-Twilio-Signature": signature("https://evil.example/app/api/sms/webhook/ast_support", form),
        "X-Forwarded-Host": "evil.example",
        "Host": "evil.example",
    }
    answer = browser.post(f"{nginx.url}/api/sms/webhook/ast_support", data=form, headers=headers, timeout=10)
    assert answer.status_code == 403
    assert inbound(app) == []
