"""The app that processes of the tests run, workers and webs: everything comes from the environment."""

from __future__ import annotations

import os
import time

from flask import Flask

from illumichat_sms_plugin.host import AnswerRequest
from tests.support.apps import make_app
from tests.support.memory_host import MemoryHost
from tests.support.visitors import sign_in


def create_app() -> Flask:
    host = MemoryHost()
    delay = float(os.environ.get("TEST_ASSISTANT_DELAY", "0"))

    def answer(request: AnswerRequest) -> str:
        time.sleep(delay)
        return "We are open from 9 to 17."

    host.assistants.reply = answer
    sign_in(host, os.environ.get("TEST_VISITOR", "stranger"))
    settings = {name: value for name, value in os.environ.items() if name.startswith("SMS_")}
    return make_app(os.environ["TEST_DATABASE"], host, **settings)
