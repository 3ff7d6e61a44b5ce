"""Security events as log lines: one line each, in a form that machines read, and never more than a bound.

    event=denied reason=forbidden route=sms_sessions.resend method=POST object="assistant_id=ast_1" caller=person:usr_7

The same fields are in ``record.sms_security``, for loggers that write JSON. Numbers are masked.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable

logger = logging.getLogger("illumichat_sms.security")

LINES = 30
"""So many lines of one event and reason are written in a minute; the next one says how many were left out."""
MAX_KINDS = 200
MAX_VALUE = 100
PLAIN = re.compile(r"[\w.:/+,@=-]*", re.ASCII)
LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])\+?[0-9]{8,15}(?![0-9A-Za-z])")


class EventLog:
    """Writes lines of this process; safe for threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, level: int = logging.WARNING) -> None:
        self._clock = clock
        self._level = level
        self._lock = threading.Lock()
        self._written: dict[tuple[str, str], tuple[int, int]] = {}
        """Per event and reason: the minute, and how many there were in it."""

    def write(self, event: str, reason: str, **fields: str) -> bool:
        """Write a line, unless there were too many of its kind; whether it was written."""
        left_out = self._left_out(event, reason)
        if left_out is None:
            return False
        shown = {"event": event, "reason": reason} | {name: masked(value) for name, value in fields.items()}
        if left_out:
            shown["left_out"] = str(left_out)
        line = " ".join(f"{name}={_as_value(value)}" for name, value in shown.items())
        logger.log(self._level, "%s", line, extra={"sms_security": shown})
        return True

    def _left_out(self, event: str, reason: str) -> int | None:
        """How many of its kind were left out since the last line; None when this one is, too."""
        kind = (event, reason)
        minute = int(self._clock() // 60)
        with self._lock:
            if kind not in self._written and len(self._written) >= MAX_KINDS:
                return None
            last, count = self._written.get(kind, (minute, 0))
            if last != minute:
                self._written[kind] = (minute, 1)
                return max(count - LINES, 0)
            self._written[kind] = (minute, count + 1)
            return None if count >= LINES else 0


def masked(value: str) -> str:
    """Short, and with what may be somebody's phone number masked."""
    return LONG_NUMBER.sub(lambda found: f"{found[0][:4]}•••{found[0][-2:]}", value[:MAX_VALUE])


def _as_value(value: str) -> str:
    """As it is, or in quotes with escapes: nobody writes a line of his own, or turns one round."""
    return value if PLAIN.fullmatch(value) else json.dumps(value.replace("•", "*"))
