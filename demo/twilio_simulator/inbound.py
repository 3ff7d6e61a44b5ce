"""A phone texts a number: the text is recorded, the number's webhook called, its answer obeyed."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from demo.twilio_simulator import opt_outs
from demo.twilio_simulator.faults import Faults
from demo.twilio_simulator.inbound_form import Extra, inbound_params
from demo.twilio_simulator.lifecycle import Lifecycle
from demo.twilio_simulator.poster import Poster
from demo.twilio_simulator.records import (
    Account,
    DebuggerEntry,
    Media,
    Message,
    Number,
    Webhook,
    new_sid,
)
from demo.twilio_simulator.replies import Replies
from demo.twilio_simulator.scheduler import Scheduler
from demo.twilio_simulator.segments import count_segments
from demo.twilio_simulator.settings import Timings
from demo.twilio_simulator.store import Store


@dataclass(frozen=True)
class Endpoint:
    """Where a text is told, and where when that fails."""

    url: str
    method: str
    fallback_url: str
    fallback_method: str


class UnknownNumber(LookupError):  # noqa: N818 - read as a noun
    """Nobody owns the number that was texted."""


Attached = str | tuple[str, bytes]
"""The content type of an attachment, or that and its content."""


def _attachment(given: Attached) -> Media:
    content_type, data = given if isinstance(given, tuple) else (given, b"")
    return Media(new_sid("ME"), content_type, base64.b64encode(data).decode())


class Inbound:
    """Receives the texts of one simulator."""

    def __init__(
        self,
        store: Store,
        *,
        scheduler: Scheduler,
        faults: Faults,
        poster: Poster,
        lifecycle: Lifecycle,
        timings: Timings,
        base_url: Callable[[], str],
    ) -> None:
        self._store = store
        self._scheduler = scheduler
        self._faults = faults
        self._poster = poster
        self._lifecycle = lifecycle
        self._replies = Replies(store, poster, lifecycle)
        self._timings = timings
        self._base_url = base_url

    def receive(
        self,
        from_: str,
        to: str,
        body: str = "",
        *,
        media: Sequence[Attached] = (),
        sid: str | None = None,
        extra: Extra | None = None,
        wait: bool = True,
    ) -> tuple[Message, list[Webhook]]:
        """Text ``to`` from a phone; the message and its webhooks, done when ``wait`` is true.

        ``media`` are content types, each alone or with the content. A ``sid`` that exists already calls the webhook again for that
        message. ``extra`` adds to or replaces the webhook's parameters; None leaves one out.
        UnknownNumber when nobody owns ``to``.
        """
        with self._store.lock:
            number = self._store.number_named(to)
            account = self._store.accounts.get(number.account_sid) if number else None
            if number is None or account is None:
                raise UnknownNumber(f"no account owns {to}")
            message = self._store.messages.get(sid or "")
            again = message is not None
            if message is None:
                message = self._record(from_, number, body, media, sid)
        if account.status != "active":
            self._debug(10001, "the account is not active, so the webhook is not called", message)
            return message, []
        word, answer = ("", "") if again else opt_outs.apply(self._store, message)
        if answer:
            self._replies.answer_automatically(message, answer)
        endpoint = self._endpoint(number)
        if not endpoint.url:
            self._debug(11100, "the number has no webhook", message)
            return message, []
        if self._faults.take("lost_webhook", from_, to, struck=message.sid):
            return message, []
        hooks = self._prepare(message, number, endpoint, word, extra or {})
        self._run(hooks, message, account, endpoint, wait)
        return message, hooks

    def _run(
        self, hooks: list[Webhook], message: Message, account: Account, endpoint: Endpoint, wait: bool
    ) -> None:
        late = self._faults.take("late_webhook", message.from_, message.to, struck=message.sid)
        slow = self._faults.take("slow_webhook", message.from_, message.to, struck=message.sid)
        slowly = float(slow.params["seconds"]) if slow else 0.0
        delay = float(late.params["seconds"]) if late else 0.0
        if not wait:
            for hook in hooks:
                self._scheduler.later(
                    delay + self._timings.webhook,
                    lambda hook=hook: self._call(hook, message, account, endpoint, slowly),  # type: ignore[misc]
                )
            return
        time.sleep(delay)
        threads = [
            threading.Thread(target=self._call, args=(hook, message, account, endpoint, slowly))
            for hook in hooks[1:]
        ]
        for thread in threads:
            thread.start()
        self._call(hooks[0], message, account, endpoint, slowly)
        for thread in threads:
            thread.join()

    def _record(
        self, from_: str, number: Number, body: str, media: Sequence[Attached], sid: str | None
    ) -> Message:
        now = time.time()
        message = Message(
            sid=sid or new_sid("MM" if media else "SM"),
            account_sid=number.account_sid,
            to=number.phone_number,
            from_=from_,
            body=body,
            direction="inbound",
            status="received",
            created_by="phone",
            num_segments=count_segments(body),
            media=[_attachment(item) for item in media],
            date_created=now,
            date_updated=now,
            date_sent=now,
            history=[(now, "received")],
        )
        service = self._store.service_of(number.phone_number)
        message.messaging_service_sid = service.sid if service else None
        self._store.save(message)
        self._lifecycle.fill_in_price(message)
        return message

    def _prepare(
        self, message: Message, number: Number, endpoint: Endpoint, word: str, extra: Extra
    ) -> list[Webhook]:
        service = self._store.service_of(number.phone_number)
        params = inbound_params(message, service, word, self._base_url(), extra)
        twice = self._faults.take("duplicate_webhook", message.from_, message.to, struck=message.sid)
        hooks = [
            Webhook(
                id=new_sid("WH"),
                kind="inbound",
                message_sid=message.sid,
                url=endpoint.url,
                method=endpoint.method,
                params=list(params),
                idempotency_token=new_sid("")[:36],
                faults=[twice.kind] if twice else [],
            )
            for _ in range(int(twice.params["times"]) if twice else 1)
        ]
        with self._store.change():
            self._store.webhooks.extend(hooks)
        return hooks

    def _endpoint(self, number: Number) -> Endpoint:
        """A Messaging Service's own URL goes first, then a TwiML app's, then the number's."""
        service = self._store.service_of(number.phone_number)
        if service is not None and not service.use_inbound_webhook_on_number:
            return Endpoint(
                service.inbound_request_url,
                service.inbound_method,
                service.fallback_url,
                service.fallback_method,
            )
        source = self._store.applications.get(number.sms_application_sid) or number
        return Endpoint(
            source.sms_url, source.sms_method, source.sms_fallback_url, source.sms_fallback_method
        )

    def _call(
        self, hook: Webhook, message: Message, account: Account, endpoint: Endpoint, slowly: float
    ) -> None:
        answer = self._poster.post(hook, account, slowly=slowly)
        problem = self._replies.obey(hook, message, answer) if answer is not None else 11200
        if problem and endpoint.fallback_url and hook.kind == "inbound":
            fallback = Webhook(
                id=new_sid("WH"),
                kind="fallback",
                message_sid=message.sid,
                url=endpoint.fallback_url,
                method=endpoint.fallback_method,
                params=[*hook.params, ("ErrorCode", str(problem)), ("ErrorUrl", hook.url.partition("#")[0])],
                idempotency_token=new_sid("")[:36],
            )
            with self._store.change():
                self._store.webhooks.append(fallback)
            self._call(fallback, message, account, endpoint, 0.0)

    def _debug(self, code: int, sentence: str, message: Message) -> None:
        with self._store.change():
            self._store.debugger.append(DebuggerEntry(code, "error", sentence, message.sid))
