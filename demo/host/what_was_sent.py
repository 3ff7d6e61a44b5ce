"""Let a language model see and hear what was attached, as far as it can."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from demo.host.chat_files import Seen
from demo.host.language_model import AssistantFailed, LanguageModel, NotTaken

logger = logging.getLogger("demo_host.language_model")

LISTENING = 20.0
"""Seconds that writing down what was spoken may take of an answer's."""
BLIND = "[You cannot look at the picture. Say so, and ask for it in words.]"


def show_to(
    model: LanguageModel, messages: Sequence[Mapping[str, Any]], files: Sequence[Seen], deadline: float
) -> str:
    """The model's answer to ``messages``, the last of which came with ``files``; ``deadline`` is of ``time.monotonic()``.

    A model that refuses pictures is asked again without, and told so.
    """
    pictures = [file.as_part() for file in files if file.is_picture]
    heard = [_heard(model, file, deadline) for file in files if file.is_speech]
    messages = _with(messages, *(words for words in heard if words))
    if pictures:
        try:
            return model.complete(_beside(messages, pictures), deadline - time.monotonic())
        except NotTaken:
            logger.warning("the language model takes no pictures")
            messages = _with(messages, BLIND)
    return model.complete(messages, deadline - time.monotonic())


def _heard(model: LanguageModel, file: Seen, deadline: float) -> str:
    if not model.transcribe_model:
        return "[You cannot listen to the recording. Say so, and ask for it in words.]"
    left = min(LISTENING, (deadline - time.monotonic()) / 2)
    try:
        return f"[said in {file.name}: {model.transcribe(file.name, file.content_type, file.data, left)}]"
    except AssistantFailed as error:
        logger.warning("a recording could not be written down: %s", error)
        return "[The recording could not be understood.]"


def _with(messages: Sequence[Mapping[str, Any]], *words: str) -> list[dict[str, Any]]:
    """The same, with words at the end of the last message."""
    *before, last = (dict(message) for message in messages)
    return [*before, last | {"content": "\n".join((last["content"], *words))}]


def _beside(messages: Sequence[Mapping[str, Any]], pictures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    *before, last = (dict(message) for message in messages)
    return [*before, last | {"content": [{"type": "text", "text": last["content"]}, *pictures]}]
