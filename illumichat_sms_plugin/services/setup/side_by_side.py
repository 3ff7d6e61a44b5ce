"""Several questions to Twilio at once under one deadline: a person is waiting for the page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.errors import TwilioInDoubt
from illumichat_sms_plugin.languages.wording import say

Value = TypeVar("Value")


class Answer(Generic[Value]):
    """What a question has found, or will have."""

    def __init__(self, future: Future[Value], until: float) -> None:
        self._future = future
        self._until = until

    def get(self) -> Value:
        """Wait for the value, or raise what the question ended in; TwilioInDoubt when the time is over."""
        try:
            return self._future.result(max(self._until - time.monotonic(), 0.0))
        except TimeoutError:
            raise TwilioInDoubt(say("Twilio did not answer in time.")) from None


class Questions:
    """Asks in threads of its own. What is not answered ``within`` seconds is left alone.

    A question must not need the database or the app: its thread has neither.
    """

    def __init__(self, within: float) -> None:
        self._until = time.monotonic() + within

    def ask(self, question: Callable[[], Value]) -> Answer[Value]:
        """Begin to ask; returns at once."""
        future: Future[Value] = Future()

        def run() -> None:
            try:
                future.set_result(question())
            except BaseException as error:  # noqa: BLE001 - raised again where the result is wanted
                future.set_exception(error)

        threading.Thread(target=run, name="sms-question", daemon=True).start()
        return Answer(future, self._until)


def patience(settings: Settings) -> float:
    """Seconds that all questions of one request together may take: as long as the settings allow for one."""
    return settings.twilio_connect_timeout + settings.twilio_read_timeout
