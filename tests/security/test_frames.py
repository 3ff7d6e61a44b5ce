"""What an error tracker sees: the local variables of every frame, wherever an exception comes from."""

from __future__ import annotations

import base64
import logging
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from types import CodeType, FrameType, TracebackType
from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.housekeeping import run_once
from tests.support.channels import run_jobs
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import AUTH_TOKEN, NUMBER, TEXTER, text_in
from tests.support.visitors import form_of, visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SIGNING_KEY = "shared-key-that-signs-webhooks-1234567890"
QUESTION = "Where is my parcel 4711?"
SECRETS = (AUTH_TOKEN, seed.SECONDARY_AUTH_TOKEN, SIGNING_KEY, seed.RESTRICTED_KEY_SECRET)
BASIC = tuple(
    base64.b64encode(f"{name}:{secret}".encode()).decode()
    for name, secret in (
        (seed.ACCOUNT_SID, AUTH_TOKEN),
        (seed.ACCOUNT_SID, seed.SECONDARY_AUTH_TOKEN),
        (seed.RESTRICTED_KEY_SID, seed.RESTRICTED_KEY_SECRET),
    )
)
PACKAGE = "illumichat_sms_plugin"
OFTEN_ENOUGH = 4
"""Looks at one function: what it holds does not change from call to call, and every look takes time."""
UNWRAPPED_FOR = ("json", "cryptography", "http.client", "hmac", "base64")
"""Where a ciphertext, a signature or a header is made."""
ON_THE_WIRE = {
    (f"{PACKAGE}.twilio_gateway.transport", "_read"),  # takes the token out of an account's answer
    (f"{PACKAGE}.twilio_gateway.connections", "send"),
    ("urllib3.response", "_raw_read"),
}
"""What has the bytes themselves."""
EDGES = {f"{PACKAGE}.secret", f"{PACKAGE}.blueprints.api.input"}
"""Where what came in is wrapped."""
OUTSIDE = (
    "tests",
    "pytest",
    "_pytest",
    "pluggy",
    "xdist",
    "execnet",
    "__channelexec__",
    "werkzeug",
    "flask.testing",
    "demo",
    "jinja2",
)
"""Who calls us, and what only the test has."""


LONG = 50_000
"""Characters from which on a variable is written down again only when its length has changed: some take 80 ms."""


class Shown:
    """Variables as an error tracker writes them down."""

    def __init__(self) -> None:
        self._long: dict[int, tuple[Any, int, str]] = {}

    def __call__(self, value: Any) -> str:
        if id(value) in self._long:
            _, length, text = self._long[id(value)]
            if length == _length(value):
                return text
        try:
            text = repr(value)
        except Exception:  # noqa: BLE001 - an object that is only half made
            return ""
        if len(text) > LONG:
            self._long[id(value)] = (value, _length(value), text)  # kept, so that no other object gets its id
        return text


def _length(value: Any) -> int:
    return len(value) if isinstance(value, Sized) else 0


def is_looked_at(frame: FrameType) -> bool:
    module = frame.f_globals.get("__name__", "")
    return (
        (module, frame.f_code.co_name) not in ON_THE_WIRE
        and not module.startswith(UNWRAPPED_FOR + OUTSIDE)
        and module not in EDGES
    )


def is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).startswith(PACKAGE)


