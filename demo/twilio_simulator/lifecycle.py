"""What becomes of an outgoing message: queued, sending, sent, delivered, and later its price."""

from __future__ import annotations

import time
from decimal import Decimal

from demo.twilio_simulator.callbacks import Callbacks
from demo.twilio_simulator.faults import Faults
from demo.twilio_simulator.records import Message
from demo.twilio_simulator.scheduler import Scheduler
from demo.twilio_simulator.settings import Timings
from demo.twilio_simulator.store import Store

PRICE_PER_SEGMENT = Decimal("0.0079")


class Lifecycle:
    """Moves the messages of one simulator along."""

    def __init__(
        self, store: Store, scheduler: Scheduler, faults: Faults, callbacks: Callbacks, timings: Timings
    ) -> None:
        self._store = store
        self._scheduler = scheduler
        self._faults = faults
        self._callbacks = callbacks
        self._timings = timings

    def begin(self, message: Message) -> None:
        """Set a new message on its way, with the faults that are set for it."""
        pair = (message.from_, message.to)
        if message.created_by != "automatic":
            self._plan_faults(message)
            if self._faults.take("reversed_callbacks", *pair, struck=message.sid):
                self._callbacks.reverse(message)
        self._store.save(message)
        if message.created_by == "api" and self._faults.take("early_callback", *pair, struck=message.sid):
            for status in ("sending", "sent"):
                if self._set(message, status):
                    self._callbacks.announce(message, at_once=True)
        self._next(message)

    def resume(self) -> None:
        """Go on with what was on its way when the simulator last stopped."""
        with self._store.lock:
            for message in self._store.messages.values():
                if not message.final and message.direction != "inbound":
                    self._next(message)

    def fill_in_price(self, message: Message) -> None:
        """Bill the message later, as Twilio does."""
        self._scheduler.later(self._timings.price, lambda: self._bill(message), background=True)

    def _plan_faults(self, message: Message) -> None:
        pair = (message.from_, message.to)
        for kind in ("undelivered", "failed", "stuck"):
            fault = self._faults.take(kind, *pair, struck=message.sid)
            if fault:
                message.planned_status = "sent" if kind == "stuck" else kind
                message.planned_error = fault.params.get("code")
                return

    def _next(self, message: Message) -> None:
        """Schedule the step after the present status."""
        times = self._timings
        match message.status:
            case "scheduled":
                delay = max(0.0, (message.send_at or 0) - time.time())
                self._scheduler.later(delay, lambda: self._step(message, "queued"), background=True)
            case "accepted":
                self._later(times.sending / 2, message, "queued")
            case "queued":
                self._later(times.sending, message, "sending")
            case "sending" if message.planned_status == "failed":
                self._later(times.sent - times.sending, message, "failed")
            case "sending":
                self._later(times.sent - times.sending, message, "sent")
            case "sent" if message.planned_status != "sent":
                self._later(times.delivered - times.sent, message, message.planned_status)
            case _:
                self.fill_in_price(message)

    def _later(self, delay: float, message: Message, status: str) -> None:
        self._scheduler.later(max(0.0, delay), lambda: self._step(message, status))

    def _step(self, message: Message, status: str) -> None:
        account = self._store.accounts.get(message.account_sid)
        if status == "sending" and (account is None or account.status != "active"):
            message.planned_status, message.planned_error = "failed", 30002
        if self._set(message, status):
            self._callbacks.announce(message)
            self._next(message)

    def _set(self, message: Message, status: str) -> bool:
        """Change the status; False when the message was canceled in between."""
        with self._store.lock:
            if message.status == "canceled" or self._forgotten(message):
                return False
            message.status = status
            message.date_updated = time.time()
            message.history.append((message.date_updated, status))
            if status == "sent":
                message.date_sent = message.date_updated
            if status in ("undelivered", "failed"):
                message.error_code = message.planned_error
            if status == "queued" and message.from_ is None:
                message.from_ = self._sender(message)
            self._store.save(message)
            return True

    def _sender(self, message: Message) -> str | None:
        service = self._store.services.get(message.messaging_service_sid or "")
        return service.phone_numbers[0] if service and service.phone_numbers else None

    def _forgotten(self, message: Message) -> bool:
        return self._store.messages.get(message.sid) is not message

    def _bill(self, message: Message) -> None:
        if message.status in ("failed", "canceled") or message.price is not None:
            return
        price = PRICE_PER_SEGMENT * message.num_segments
        with self._store.lock:
            account = self._store.accounts.get(message.account_sid)
            if account is None or self._forgotten(message):
                return
            message.price = f"{-price:.5f}"
            message.date_updated = time.time()
            account.balance = f"{Decimal(account.balance) - price:.4f}"
            self._store.save(message)
            self._store.save(account)
