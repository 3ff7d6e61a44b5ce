"""Status callbacks: what Twilio tells the sender's webhook about a message, and in which order."""

from __future__ import annotations

import time
from collections import deque

from demo.twilio_simulator.faults import Faults
from demo.twilio_simulator.poster import Poster
from demo.twilio_simulator.records import Fault, Message, Webhook, new_sid
from demo.twilio_simulator.scheduler import Scheduler
from demo.twilio_simulator.store import Store


class Callbacks:
    """Sends the callbacks of one simulator, those of one message one after the other."""

    def __init__(self, store: Store, scheduler: Scheduler, faults: Faults, poster: Poster) -> None:
        self._store = store
        self._scheduler = scheduler
        self._faults = faults
        self._poster = poster
        self._queues: dict[str, deque[Webhook]] = {}
        self._kept_back: dict[str, list[Webhook]] = {}
        self.holding = False
        self.held: list[Webhook] = []

    def announce(self, message: Message, *, at_once: bool = False) -> None:
        """Tell the message's present status; ``at_once`` waits for the webhook's answer."""
        if not message.status_callback:
            return None
        hook = _callback(message)
        with self._store.change():
            self._store.webhooks.append(hook)
        if self._strike("dropped_callbacks", message):
            return self._mark(hook, "dropped", "dropped_callbacks")
        if message.sid in self._kept_back:
            return self._keep_back(message, hook)
        if self.holding:
            with self._store.lock:
                self.held.append(hook)
            return self._mark(hook, "held")
        if at_once:
            self._mark(hook, "waiting", "early_callback")
            self._send(hook)
            return None
        delay = 0.0
        late = self._strike("late_callbacks", message)
        if late:
            self._mark(hook, "waiting", "late_callbacks")
            delay = float(late.params["seconds"])
        self._enqueue(hook, delay)
        twice = self._strike("duplicate_callbacks", message)
        for _ in range(int(twice.params["times"]) - 1 if twice else 0):
            self._enqueue(self._copy(hook), delay)
        return None

    def reverse(self, message: Message) -> None:
        """Keep this message's callbacks until its end, then send the last one first."""
        with self._store.lock:
            self._kept_back[message.sid] = []

    def hold(self) -> None:
        """Send no callback until :meth:`release`."""
        self.holding = True

    def release(self, *, reverse: bool = False, times: int = 1) -> int:
        """Send what was held, on wish last one first or several times; says how many callbacks those are."""
        with self._store.lock:
            self.holding = False
            held, self.held = self.held, []
        for hook in reversed(held) if reverse else held:
            self._mark(hook, "waiting")
            self._enqueue(hook)
            for _ in range(times - 1):
                self._enqueue(self._copy(hook))
        return len(held)

    def reset(self) -> None:
        """Forget what is held."""
        with self._store.lock:
            self.holding = False
            self.held.clear()
            self._kept_back.clear()
            self._queues.clear()

    def _strike(self, kind: str, message: Message) -> Fault | None:
        """A fault of this kind that is for every status, or for this one."""
        return self._faults.take(
            kind,
            message.from_,
            message.to,
            struck=f"{message.sid} {message.status}",
            where=lambda params: params["status"] in ("", message.status),
        )

    def _keep_back(self, message: Message, hook: Webhook) -> None:
        with self._store.lock:
            kept = self._kept_back[message.sid]
            kept.append(hook)
            if not message.final:
                return
            del self._kept_back[message.sid]
        for kept_hook in reversed(kept):
            self._mark(kept_hook, "waiting", "reversed_callbacks")
            self._enqueue(kept_hook)

    def _copy(self, hook: Webhook) -> Webhook:
        again = Webhook(
            id=new_sid("WH"),
            kind="status",
            message_sid=hook.message_sid,
            url=hook.url,
            method=hook.method,
            params=list(hook.params),
            status=hook.status,
            idempotency_token=new_sid("")[:36],
            faults=["duplicate_callbacks"],
        )
        with self._store.change():
            self._store.webhooks.append(again)
        return again

    def _mark(self, hook: Webhook, outcome: str, fault: str = "") -> None:
        with self._store.change():
            hook.outcome = outcome
            if fault:
                hook.faults.append(fault)

    def _enqueue(self, hook: Webhook, delay: float = 0.0) -> None:
        if delay:
            self._scheduler.later(delay, lambda: self._enqueue(hook))
            return
        with self._store.lock:
            queue = self._queues.setdefault(hook.message_sid, deque())
            queue.append(hook)
            if len(queue) > 1:
                return
        self._scheduler.later(0, lambda: self._drain(hook.message_sid))

    def _drain(self, message_sid: str) -> None:
        """Send the queue's callbacks in order; the one being sent stays at its head."""
        while True:
            with self._store.lock:
                queue = self._queues.get(message_sid)
                if not queue:
                    self._queues.pop(message_sid, None)
                    return
                hook = queue[0]
            self._send(hook)
            with self._store.lock:
                if queue:
                    queue.popleft()

    def _send(self, hook: Webhook) -> None:
        message = self._store.messages.get(hook.message_sid)
        account = self._store.accounts.get(message.account_sid) if message else None
        if account is not None:
            self._poster.post(hook, account)


def _callback(message: Message) -> Webhook:
    params = [
        ("AccountSid", message.account_sid),
        ("ApiVersion", "2010-04-01"),
        ("From", message.from_ or ""),
        ("MessageSid", message.sid),
        ("MessageStatus", message.status),
        ("SmsSid", message.sid),
        ("SmsStatus", message.status),
        ("To", message.to),
    ]
    if message.messaging_service_sid:
        params.append(("MessagingServiceSid", message.messaging_service_sid))
    if message.error_code is not None:
        params.append(("ErrorCode", str(message.error_code)))
    if message.status in ("delivered", "undelivered"):
        params.append(("RawDlrDoneDate", time.strftime("%y%m%d%H%M", time.gmtime(message.date_updated))))
    return Webhook(
        id=new_sid("WH"),
        kind="status",
        message_sid=message.sid,
        url=message.status_callback,
        method="POST",
        params=params,
        status=message.status,
        idempotency_token=new_sid("")[:36],
    )
