"""Assistants that take their time or fail; and who is let in, with and without a token."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from flask import Flask

from illumichat_sms_plugin.conformance.rules_of_chats import message
from illumichat_sms_plugin.conformance.trial import OUTSIDER, STRANGER, Trial, broken, not_tried, says_nothing
from illumichat_sms_plugin.contract import has_pages
from illumichat_sms_plugin.host import AnswerRequest, AssistantUnavailable

TIMEOUT, GRACE = 0.5, 2.0
REACHED = 299
"""The status of a view that was reached."""
LET_IN, FORBIDDEN, MISSING, SENT_AWAY = {200}, {403}, {404}, {301, 302, 303, 307, 401, 403}
ROLES = {
    "owner": (LET_IN, LET_IN),
    "admin": (LET_IN, LET_IN),
    "member": (LET_IN, FORBIDDEN),
    "guest": (FORBIDDEN, FORBIDDEN),
    OUTSIDER: (MISSING, MISSING),
    STRANGER: (SENT_AWAY, SENT_AWAY),
}
"""What the state of the channel, and what its configuration, answers to each."""
OPEN = ("sms_webhooks.inbound", "sms_webhooks.status", "sms_health.health")


def timeouts(trial: Trial) -> None:
    """An answer that takes too long is given up in time."""
    if trial.slow is None:
        not_tried("slow")
    chat = _asked(trial)
    begun = time.monotonic()
    done = threading.Event()

    def ask() -> None:
        with trial.call() as host, suppress(Exception):  # any exception is a way of giving up
            host.assistants.answer(AnswerRequest(trial.assistant_id, chat, "", "sms", TIMEOUT))
        done.set()

    with trial.slow():
        threading.Thread(target=ask, daemon=True).start()
        if not done.wait(TIMEOUT + GRACE):
            waited = time.monotonic() - begun
            broken(
                "time", f"assistants.answer with a timeout of {TIMEOUT} s still waits after {waited:.1f} s"
            )


def failures(trial: Trial) -> None:
    """A failure that the host expects is said as one."""
    if trial.fails is None:
        not_tried("fails")
    chat = _asked(trial)
    with trial.fails(), trial.call() as host:
        try:
            host.assistants.answer(AnswerRequest(trial.assistant_id, chat, "", "sms", 30.0))
        except AssistantUnavailable:
            return
        except Exception as error:  # noqa: BLE001 - whatever the host raises is what it is tried for
            broken(
                "failures",
                f"assistants.answer raised {type(error).__name__} for a failure that the host expects, "
                "instead of AssistantUnavailable",
            )
    broken("failures", "assistants.answer answered although the assistant could not")


def roles(trial: Trial) -> None:
    """Each role opens what it should."""
    if not trial.people:
        not_tried("people")
    if "sms_api_state" not in trial.app.blueprints:
        not_tried("app with SMS_API on")
    for who, expected in ROLES.items():
        if who not in trial.people:
            continue
        client = trial.people[who]()
        for name, statuses in zip(("state", "config"), expected, strict=True):
            status = client.get(f"/api/sms/{name}/{trial.assistant_id}").status_code
            if status not in statuses:
                wanted = " or ".join(map(str, sorted(statuses)))
                broken("roles", f"{who} gets {status} for the channel's {name}, not {wanted}")


def csrf(trial: Trial) -> None:
    """A form that a page of somebody else sends for a signed-in person changes nothing."""
    if not has_pages(trial.host):
        says_nothing("the host has no pages")
    client = next((trial.people[who] for who in ("owner", "admin") if who in trial.people), None)
    if client is None:
        not_tried("people, with an owner or admin")
    if "sms_settings.save" not in trial.app.view_functions:
        not_tried("app with SMS_PAGES on")
    with _probe(trial.app, "sms_settings.save", lambda: trial.host.access.caller() is not None):
        answer = client().post(f"/sms/{trial.assistant_id}/settings", data={})
    if answer.status_code == REACHED:
        broken("csrf", "a form without a token was let through to the plugin")


def guards(trial: Trial) -> None:
    """Twilio and a load balancer come in, without a login and without a token."""
    client = trial.app.test_client()
    for endpoint, (method, url) in zip(
        OPEN,
        (
            ("POST", f"/api/sms/webhook/{trial.assistant_id}"),
            ("POST", f"/api/sms/status/{trial.assistant_id}"),
            ("GET", "/api/sms/health"),
        ),
        strict=True,
    ):
        with _probe(trial.app, endpoint):
            status = client.open(url, method=method).status_code
        if status != REACHED:
            broken("guards", f"{method} {url} by nobody in particular got {status} from the host")


@contextmanager
def _probe(app: Flask, endpoint: str, by: Callable[[], bool] = lambda: True) -> Iterator[None]:
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


def _asked(trial: Trial) -> str:
    chat = trial.new_chat()
    with trial.call() as host:
        host.chats.append(chat, message("What are your opening hours?", "m1"))
    return chat
