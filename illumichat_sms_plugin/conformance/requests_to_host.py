"""Requests as they come to a host in production: to its public address, and one that the page of another site sends."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask

from illumichat_sms_plugin.conformance.trial import Trial
from illumichat_sms_plugin.runtime import EXTENSION

Result = TypeVar("Result")
REACHED = 299
"""The status of a view that was reached."""
OPEN_VIEW, OPEN_PATH = "sms_health.health", "/api/sms/health"
OF_EVERY_BROWSER = ("HTTP_HOST", "HTTP_USER_AGENT", "HTTP_COOKIE")
ELSEWHERE = {"HTTP_ORIGIN": "https://elsewhere.example", "HTTP_SEC_FETCH_SITE": "cross-site"}


@dataclass(slots=True)
class Forged:
    """What a request brought before it was made one of another site's page."""

    cookie: bool = False
    headers: set[str] = field(default_factory=set)
    """Headers that such a page cannot send."""

    def change(self, environ: dict[str, Any]) -> None:
        """Leave what a browser sends by itself: cookies, and the password of HTTP Basic."""
        self.cookie |= "HTTP_COOKIE" in environ
        for name in [name for name in environ if name.startswith("HTTP_")]:
            basic = name == "HTTP_AUTHORIZATION" and str(environ[name]).lower().startswith("basic ")
            if name in OF_EVERY_BROWSER or name.startswith("HTTP_X_FORWARDED_") or basic:
                continue
            self.headers.add(name.removeprefix("HTTP_").replace("_", "-").title())
            del environ[name]
        environ |= ELSEWHERE


@contextmanager
def to_the_public_address(app: Flask) -> Iterator[None]:
    """Have each request say that it came to ``SMS_PUBLIC_URL``.

    A test client calls http://localhost, and keeps its cookies for that; so its requests are changed on their way.
    """
    url = urlsplit(public_url(app))
    said = {
        "wsgi.url_scheme": url.scheme,
        "HTTP_HOST": url.netloc,
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": str(url.port or (443 if url.scheme == "https" else 80)),
    }
    with _on_their_way(app, lambda environ: environ.update(said)):
        yield


@contextmanager
def forged_elsewhere(app: Flask) -> Iterator[Forged]:
    """Have each request come from a page of another site in the person's browser."""
    forged = Forged()
    with _on_their_way(app, forged.change):
        yield forged


@contextmanager
def probe(app: Flask, endpoint: str, by: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """Have a view say only that it was reached; under its own name, by which a host may know it.

    ``by`` says whether whoever reached it counts: a host may check the token where it finds out who is calling.
    """
    view = app.view_functions[endpoint]

    @functools.wraps(view)
    def reached(**_: Any) -> tuple[str, int]:
        return "", REACHED if by() else 401

    app.view_functions[endpoint] = reached
    try:
        yield
    finally:
        app.view_functions[endpoint] = view


def in_a_request(trial: Trial, work: Callable[[], Result]) -> Result | None:
    """What ``work`` gives in a request of an owner or admin, or of nobody; None when the host lets none through."""
    given: list[Result] = []
    errors: list[Exception] = []

    def at_work() -> bool:
        try:
            given.append(work())
        except Exception as error:  # noqa: BLE001 - raised below, past what the host makes of errors
            errors.append(error)
        return True

    client = (trial.manager or trial.app.test_client)()
    with probe(trial.app, OPEN_VIEW, at_work), to_the_public_address(trial.app):
        client.get(OPEN_PATH)
    if errors:
        raise errors[0]
    return given[0] if given else None


def public_url(app: Flask) -> str:
    """``SMS_PUBLIC_URL``."""
    return str(app.extensions[EXTENSION].settings.public_url)


@contextmanager
def _on_their_way(app: Flask, change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    called = app.wsgi_app

    def changed(environ: dict[str, Any], start_response: Any) -> Any:
        change(environ)
        return called(environ, start_response)

    app.wsgi_app = changed  # type: ignore[method-assign]
    try:
        yield
    finally:
        app.wsgi_app = called  # type: ignore[method-assign]
