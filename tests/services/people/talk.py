"""Two people of the workspace, and what they say in a texter's chat."""

from __future__ import annotations

from typing import Any

from flask import Flask

from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.sms_channel import Refused, Sent
from tests.support.channels import outbound

ANNA = Person("per_anna", "Anna")
BEN = Person("per_ben", "Ben")
CHAT = "conv_1"


def call(app: Flask, name: str, *args: Any) -> Any:
    with app.app_context():
        return getattr(app.extensions["illumichat_sms"].channel, name)(*args)


def send(app: Flask, text: str = "Anna here.", key: str = "k1", chat: str = CHAT) -> Sent | Refused:
    return call(app, "send", chat, text, ANNA, key)


def said(app: Flask) -> list[tuple[str, str | None]]:
    return [(row.kind, row.body) for row in outbound(app)]
