"""A scripted language model: a real HTTP server that speaks the chat-completions protocol."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.servers import serve


class ModelServer(ThreadingHTTPServer):
    """Answers every request as told in ``status`` and ``body``, or as ``thinks`` says to its messages."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.status = 200
        self.body: bytes = self.saying("Hello from the model.")
        self.go_on = threading.Event()
        self.go_on.set()
        self.drip = False
        self.refuses_pictures = False
        self.thinks: Callable[[list[Any]], str] | None = None
        serve(self)

    @staticmethod
    def saying(content: Any) -> bytes:
        """The body of an answer with this content."""
        return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()

    @property
    def url(self) -> str:
        """What goes into LLM_BASE_URL."""
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        is_json = self.headers["Content-Type"] == "application/json"
        self.server.requests.append((self.path, dict(self.headers), json.loads(body) if is_json else body))
        if self.server.thinks is not None:
            self.server.body = self.server.saying(self.server.thinks(json.loads(body)["messages"]))
        refused = self.server.refuses_pictures and b"image_url" in body
        self.send_response(400 if refused else self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        if not self.server.go_on.is_set():
            self.wfile.write(self.server.body[:1])
            self.server.go_on.wait(20)
            return
        self.wfile.write(self.server.body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
