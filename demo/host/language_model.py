"""A language model behind any OpenAI-compatible endpoint (``POST {base}/chat/completions``)."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

logger = logging.getLogger("demo_host.language_model")

CONNECT_TIMEOUT = 5.0
MAX_ANSWER_BYTES = 1024 * 1024
MAX_AT_ONCE = 256

_threads = ThreadPoolExecutor(MAX_AT_ONCE, thread_name_prefix="language-model")
"""Asking happens in a thread: socket timeouts begin anew with every byte, waiting for a thread does not."""


NOT_TAKEN = frozenset({400, 404, 413, 415, 422})
"""What models answer that take no pictures."""


class AssistantFailed(Exception):  # noqa: N818 - an error says what happened
    """The assistant could not answer; asking again later may work."""


class NotTaken(AssistantFailed):
    """The model does not take what it was sent."""


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """Where and whom to ask. ``timeout`` bounds one answer, in seconds."""

    base_url: str
    model: str
    api_key: str = field(repr=False)
    timeout: float
    transcribe_model: str = ""
    """What writes down what was spoken, if anything does."""

    def complete(self, messages: Sequence[Mapping[str, Any]], timeout: float) -> str:
        """The model's next message; AssistantFailed when none comes within ``timeout`` seconds."""
        body = {"json": {"model": self.model, "messages": list(messages)}}
        return _content(self._within(timeout, "chat/completions", body))

    def transcribe(self, name: str, content_type: str, data: bytes, timeout: float) -> str:
        """What is said in a recording; AssistantFailed when that cannot be found out within ``timeout`` seconds."""
        body = {"data": {"model": self.transcribe_model}, "files": {"file": (name, data, content_type)}}
        return _transcript(self._within(timeout, "audio/transcriptions", body))

    def _within(self, timeout: float, path: str, body: Mapping[str, Any]) -> bytes:
        allowed = min(timeout, self.timeout)
        asking = _threads.submit(self._ask, path, body, time.monotonic() + allowed)
        try:
            return asking.result(allowed)
        except (TimeoutError, requests.Timeout, ReadTimeoutError):
            raise AssistantFailed("The language model took too long.") from None
        except (requests.RequestException, HTTPError, OSError) as error:
            # The text of such errors may hold the URL; the class says enough.
            raise AssistantFailed(f"The language model gave no answer ({type(error).__name__}).") from None

    def _ask(self, path: str, request: Mapping[str, Any], deadline: float) -> bytes:
        left = _left(deadline)
        with requests.post(
            f"{self.base_url}/{path}",
            **request,
            auth=self._sign,
            timeout=(min(CONNECT_TIMEOUT, left), left),
            allow_redirects=False,
            stream=True,
        ) as response:
            body = _read_until(response, deadline)
        if response.status_code != requests.codes.ok:
            logger.warning("the language model answered %s: %.300r", response.status_code, body)
            failed = NotTaken if response.status_code in NOT_TAKEN else AssistantFailed
            raise failed(f"The language model answered {response.status_code}.")
        return body

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add our key. As ``auth`` and not as a header, which a .netrc would silently replace."""
        if self.api_key:
            request.headers["Authorization"] = f"Bearer {self.api_key}"
        return request


def from_config(config: Mapping[str, Any]) -> LanguageModel | None:
    """The configured language model, or None when LLM_BASE_URL names none."""
    if not config["LLM_BASE_URL"]:
        return None
    return LanguageModel(
        base_url=config["LLM_BASE_URL"].rstrip("/"),
        model=config["LLM_MODEL"],
        api_key=config["LLM_API_KEY"],
        timeout=config["LLM_TIMEOUT"],
        transcribe_model=config["LLM_TRANSCRIBE_MODEL"],
    )


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise AssistantFailed("The language model took too long.")
    return left


def _read_until(response: requests.Response, deadline: float) -> bytes:
    """The body, as far as it comes in time: a read timeout alone would wait for each byte anew."""
    body = bytearray()
    while piece := response.raw.read1(65536, decode_content=True):
        body += piece
        _left(deadline)
        if len(body) > MAX_ANSWER_BYTES:
            raise AssistantFailed("The language model's answer is too large.")
    return bytes(body)


def _content(body: bytes) -> str:
    try:
        content = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError):
        raise AssistantFailed("The language model's answer has an unknown shape.") from None
    if not isinstance(content, str) or not content.strip():
        raise AssistantFailed("The language model answered nothing.")
    return content.strip()


def _transcript(body: bytes) -> str:
    try:
        said = json.loads(body)["text"]
    except (ValueError, LookupError, TypeError):
        raise AssistantFailed("The transcript has an unknown shape.") from None
    return " ".join(str(said).split())
