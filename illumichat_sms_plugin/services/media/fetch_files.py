"""Fetch what is attached to one text, together and within a time that an answer can spare."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass

from illumichat_sms_plugin.errors import TwilioError
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.media.files import File, read_file
from illumichat_sms_plugin.twilio_gateway.media import (
    MediaPlace,
    MediaProblem,
    fetch_media,
    list_media,
    media_place,
)

logger = logging.getLogger("illumichat_sms.media")

TEXTS_AT_ONCE = 4
"""Texts of one process whose files are in its memory, 10 of 5 MB each at most."""
FILES_AT_ONCE = 8
RETRY_GONE = 0.5
"""Seconds after which a file that Twilio does not have yet is asked for again; a webhook may come before it is stored."""

_room = threading.BoundedSemaphore(TEXTS_AT_ONCE)
_lock = threading.Lock()
_pool: tuple[int, ThreadPoolExecutor] | None = None

Named = tuple[str, str]
"""The address and the content type of an attachment, as a webhook named them."""


@contextmanager
def room_for_files(seconds: float) -> Iterator[bool]:
    """Room in memory for the files of one text until the end of the block; False when none comes free in time."""
    has_room = _room.acquire(timeout=max(0.0, seconds))
    try:
        yield has_room
    finally:
        if has_room:
            _room.release()


def fetch_files(
    runtime: Runtime, channel: Channel, message_sid: str, media: Sequence[Named], seconds: float
) -> list[File]:
    """All that is attached to a text, each with its content or the reason why there is none, within ``seconds``."""
    deadline = time.monotonic() + seconds
    asked = [
        _threads().submit(_fetch, runtime, _Wanted(channel, message_sid, position, *named), deadline)
        for position, named in enumerate(media)
    ]
    wait(asked, timeout=seconds)
    return [
        _result(future, position, named[1])
        for position, (future, named) in enumerate(zip(asked, media, strict=True))
    ]


def _result(future: Future[File], position: int, declared: str) -> File:
    if not future.done():
        future.cancel()
        return File(position, declared, problem="late")
    return future.result()


def _threads() -> ThreadPoolExecutor:
    """Those of this process; looking a name up can take longer than anybody waits for it."""
    global _pool  # noqa: PLW0603 - one for each process
    with _lock:
        if _pool is None or _pool[0] != os.getpid():
            _pool = (os.getpid(), ThreadPoolExecutor(FILES_AT_ONCE, thread_name_prefix="sms-media"))
        return _pool[1]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One attachment; ``url`` is empty where catch-up has found the text, which says only how many there are."""

    channel: Channel
    message_sid: str
    position: int
    url: str
    declared: str


def _fetch(runtime: Runtime, wanted: _Wanted, deadline: float) -> File:
    """Never raises: a file that cannot be had must not cost the answer."""
    try:
        place = _place(runtime, wanted)
        data = _content(runtime, wanted.channel, place, deadline)
        return read_file(wanted.position, place.content_type or wanted.declared, data)
    except MediaProblem as found:
        problem = str(found)
    except TwilioError as error:
        logger.warning("channel %s: the attachments of a text cannot be listed: %s", wanted.channel.id, error)
        problem = "unreachable"
    except Exception:
        logger.exception("channel %s: an attachment could not be fetched", wanted.channel.id)
        problem = "unreachable"
    return File(wanted.position, wanted.declared, problem=problem)


def _place(runtime: Runtime, wanted: _Wanted) -> MediaPlace:
    credentials = wanted.channel.credentials
    if credentials is None:
        raise MediaProblem("refused")
    if wanted.url:
        return media_place(
            wanted.url,
            api_url=runtime.settings.twilio_api_url,
            account_sid=credentials.account_sid,
            message_sid=wanted.message_sid,
        )
    places = list_media(runtime.twilio.get(credentials), wanted.message_sid)
    if wanted.position >= len(places):
        raise MediaProblem("gone")
    return places[wanted.position]


def _content(runtime: Runtime, channel: Channel, place: MediaPlace, deadline: float) -> bytes:
    assert channel.credentials is not None  # noqa: S101 - known since its place is
    while True:
        try:
            return fetch_media(
                place,
                api_url=runtime.settings.twilio_api_url,
                credentials=channel.credentials,
                deadline=deadline,
                connect_timeout=runtime.settings.twilio_connect_timeout,
            )
        except MediaProblem as problem:
            if str(problem) != "gone" or time.monotonic() + 2 * RETRY_GONE > deadline:
                raise
            time.sleep(RETRY_GONE)
