"""One run: 200 texts, one fault at a random moment, and the promises afterwards."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.faults import promises
from tests.faults.people import Deeds
from tests.faults.processes import Process, wait_until
from tests.faults.promises import Findings
from tests.faults.stack import Stack
from tests.faults.traffic import PHONES, Text, Traffic, plan
from tests.faults.waiting import RECOVERY

SPAN = 4.0
"""Seconds over which the texts are spread."""


@dataclass
class Run:
    """What a fault works with."""

    stack: Stack
    rng: random.Random
    texts: list[Text]
    windows: list[tuple[float, float]] = field(default_factory=list)
    allowed: dict[str, set[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    timed: tuple[float, float] | None = None
    """When webhooks shall be timed."""
    started: float = field(default_factory=time.monotonic)

    def moment(self, earliest: float = 0.2, latest: float = 0.6) -> None:
        """Wait for a random moment of the traffic, given as parts of it."""
        span = self.texts[-1].at
        at = self.started + self.rng.uniform(earliest * span, latest * span)
        time.sleep(max(0.0, at - time.monotonic()))

    @contextmanager
    def broken(self) -> Iterator[None]:
        """Webhooks may fail in this block, and not outside of it."""
        since = time.time()
        try:
            yield
        finally:
            self.windows.append((since, time.time()))

    def open_texts(self) -> int:
        """How many texts wait for an answer, here or still at Twilio."""
        [(count,)] = self.stack.database.rows(
            "SELECT count(*) FROM sms_messages WHERE direction = 'inbound' AND answer_id IS NULL "
            "AND no_reply_reason IS NULL"
        )
        return int(count) + len(self.texts) - len(self.stack.twilio.messages(created_by="phone"))

    def allow(self, reason: str, *phones: str) -> None:
        """Texts of these phones (none: of all) may stay without an answer for this reason."""
        self.allowed.setdefault(reason, set()).update(phones or PHONES)

    def victim(self) -> Text:
        """A text that comes after the first quarter of the traffic."""
        return self.rng.choice(self.texts[len(self.texts) // 4 : len(self.texts) // 2])

    def worker_of(self, code: str, timeout: float = 20.0) -> Process:
        """The worker whose process asks the assistant about this text."""
        found: list[int] = []

        def asked() -> bool:
            found[:] = [call.pid for call in self.stack.assistant.calls if call.mentions(code)][-1:]
            return bool(found)

        wait_until(f"a worker asks about {code}", asked, timeout, 0.01)
        return self.worker_with(found[0])

    def worker_with(self, pid: int) -> Process:
        """The worker that this process belongs to."""
        return next(worker for worker in self.stack.workers if pid in worker.pids())


@dataclass(frozen=True)
class Fault:
    """``strike`` breaks something while texts come in, and mends it."""

    name: str
    title: str
    strike: Callable[[Run], None]
    texts: int | None = None


@dataclass
class Outcome:
    """One run's result; ``recovery`` in seconds from the last fault or text to the last final state."""

    fault: Fault
    seed: int
    findings: Findings
    recovery: float
    notes: list[str]


def run_fault(stack: Stack, fault: Fault, seed: int, texts: int) -> Outcome:
    """Run one fault on a running installation and leave that as it was found."""
    rng = random.Random(f"{seed}/{fault.name}")
    began = time.time()
    _turn_the_page(stack)
    traffic = Traffic(stack.twilio, plan(rng, fault.texts or texts, SPAN * (fault.texts or texts) / 200))
    run = Run(stack, rng, traffic.texts)
    late = threading.Thread(
        target=stack.counters.call_back, args=(stack.counters.age(), rng, run.texts[-1].at)
    )
    late.start()
    traffic.start()
    run.started = time.monotonic()
    missed = ""
    try:
        fault.strike(run)
    except Exception as error:  # noqa: BLE001 - the promises are checked all the same
        missed = f"the fault itself did not go as planned: {type(error).__name__}: {error}"
    since = time.monotonic()
    traffic.join()
    late.join()
    _mend(stack)
    # Faults that end by themselves (a count of strikes) end with the last text at the latest.
    since = max(since, run.started + run.texts[-1].at)
    recovery = _recover(stack, since)
    if run.timed:
        slowest = promises.slowest_webhook(stack, [run.timed])
        run.notes.append(f"the slowest webhook took {slowest:.2f} s, with the wait for a free web process")
    still = [span for span in stack.bystander.standstills if span[1] >= began]
    run.notes.extend(f"the machine stood still for {until - since:.1f} s" for since, until in still)
    findings = promises.check(stack, run.windows + still, run.allowed)
    if missed:
        findings.broken.append(missed)
    if recovery > RECOVERY:
        findings.broken.append(f"3: recovery took more than {RECOVERY:.0f} s")
    return Outcome(fault, seed, findings, recovery, run.notes)


def _turn_the_page(stack: Stack) -> None:
    """What was before is none of the next run's business; its rows stay, as they would."""
    stack.assistant.reset()
    stack.people.deeds = Deeds()
    with stack.twilio.store.change():
        stack.twilio.store.messages.clear()
        stack.twilio.store.opt_outs.clear()
        for log in (stack.twilio.store.webhooks, stack.twilio.store.debugger, stack.twilio.store.requests):
            log.clear()
    [(stack.last_row,)] = stack.database.rows("SELECT coalesce(max(id), 0) FROM sms_messages")


def _mend(stack: Stack) -> None:
    """Nothing is left broken, whatever the fault did."""
    stack.twilio.clear_faults()
    stack.twilio.gate.drop()
    stack.twilio.weather.clear()
    if stack.twilio.callbacks.holding:
        stack.twilio.callbacks.release()


def _recover(stack: Stack, since: float) -> float:
    deadline = time.monotonic() + RECOVERY
    while time.monotonic() < deadline:
        if not promises.left_over(stack) and stack.twilio.scheduler.wait_idle(0.01):
            break
        stack.answers()
        time.sleep(0.2)
    recovered = time.monotonic() - since
    stack.wait_ready()
    return max(0.0, recovered)
