"""A text that looks unfinished is waited for a little longer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.text.unfinished import LONGEST, looks_unfinished
from tests.support.examples import pure

UNFINISHED = [
    "Hi, I have a question about my order,",
    "Hello,",
    "I wanted to ask...",
    "I wanted to ask…",
    "I bought a lamp last week and",
    "I bought a lamp last week AND ",
    "it does not work because",
    "one thing -",
    "the model is (",
    "Ich habe gestern bestellt, aber",
    "Quería preguntar por la cita porque",
    "J'ai une question mais",
    "Eu queria saber com",
]
FINISHED = [
    "",
    "What are your opening hours?",
    "I think so",
    "What is it for",
    "or",
    "ok...",
    "y",
    "Yes and no",
    "👍",
    "(closed)",
    "my number is 555-0100",
    "and " * 200,
]


@pytest.mark.parametrize("body", UNFINISHED)
def test_more_is_to_come(body: str) -> None:
    assert looks_unfinished(body)


@pytest.mark.parametrize("body", FINISHED)
def test_it_is_said(body: str) -> None:
    assert not looks_unfinished(body)


@pure
@given(st.text(max_size=LONGEST + 20))
def test_any_text_is_either(body: str) -> None:
    assert looks_unfinished(body) in (True, False)
