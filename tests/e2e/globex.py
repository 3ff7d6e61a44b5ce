"""Globex in the running demo: called with its key, with the simulated Twilio beside it. All of it goes over HTTP."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from demo.running import RunningDemo
from demo.twilio_simulator.seed import OTHER_ACCOUNT_SID, OTHER_AUTH_TOKEN, OTHER_NUMBER

CONFIG = "/api/sms/config/ast_globex"
SESSIONS = "/api/sms/sessions/ast_globex"
CARD = "/assistants/ast_globex/settings/channels"
BELL = "/workspaces/ws_globex/notices"
QUESTION = "What are your opening hours?"


@dataclass
class Globex:
    """The demo, called with Globex's key, and the simulated Twilio beside it."""

    demo: RunningDemo

    def call(self, method: str, path: str, body: object = None) -> requests.Response:
        key = {"Authorization": "Bearer wsk_live_globex"}
        found = requests.request(method, f"{self.demo.host}{path}", json=body, headers=key, timeout=30)
        found.raise_for_status()
        return found

    def page(self, path: str) -> str:
        return " ".join(re.sub(r"<[^>]+>", " ", self.call("GET", path).text).split())

    def twilio(self, method: str, path: str, body: object = None) -> Any:
        found = requests.request(method, f"{self.demo.phones}/_sim/{path}", json=body, timeout=30)
        found.raise_for_status()
        return found.json()

    def text(self, phone: str, body: str = QUESTION) -> None:
        self.twilio("POST", "inbound", {"from": phone, "to": OTHER_NUMBER, "body": body, "wait": True})

    def answers(self, phone: str) -> list[str]:
        found = self.twilio("GET", "state")["messages"]
        mine = [text for text in found if text["to"] == phone and text["created_by"] == "api"]
        return [text["body"] for text in mine]

    def state(self) -> str:
        return str(self.call("GET", CONFIG).json()["state"])

    def sessions_with(self, **asked: str) -> list[Any]:
        """The newest sessions of a filter, such as ``show="failed", code="30003"``."""
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        return list(self.call("GET", f"{SESSIONS}?{query}").json()["data"])


def wait_until(what: str, condition: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain: {what}"
        time.sleep(0.2)


def unanswered(globex: Globex, reason: str) -> int:
    return int(globex.call("GET", f"{SESSIONS}?show=unanswered&reason={reason}").json()["total"])


def failed(globex: Globex, code: int) -> int:
    return int(globex.call("GET", f"{SESSIONS}?show=failed&code={code}").json()["total"])


@contextmanager
def connected_globex(demo: RunningDemo) -> Iterator[Globex]:
    """Connected, with its number's webhook set, not paused, answering at once; afterwards disconnected and without a webhook."""
    made = Globex(demo)
    credentials = {
        "accountSid": OTHER_ACCOUNT_SID,
        "authToken": OTHER_AUTH_TOKEN,
        "phoneNumber": OTHER_NUMBER,
    }
    saved = made.call("PUT", CONFIG, {**credentials, "waitSeconds": 0, "introduce": False}).json()
    made.twilio("POST", "numbers", {"phone_number": OTHER_NUMBER, "sms_url": saved["webhookUrl"]})
    if made.state() == "paused":
        made.call("POST", f"{CONFIG}/resume", {})
    try:
        yield made
    finally:
        made.twilio("DELETE", "faults", {})
        made.twilio("POST", "numbers", {"phone_number": OTHER_NUMBER, "sms_url": ""})
        made.call("DELETE", CONFIG)