@contextmanager
def watched(hidden: tuple[str, ...]) -> Iterator[list[str]]:
    """Look at all frames whenever a function of ours is called or returns: any of these could raise.

    ``hidden`` are the words that no variable may show; what does is told as ``module.function: variable``.
    """
    told: list[str] = []
    times: Counter[tuple[CodeType, str]] = Counter()
    shown = Shown()

    def look(frame: FrameType | None) -> None:
        """Up to the next frame of ours, which was looked at when it began its own call."""
        first = frame
        while frame is not None:
            if is_looked_at(frame):
                module = frame.f_globals.get("__name__", "")
                told.extend(
                    f"{module}.{frame.f_code.co_name}: {name}"
                    for name, value in list(frame.f_locals.items())
                    if any(word in shown(value) for word in hidden)
                )
            if frame is not first and is_ours(frame):
                return
            frame = frame.f_back

    def trace(frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        if not is_ours(frame):
            return None
        frame.f_trace_lines = False
        if event in ("call", "return") and times[frame.f_code, event] < OFTEN_ENOUGH:
            times[frame.f_code, event] += 1
            look(frame)
        return trace

    before = sys.gettrace()
    threading.settrace(trace)
    sys.settrace(trace)
    try:
        yield told
    finally:
        sys.settrace(before)
        threading.settrace(None)  # type: ignore[arg-type]


FORM = {
    "account_sid": seed.ACCOUNT_SID,
    "auth_token": AUTH_TOKEN,
    "phone_number": NUMBER,
    "signing_key": SIGNING_KEY,
    "token_verifies": "on",
    "api_key_sid": seed.RESTRICTED_KEY_SID,
    "api_key_secret": seed.RESTRICTED_KEY_SECRET,
}
BODY = {
    "accountSid": seed.ACCOUNT_SID,
    "authToken": AUTH_TOKEN,
    "phoneNumber": NUMBER,
    "signingKey": SIGNING_KEY,
    "apiKeySid": seed.RESTRICTED_KEY_SID,
    "apiKeySecret": seed.RESTRICTED_KEY_SECRET,
}
PAGE, API = "/sms/ast_support/settings", "/api/sms/config/ast_support"


def to_page(app: Flask, path: str) -> Callable[[], int]:
    client, form = visit(app, "owner"), form_of(app, **FORM)
    return lambda: client.post(path, data=form).status_code


def to_api(app: Flask, method: str, path: str, **changes: Any) -> Callable[[], int]:
    client = visit(app, "owner")
    body = {name: value for name, value in (BODY | changes).items() if value is not None}
    return lambda: client.open(path, method=method, json=body).status_code


WAYS: dict[str, Callable[[Flask], Callable[[], int]]] = {
    "a form is saved": lambda app: to_page(app, PAGE),
    "a form is tested": lambda app: to_page(app, f"{PAGE}/test"),
    "JSON is saved": lambda app: to_api(app, "PUT", API),
    "JSON is wrong": lambda app: to_api(app, "PUT", API, version="x"),
    "JSON is tested": lambda app: to_api(app, "POST", f"{API}/test", signingKey=None),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_no_secret_is_in_a_frame_while_it_is_saved_or_tested(
    make: Any, twilio: Any, way: Callable[[Flask], Callable[[], int]]
) -> None:
    send = way(make(SMS_TWILIO_API_URL=twilio.url))
    with watched(SECRETS + BASIC) as told:
        status = send()
    assert status in (200, 201, 303, 400)
    assert not told, "\n".join(sorted(set(told)))


def test_no_secret_is_in_a_frame_while_a_token_is_rotated(texting: Flask) -> None:
    client = visit(texting, "owner")
    with watched(SECRETS + BASIC) as told:
        token = {"nextAuthToken": seed.SECONDARY_AUTH_TOKEN}
        assert client.post(f"{API}/token", json=token).status_code == 200
        assert client.post(f"{API}/token/main", json={}).status_code == 200
        assert client.delete(f"{API}/token").status_code == 204
    assert not told, "\n".join(sorted(set(told)))


def test_no_secret_is_in_a_frame_while_a_text_comes_in_is_answered_and_sent(texting: Flask) -> None:
    with watched(SECRETS + BASIC) as told:
        assert text_in(texting, QUESTION).status_code == 200
        assert run_jobs(texting)
        with texting.app_context():
            run_once(current_runtime())
    assert not told, "\n".join(sorted(set(told)))


def test_the_watch_sees_a_secret_that_is_not_wrapped(texting: Flask) -> None:
    """The function is one of the package's own, written as it should not be."""
    from illumichat_sms_plugin.services.setup import channel_changes

    source = "def careless(changes):\n    token = changes.auth_token.reveal()\n    return check_account_sid(token)\n"
    exec(source, vars(channel_changes))
    with watched((AUTH_TOKEN,)) as told, pytest.raises(Exception, match="Account SID"):
        vars(channel_changes)["careless"](_Changes())
    del vars(channel_changes)["careless"]
    assert f"{PACKAGE}.services.setup.channel_changes.careless: token" in told


class _Changes:
    @property
    def auth_token(self) -> Any:
        from illumichat_sms_plugin.secret import Secret

        return Secret(AUTH_TOKEN)


def frames_of(error: BaseException) -> Iterator[FrameType]:
    """The frames of an exception and of those that it says it comes from."""
    seen: BaseException | None = error
    while seen is not None:
        step: TracebackType | None = seen.__traceback__
        while step is not None:
            yield step.tb_frame
            step = step.tb_next
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


@pytest.mark.parametrize("failure", [RuntimeError("no model today"), TimeoutError()])
def test_when_the_assistant_fails_no_frame_shows_the_text_or_the_number(
    texting: Flask, host: MemoryHost, caplog: pytest.LogCaptureFixture, failure: Exception
) -> None:
    def fail(request: Any) -> str:
        raise failure

    host.assistants.reply = fail
    text_in(texting, QUESTION)
    with caplog.at_level(logging.WARNING, logger="illumichat_sms"):
        run_jobs(texting)
    errors = [record.exc_info[1] for record in caplog.records if record.exc_info and record.exc_info[1]]
    assert errors, "the failure is logged with its traceback"
    shown = Shown()
    told = [
        f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}: {name}"
        for error in errors
        for frame in frames_of(error)
        if is_looked_at(frame)
        for name, value in frame.f_locals.items()
        if QUESTION in shown(value) or TEXTER in shown(value)
    ]
    assert not told, told


@pytest.mark.usefixtures("database_url")
def test_a_long_list_that_grows_is_written_down_again() -> None:
    shown, rows = Shown(), ["x" * (LONG + 1)]
    assert "secret" not in shown(rows)
    rows.append("secret")
    assert "secret" in shown(rows)
