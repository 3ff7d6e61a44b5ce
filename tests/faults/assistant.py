"""The scripted assistant: an HTTP server that answers, hangs, fails, or kills whoever asks."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Call:
    """One question of a worker: which process asked, and what."""

    pid: int
    questions: list[str]
    hold: threading.Event = field(default_factory=threading.Event)

    def mentions(self, word: str) -> bool:
        return any(word in question for question in self.questions)


Behaviour = Callable[[Call], Any]
"""What to answer: a string or None as the answer, a dict as the whole reply, an int as an HTTP status."""


def answer(call: Call) -> str:
    """Names every question it answers, so that what Twilio has can be matched with what was asked."""
    codes = [word for question in call.questions for word in question.split() if word.startswith("t#")]
    return f"Answer to {' '.join(codes)}"


class Assistant:
    """``behave`` may be replaced at any time; ``calls`` are those of the run so far."""

    def __init__(self) -> None:
        self.behave: Behaviour = answer
        self.calls: list[Call] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def reset(self) -> None:
        self.behave = answer
        for call in self.calls:
            call.hold.set()
        self.calls = []

    def close(self) -> None:
        self.reset()
        self._server.shutdown()
        self._server.server_close()

    def for_some(self, count: int, behaviour: Behaviour) -> Callable[[], int]:
        """Let the next ``count`` calls go this way; the function it returns tells how many are left."""
        left = [count]
        lock = threading.Lock()

        def behave(call: Call) -> Any:
            with lock:
                struck = left[0] > 0
                left[0] -= struck
            return behaviour(call) if struck else answer(call)

        self.behave = behave
        return lambda: left[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        assistant = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                asked = json.loads(self.rfile.read(size))
                call = Call(asked["pid"], asked["questions"])
                assistant.calls.append(call)
                said = assistant.behave(call)
                status = said if isinstance(said, int) else 200
                reply = said if isinstance(said, dict) else {"answer": said}
                body = json.dumps(reply).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # whoever asked is dead by now

            def log_message(self, format: str, *args: Any) -> None:
                """The suite has logs enough."""

        return Handler


def hang(seconds: float) -> Behaviour:
    """Answer only after that time."""

    def behave(call: Call) -> str:
        call.hold.wait(seconds)
        return answer(call)

    return behave


def slowly(call: Call) -> str:
    """As an assistant does: it takes a moment."""
    time.sleep(0.3)
    return answer(call)
