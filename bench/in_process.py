"""Two ways to do the same work, timed in turns in one process: ratios that hold on a busy machine.

Batches alternate, so that a disturbance meets both. The quickest batch of each counts, in CPU time of
this thread: what others do on the machine makes a batch slower, never quicker.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask


@dataclass(frozen=True)
class Compared:
    """The CPU of one call in microseconds, and the ratio."""

    ours: float
    floor: float

    @property
    def ratio(self) -> float:
        return self.ours / self.floor


def compare(
    ours: Callable[[], object], floor: Callable[[], object], *, batch: int = 40, rounds: int = 20
) -> Compared:
    """Call each ``batch`` times in turns, ``rounds`` times."""
    for call in (ours, floor):
        _cpu(call, batch)
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for call, seen in zip((ours, floor), times, strict=True):
            seen.append(_cpu(call, batch))
    return Compared(*(min(seen) / batch * 1e6 for seen in times))


def _cpu(call: Callable[[], object], batch: int) -> float:
    gc.collect()
    before = time.thread_time()
    for _ in range(batch):
        call()
    return time.thread_time() - before


def post(app: Flask, path: str, form: Iterable[tuple[str, str]] | bytes, headers: dict[str, str]) -> str:
    """One request straight into ``app``, without a client around it; returns the status line.

    ``form`` may be encoded already, where its encoding must not count.
    """
    import io

    body = form if isinstance(form, bytes) else urlencode(list(form)).encode()
    route, _, query = path.partition("?")
    answered: list[str] = []
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": route,
        "QUERY_STRING": query,
        "SERVER_NAME": "chat.example.com",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "chat.example.com",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }
    closing = app.wsgi_app(environ, lambda status, _headers, _exc=None: answered.append(status))
    for _ in closing:
        pass
    if hasattr(closing, "close"):
        closing.close()
    return answered[0]
