"""An application's webhook: records what comes, checks it with Twilio's validator, answers as told."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from tests.support.servers import serve
from tests.support.twilio_validator import twilio_accepts

XML = "text/xml"


@dataclass
class Received:
    """One request to the webhook."""

    method: str
    path: str
    form: MultiDict[str, str]
    headers: dict[str, str]
    at: float = field(default_factory=time.monotonic)

    def signed_by(self, key: str, base_url: str) -> bool:
        """What Twilio's own RequestValidator says."""
        signature = self.headers.get("X-Twilio-Signature", "")
        settings = self.headers.get("X-Twilio-Webhooks-Signature-Settings")
        sent = list(self.form.items(multi=True))
        return twilio_accepts(key, base_url + self.path, sent, signature, settings)


@dataclass
class Answer:
    """What the webhook answers, after ``delay`` seconds; status 0 breaks the connection off."""

    status: int = 200
    content_type: str = XML
    body: bytes = b"<Response/>"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


class _Server(ThreadingHTTPServer):
    request_queue_size = 256  # the usual 5 turns callers away when many come at once

    def handle_error(self, *args: Any) -> None:
        """A caller that has hung up is what some tests are about."""


class Receiver:
    """An HTTP server on a free port."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.answers: Callable[[Received], Answer] = lambda received: Answer()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        serve(self._server)

    def answer(self, *answers: Answer) -> None:
        """Answer the next requests like this, and all later ones like the last."""
        left = list(answers)
        self.answers = lambda received: left.pop(0) if len(left) > 1 else left[0]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                form = MultiDict(parse_qsl(body, keep_blank_values=True))
                received = Received(self.command, self.path, form, dict(self.headers))
                receiver.requests.append(received)
                answer = receiver.answers(received)
                time.sleep(answer.delay)
                if answer.status == 0:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                if answer.content_type:
                    self.send_header("Content-Type", answer.content_type)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if "Transfer-Encoding" not in answer.headers:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST = handle_any  # noqa: N815 - the names http.server looks for

            def log_message(self, *args: Any) -> None:
                """Stay quiet."""

        return Handler
