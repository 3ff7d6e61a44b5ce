"""The simulated Twilio, with a gate before it that can hold a request back and drop it."""

from __future__ import annotations

import io
import random
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from demo.twilio_simulator import Simulator, Timings
from demo.twilio_simulator.app import create_app
from demo.twilio_simulator.connections import Server, reset_connection
from demo.twilio_simulator.inbound import Attached

TIMINGS = Timings(sending=0.1, sent=0.2, delivered=0.3, price=0.5, webhook_timeout=15.0)
"""A message is delivered after 0.3 s and has its price half a second later."""


class Gate:
    """Holds back requests to create a message for one number: written by us, unseen by Twilio."""

    def __init__(self) -> None:
        self.number: str | None = None
        self.arrived = threading.Event()
        self.opened = threading.Event()

    def hold(self, number: str) -> None:
        self.arrived.clear()
        self.opened.clear()
        self.number = number

    def drop(self) -> None:
        """Let nothing of it through."""
        self.number = None
        self.opened.set()

    def wrap(self, app: Any) -> Callable[[dict[str, Any], Any], Any]:
        def gated(environ: dict[str, Any], start_response: Any) -> Any:
            if self.number and environ["REQUEST_METHOD"] == "POST":
                body = environ["wsgi.input"].read()
                environ["wsgi.input"] = io.BytesIO(body)
                if parse_qs(body.decode()).get("To") == [self.number]:
                    self.arrived.set()
                    self.opened.wait(30)
                    reset_connection(environ)
            return app(environ, start_response)

        return gated


class Weather:
    """Lets a share of all calls fail, each in a way of its own: unheard, heard and unanswered, or answered 500."""

    def __init__(self) -> None:
        self.clear()

    def storm(self, share: float, seed: float) -> None:
        self._rng, self.share = random.Random(seed), share

    def clear(self) -> None:
        self._rng, self.share = random.Random(0), 0.0

    def wrap(self, app: Any) -> Callable[[dict[str, Any], Any], Any]:
        def weathered(environ: dict[str, Any], start_response: Any) -> Any:
            if self._rng.random() >= self.share:
                return app(environ, start_response)
            way = self._rng.choice(("unheard", "unanswered", "500"))
            if way == "unanswered":
                list(app(environ, lambda *_: None))
            if way != "500":
                reset_connection(environ)
            start_response("500 Internal Server Error", [("Content-Type", "application/json")])
            return [b'{"code": 20500, "message": "Internal Server Error", "status": 500}']

        return weathered


class Twilio(Simulator):
    """Listens behind the gate, in any weather."""

    def __init__(self) -> None:
        super().__init__(timings=TIMINGS, threads=60)
        self.gate = Gate()
        self.weather = Weather()
        self.attached: tuple[Attached, ...] = ()
        """What each text comes with."""

    def start(self) -> Twilio:
        self.scheduler.start()
        self.listen()
        self.lifecycle.resume()
        return self

    def listen(self) -> None:
        """Take connections, on the same port as before."""
        self._server = Server(self.weather.wrap(self.gate.wrap(create_app(self))), self.host, self.port, 60)
        self.port = self._server.port
        self._server.start()

    def refuse_connections(self) -> None:
        """Let nobody in until :meth:`listen`; webhooks go out all the same."""
        self._server.stop()
