"""Several questions at once, bounded together."""

from __future__ import annotations

import threading
import time

import pytest

from illumichat_sms_plugin.errors import TwilioInDoubt, TwilioThrottled
from illumichat_sms_plugin.services.setup.side_by_side import Questions


def test_questions_are_asked_at_the_same_time():
    """Each waits for the other to have begun."""
    together = threading.Barrier(2)
    questions = Questions(10)
    answers = [questions.ask(lambda: together.wait(10)) for _ in range(2)]
    assert sorted(answer.get() for answer in answers) == [0, 1]


def test_an_error_is_raised_where_the_answer_is_wanted():
    def refuse() -> None:
        raise TwilioThrottled("Too many requests.")

    answer = Questions(10).ask(refuse)
    for _ in range(2):
        with pytest.raises(TwilioThrottled):
            answer.get()


def test_what_hangs_is_given_up_when_the_time_of_all_is_over():
    release = threading.Event()
    questions = Questions(0.3)
    hanging = [questions.ask(lambda: release.wait(30)) for _ in range(3)]
    began = time.monotonic()
    for answer in hanging:
        with pytest.raises(TwilioInDoubt, match="in time"):
            answer.get()
    assert time.monotonic() - began < 5
    release.set()
