"""Workers, housekeeping and the web are killed, stopped and starved."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import time
from pathlib import Path
from typing import Any

from tests.faults import assistant as ask
from tests.faults.processes import children, wait_until
from tests.faults.run import Run


def killed_after_201(run: Run) -> None:
    run.moment()
    hanging = run.stack.twilio.add_fault("hang_after_accepting", seconds=20)
    wait_until("Twilio has an answer and keeps its 201 to itself", lambda: hanging.hits, 20, 0.01)
    sid = hanging.hits[0][1]
    [answer] = [message for message in run.stack.twilio.messages(created_by="api") if message.sid == sid]
    run.worker_of(answer.body.split()[-1]).kill()


def killed_before_request(run: Run) -> None:
    victim = run.victim()
    run.stack.twilio.gate.hold(victim.sender)
    assert run.stack.twilio.gate.arrived.wait(20), "no request for the victim"
    for worker in run.stack.workers:
        worker.kill()
    run.stack.twilio.gate.drop()


def killed_while_asking(run: Run) -> None:
    run.stack.assistant.behave = ask.slowly
    run.moment()
    before = len(run.stack.assistant.calls)
    wait_until("a worker asks", lambda: len(run.stack.assistant.calls) > before, 20, 0.01)
    run.worker_with(run.stack.assistant.calls[-1].pid).kill()


def parent_killed(run: Run) -> None:
    """Plain RQ workers fork a process for each job; the parent dies, the job goes on as an orphan."""
    stack = run.stack
    for worker in stack.workers:
        worker.wanted = False
        worker.kill()
    rq = ("worker", "--serializer", "json", "--url", stack.valkey.url, "sms")
    plain = [stack.process(name, "rq.cli", *rq) for name in ("rq-1", "rq-2")]
    held: list[ask.Call] = []

    def hold_one(call: ask.Call) -> str:
        if not held:
            held.append(call)
            call.hold.wait(1.5)
        return ask.answer(call)

    stack.assistant.behave = hold_one
    for worker in plain:
        worker.start()
    try:
        wait_until("a job runs", lambda: held, 60, 0.02)
        parent = next(worker for worker in plain if held[0].pid in children(worker.pid))
        os.kill(parent.pid, signal.SIGKILL)
        assert parent.running is not None
        parent.running.wait()
        assert Path(f"/proc/{held[0].pid}").exists(), "the job died with its parent"
        held[0].hold.set()
        wait_until("the orphan is done", lambda: not _alive(held[0].pid), 20)
    finally:
        for worker in plain:
            worker.end()
        for worker in stack.workers:
            worker.start()
        stack.wait_ready()


def all_workers_dead(run: Run) -> None:
    run.moment()
    for worker in run.stack.workers:
        worker.wanted = False
        worker.kill()
    time.sleep(5)
    for worker in run.stack.workers:
        worker.start()


def workers_terminated(run: Run) -> None:
    """SIGTERM, as every deployment sends it: what runs is finished."""
    run.stack.assistant.behave = ask.slowly
    for worker in run.stack.workers:
        run.moment()
        worker.end(signal.SIGTERM, timeout=20)
        assert worker.running is not None
        if worker.running.returncode != 0:
            run.notes.append(f"{worker.name} ended with {worker.running.returncode}")
        worker.start()


def housekeeping_dead(run: Run) -> None:
    """It alone is gone for a while: texts are answered all the same."""
    run.moment(0.1, 0.4)
    run.stack.housekeeping.wanted = False
    run.stack.housekeeping.kill()
    time.sleep(5)
    run.stack.housekeeping.start()


def out_of_memory(run: Run) -> None:
    """A worker gets no more memory, and then the kernel kills it."""
    run.moment()
    worker = run.stack.workers[0]
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(worker.pid, resource.RLIMIT_AS, (64 << 20, 64 << 20))
    time.sleep(1.5)
    worker.kill()


def poison(run: Run) -> None:
    """One text kills the process of whoever answers it, each time."""
    victim = run.victim()
    run.allow("assistant_failed", victim.sender)
    deaths: list[int] = []

    def behave(call: ask.Call) -> Any:
        if call.mentions(victim.code):
            deaths.append(call.pid)
            return {"die": True}
        return ask.answer(call)

    run.stack.assistant.behave = behave
    set_aside = (
        "SELECT count(*) FROM sms_messages WHERE no_reply_reason = 'assistant_failed' AND body LIKE %s"
    )
    wait_until(
        "the poison is set aside",
        lambda: run.stack.database.rows(set_aside, f"%{victim.code}%")[0][0] == 1,
        timeout=60,
    )
    run.notes.append(f"the poison killed {len(deaths)} workers")
    if len(deaths) != 3:
        raise AssertionError("it should have been three")


def web_killed(run: Run) -> None:
    """The kernel kills web processes in the middle of requests."""
    with run.broken():
        for _ in range(6):
            run.moment(0.0, 0.2)
            for pid in children(run.stack.web.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.3)
        wait_until("the web is back", run.stack.answers)
        time.sleep(0.5)


def web_down(run: Run) -> None:
    """Only the web is gone: nobody but itself can notice, when it is back."""
    web = run.stack.web
    run.moment(0.1, 0.4)
    with run.broken():
        web.wanted = False
        web.kill()
        time.sleep(3)
        web.start()
        wait_until("the web is back", run.stack.answers)


def _alive(pid: int) -> bool:
    """Whether it runs; a zombie whose parent is init is no more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
