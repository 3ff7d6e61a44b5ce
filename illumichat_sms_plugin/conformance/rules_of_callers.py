"""Assistants that take their time or fail; and who is let in, with and without a token."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

from illumichat_sms_plugin.conformance.requests_to_host import (
    REACHED,
    forged_elsewhere,
    probe,
    to_the_public_address,
)
from illumichat_sms_plugin.conformance.rules_of_chats import message
from illumichat_sms_plugin.conformance.trial import OUTSIDER, STRANGER, Trial, broken, not_tried, says_nothing
from illumichat_sms_plugin.host import AnswerRequest, AssistantUnavailable

TIMEOUT, GRACE = 0.5, 2.0
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
OPEN = {
    "sms_webhooks.inbound": ("POST", "/api/sms/webhook/{}"),
    "sms_webhooks.status": ("POST", "/api/sms/status/{}"),
    "sms_health.health": ("GET", "/api/sms/health"),
    "sms_health.metrics": ("GET", "/api/sms/metrics"),
}
"""What needs no login."""
FORMS = {
    "sms_settings.save": "/sms/{}/settings",
    "sms_api_limits.pause": "/api/sms/config/{}/pause",
}
"""A form of a page; and a route of the API that needs no body, so that a form can send it as well."""


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
            with to_the_public_address(trial.app):
                status = client.get(f"/api/sms/{name}/{trial.assistant_id}").status_code
            if status not in statuses:
                wanted = " or ".join(map(str, sorted(statuses)))
                broken("roles", f"{who} gets {status} for the channel's {name}, not {wanted}")


def csrf(trial: Trial) -> None:
    """A form that a page of somebody else sends for a signed-in person changes nothing, in pages and in the API."""
    if trial.manager is None:
        not_tried("people, with an owner or admin")
    forms = {view: path for view, path in FORMS.items() if view in trial.app.view_functions}
    if not forms:
        not_tried("app with SMS_PAGES or SMS_API on")
    for view, path in forms.items():
        url, client = path.format(trial.assistant_id), trial.manager()
        known = probe(trial.app, view, lambda: trial.host.access.caller() is not None)
        with known, to_the_public_address(trial.app), forged_elsewhere(trial.app) as forged:
            status = client.post(url, data={"from": "another site"}).status_code
        if status == REACHED:
            broken("csrf", f"a form without a token was let through to the plugin, to POST {url}")
        if forged.headers and not forged.cookie:
            names = ", ".join(sorted(forged.headers))
            says_nothing(f"callers send a header ({names}) instead of a cookie, and no form can")


def guards(trial: Trial) -> None:
    """Twilio, a load balancer and Prometheus come in, without a login and without a token."""
    client = trial.app.test_client()
    for endpoint, (method, path) in OPEN.items():
        url = path.format(trial.assistant_id)
        with probe(trial.app, endpoint), to_the_public_address(trial.app):
            status = client.open(url, method=method).status_code
        if status != REACHED:
            broken("guards", f"{method} {url} by nobody in particular got {status} from the host")


def _asked(trial: Trial) -> str:
    chat = trial.new_chat()
    with trial.call() as host:
        host.chats.append(chat, message("What are your opening hours?", "m1"))
    return chat
