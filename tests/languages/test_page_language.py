"""The host decides in which language a page is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel

from illumichat_sms_plugin.blueprints.pages.page_language import page_language
from illumichat_sms_plugin.blueprints.pages.rendering import render
from illumichat_sms_plugin.languages.language import spoken
from tests.support.apps import make_app, sqlite_url
from tests.support.memory_host import MemoryHost, MemoryPages

Make = Callable[[object], Flask]


class Pages(MemoryPages):
    """Pages of a host that knows the person's language."""

    def __init__(self, locale: object) -> None:
        super().__init__()
        self.locale: Any = lambda: locale


def words_in(app: Flask, headers: dict[str, str] | None = None) -> str:
    with app.test_request_context("/", headers=headers or {}):
        return page_language().words


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Flask]:
    def make_it(pages: MemoryPages | None = None) -> Flask:
        return make_app(sqlite_url(tmp_path / "a.db"), MemoryHost(pages=pages or MemoryPages()))

    return make_it


@pytest.mark.parametrize(("locale", "words"), [("de_AT", "de"), ("fr", "en"), (None, "en"), (7, "en")])
def test_a_host_says_the_language(make: Callable[..., Flask], locale: object, words: str) -> None:
    assert words_in(make(Pages(locale))) == words


def test_a_browsers_wish_is_the_hosts_business(make: Callable[..., Flask]) -> None:
    assert words_in(make(), {"Accept-Language": "de"}) == "en"


def test_flask_babel_of_the_host_is_followed(make: Callable[..., Flask]) -> None:
    app = make()
    Babel(app, locale_selector=lambda: "es_MX")
    assert words_in(app) == "es"


def test_what_the_host_says_goes_before_flask_babel(make: Callable[..., Flask]) -> None:
    app = make(Pages("de"))
    Babel(app, locale_selector=lambda: "es")
    assert words_in(app) == "de"


def test_flask_babel_in_another_app_of_the_process_says_nothing(make: Callable[..., Flask]) -> None:
    assert words_in(make()) == "en"


def test_the_hosts_words_stay_the_hosts(make: Callable[..., Flask]) -> None:
    """Its layout, its ``_`` and its i18n extension work while a page of ours is shown in its frame."""
    app = make(Pages("de"))
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(
        lambda text: f"host:{text}", lambda one, many, n: one, newstyle=True
    )
    app.jinja_loader.mapping["layout.html"] = (  # type: ignore[union-attr]
        "{% trans %}Menu{% endtrans %} {{ _('Out') }} {% block title %}{% endblock %}{% block head %}{% endblock %}"
        "{% block content %}{% endblock %}"
    )
    with app.test_request_context("/"):
        page = render("error.html", title="Not found", sentence="x", back=None)
    assert "host:Menu host:Out" in page


def test_the_language_ends_with_the_page(make: Callable[..., Flask]) -> None:
    app = make(Pages("de"))
    with app.test_request_context("/"):
        page = render("error.html", title="Not found", sentence="x", back=None)
        assert 'lang="de"' in page
        assert spoken().words == "en"
