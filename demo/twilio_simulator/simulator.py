"""One simulated Twilio: its parts put together, started and stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from demo.twilio_simulator import seed
from demo.twilio_simulator.app import create_app
from demo.twilio_simulator.callbacks import Callbacks
from demo.twilio_simulator.connections import Server
from demo.twilio_simulator.faults import Faults
from demo.twilio_simulator.inbound import Attached, Inbound
from demo.twilio_simulator.inbound_form import Extra
from demo.twilio_simulator.lifecycle import Lifecycle
from demo.twilio_simulator.poster import Poster
from demo.twilio_simulator.records import Fault, Message, Number, Webhook
from demo.twilio_simulator.scheduler import Scheduler
from demo.twilio_simulator.settings import FAST, Timings
from demo.twilio_simulator.store import Store

T = TypeVar("T")


class Simulator:
    """A Twilio of one's own on ``http://host:port``.

    ``port`` 0 takes a free one, which is kept when the simulator is stopped and started again.
    ``data`` is an SQLite file that keeps accounts, numbers and messages. ``threads`` is how many
    requests are worked on at once. ``app_url`` is where the phones page links back to.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        data: str | Path | None = None,
        timings: Timings = FAST,
        threads: int = 40,
        app_url: str = "",
    ) -> None:
        self.host = host
        self.port = port
        self.app_url = app_url
        self._threads = threads
        self.store = Store(data)
        self.scheduler = Scheduler()
        self.faults = Faults(self.store)
        self.poster = Poster(self.store, self.faults, timings)
        self.callbacks = Callbacks(self.store, self.scheduler, self.faults, self.poster)
        self.lifecycle = Lifecycle(self.store, self.scheduler, self.faults, self.callbacks, timings)
        self.inbound = Inbound(
            self.store,
            scheduler=self.scheduler,
            faults=self.faults,
            poster=self.poster,
            lifecycle=self.lifecycle,
            timings=timings,
            base_url=lambda: self.url,
        )
        seed.seed(self.store)
        self._app = create_app(self)
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def start(self) -> Simulator:
        """Listen, and go on with messages that were on their way; returns itself."""
        self.scheduler.start()
        self._server = Server(self._app, self.host, self.port, self._threads)
        self.port = self._server.port
        self._server.start()
        self.lifecycle.resume()
        return self

    def stop(self) -> None:
        """Stop listening. What is known stays, so that :meth:`start` goes on from here."""
        self.scheduler.stopping.set()
        if self._server is not None:
            self._server.stop()
            self._server = None
            self.scheduler.stop()

    def close(self) -> None:
        """Stop for good: put back what faults changed and close the file."""
        self.stop()
        self.faults.clear()
        self.store.close()

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def reset(self) -> None:
        """Back to a fresh start: no messages, no faults, the seeded accounts and numbers."""
        self.callbacks.reset()
        self.faults.clear()
        self.faults.all.clear()
        self.store.clear()
        seed.seed(self.store)

    def text(
        self,
        from_: str,
        to: str,
        body: str = "",
        *,
        media: Sequence[Attached] = (),
        sid: str | None = None,
        extra: Extra | None = None,
        wait: bool = True,
    ) -> Webhook | None:
        """Text a number from a phone; the inbound webhook with its result, None when none is called.

        With ``wait`` it returns when the webhook has answered. See :meth:`Inbound.receive`.
        """
        _, hooks = self.inbound.receive(from_, to, body, media=media, sid=sid, extra=extra, wait=wait)
        return hooks[0] if hooks else None

    def number(self, phone_number: str) -> Number:
        """The owned number; LookupError when there is none."""
        number = self.store.number_named(phone_number)
        if number is None:
            raise LookupError(f"no account owns {phone_number}")
        return number

    def set_webhook(self, phone_number: str, url: str, method: str = "POST") -> None:
        """Point a number's webhook somewhere, as its owner would in Twilio's console."""
        number = self.number(phone_number)
        number.sms_url, number.sms_method = url, method
        self.store.save(number)

    def messages(
        self,
        *,
        to: str | None = None,
        from_: str | None = None,
        direction: str | None = None,
        created_by: str | None = None,
        body: str | None = None,
    ) -> list[Message]:
        """Messages that match, oldest first, Twilio's automatic answers included."""
        with self.store.lock:
            return [
                m
                for m in self.store.messages.values()
                if to in (None, m.to)
                and from_ in (None, m.from_)
                and direction in (None, m.direction)
                and created_by in (None, m.created_by)
                and body in (None, m.body)
            ]

    def webhooks(self, *, kind: str | None = None, message_sid: str | None = None) -> list[Webhook]:
        """Webhooks called (or held, or dropped), oldest first; ``kind`` is inbound, fallback or status."""
        with self.store.lock:
            return [
                w
                for w in self.store.webhooks
                if kind in (None, w.kind) and message_sid in (None, w.message_sid)
            ]

    def wait_for(self, condition: Callable[[], T], timeout: float = 10.0) -> T:
        """Wait until the condition is true and return its value; AssertionError after ``timeout`` s.

        It is looked at again whenever something changes in the simulator.
        """
        return self.store.wait_for(condition, timeout)

    def wait_idle(self, timeout: float = 10.0) -> None:
        """Wait until every message is at its end and every callback and webhook is done, prices aside."""
        if not self.scheduler.wait_idle(timeout):
            raise AssertionError(f"the simulator was still busy after {timeout} s")

    def add_fault(
        self,
        kind: str,
        *,
        number: str | None = None,
        account_sid: str | None = None,
        count: int | None = 1,
        **params: object,
    ) -> Fault:
        """Let something go wrong; see :mod:`demo.twilio_simulator.fault_kinds` for the kinds."""
        return self.faults.add(kind, number=number, account_sid=account_sid, count=count, **params)

    def clear_faults(self) -> None:
        """End all faults."""
        self.faults.clear()
