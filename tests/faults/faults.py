"""Everything that is broken, one function each."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg

from demo.twilio_simulator.seed import SUPPORT_NUMBER
from illumichat_sms_plugin.encryption import generate_key
from tests.faults import assistant as ask
from tests.faults.processes import Process, children, wait_until
from tests.faults.run import Fault, Run
from tests.faults.traffic import PHONES


def nothing(run: Run) -> None:
    """The control: what is measured without any fault."""
    since = time.time()
    run.moment(1.0, 1.0)
    run.timed = (since, time.time())


# Workers


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


# Redis


def redis_lost(run: Run) -> None:
    """It is killed and comes back empty."""
    run.moment()
    run.stack.valkey.stop()
    time.sleep(2)
    run.stack.valkey.start()


def redis_flushed(run: Run) -> None:
    for _ in range(3):
        run.moment(0.1, 0.9)
        run.stack.valkey.flush()


def redis_paused(run: Run) -> None:
    """It accepts connections and answers nothing: webhooks must not wait for it."""
    run.moment(0.1, 0.2)
    since = time.time()
    run.stack.valkey.pause()
    time.sleep(4)
    run.timed = (since, time.time())
    run.stack.valkey.resume()


def redis_full(run: Run) -> None:
    run.moment()
    run.stack.valkey.limit_memory(1)
    time.sleep(3)
    run.stack.valkey.limit_memory(0)


# PostgreSQL


def database_stopped(run: Run) -> None:
    run.moment()
    with run.broken():
        run.stack.database.stop_hard()
        time.sleep(2)
        run.stack.database.start()


def connections_terminated(run: Run) -> None:
    for _ in range(3):
        run.moment(0.1, 0.9)
        with run.broken():
            run.stack.database.terminate_connections()


def tables_locked(run: Run) -> None:
    run.moment(0.1, 0.2)
    with run.broken(), run.stack.database.connect() as connection:
        connection.autocommit = False
        _lock(connection, "sms_messages, sms_sessions")
        time.sleep(3)
    run.timed = run.windows[-1]


# Twilio


def _after_accepting(kind: str, **params: Any) -> Any:
    def strike(run: Run) -> None:
        run.moment(0.0, 0.3)
        run.stack.twilio.add_fault(kind, count=10, **params)
        run.moment(1.0, 1.0)

    return strike


def throttled(run: Run) -> None:
    """429 three times for some phones."""
    for phone in run.rng.sample(PHONES, 4):
        run.stack.twilio.add_fault("too_many_requests", number=phone, count=3)
    run.moment(1.0, 1.0)


def outage(run: Run) -> None:
    """Twilio's API answers 503 to everything for a while."""
    run.moment()
    run.stack.twilio.add_fault("outage", count=None)
    time.sleep(3)
    run.stack.twilio.clear_faults()


def unreachable(run: Run) -> None:
    """No connection to Twilio comes about; its webhooks come all the same."""
    run.moment()
    run.stack.twilio.refuse_connections()
    time.sleep(3)
    run.stack.twilio.listen()


def _callbacks(kind: str, **params: Any) -> Any:
    def strike(run: Run) -> None:
        run.stack.twilio.add_fault(kind, count=None, **params)
        run.moment(1.0, 1.0)
        # In force until every answer is out: that is when its callbacks come.
        wait_until("all is answered", lambda: not _open_texts(run), 40, 0.1)
        run.stack.twilio.wait_idle(30)

    return strike


def callbacks_held(run: Run) -> None:
    """None comes at all for a while, then all at once, the last one first, each five times."""
    run.stack.twilio.callbacks.hold()
    run.moment(1.0, 1.0)
    wait_until("all is answered", lambda: not _open_texts(run), 40, 0.1)
    run.stack.twilio.callbacks.release(reverse=True, times=5)
    run.stack.twilio.wait_idle(40)


def callbacks_dropped(run: Run) -> None:
    run.stack.twilio.add_fault("dropped_callbacks", count=None)
    run.moment(1.0, 1.0)
    wait_until("all is answered", lambda: not _open_texts(run), 40, 0.1)


def same_sid(run: Run) -> None:
    """Twenty clients bring the same text at once."""
    run.stack.twilio.add_fault("duplicate_webhook", count=10, times=20)
    run.moment(1.0, 1.0)


# The assistant


def _assistant(behaviour: ask.Behaviour, count: int) -> Any:
    def strike(run: Run) -> None:
        run.moment(0.0, 0.3)
        run.allow("assistant_failed")
        left = run.stack.assistant.for_some(count, behaviour)
        wait_until("the assistant has failed often enough", lambda: left() == 0, 40)

    return strike


def megabyte(call: ask.Call) -> str:
    return ask.answer(call) + " " + "and so on " * 100_000


def assistant_megabyte(run: Run) -> None:
    """More than a text can hold: it is cut, and what was asked is still named."""
    run.stack.assistant.for_some(20, megabyte)
    run.moment(1.0, 1.0)


# Clocks, keys, everything at once


def clock_jumps(run: Run) -> None:
    """A worker and the web are an hour ahead, the other worker and housekeeping an hour behind."""
    stack = run.stack
    with run.broken():
        for part, shift in zip(stack.parts, (3600, 3600, -3600, -3600), strict=True):
            part.env["FAULTS_CLOCK_SHIFT"] = str(shift)
        _restart(stack.parts)
        stack.wait_ready()
    run.moment(1.0, 1.0)
    wait_until("all is answered by wrong clocks", lambda: not _open_texts(run), 60, 0.1)
    with run.broken():
        _restart(stack.parts, FAULTS_CLOCK_SHIFT="")
        stack.wait_ready()


def key_swapped(run: Run) -> None:
    """Everything restarts with another encryption key, and later with the right one again."""
    stack = run.stack
    run.moment(0.0, 0.2)
    with run.broken():
        other = generate_key()
        _restart(stack.parts, SMS_ENCRYPTION_KEYS=other)
        wait_until("the web answers", stack.answers)
        # However long the restart took: some texts come while the key is wrong.
        for n, phone in enumerate(run.rng.sample(PHONES, 10)):
            stack.twilio.text(phone, SUPPORT_NUMBER, f"Question t#{stack.last_row}-late-{n} please")
        refused = [hook for hook in stack.twilio.webhooks(kind="inbound") if hook.status_code == 403]
        assert len(refused) >= 10, f"{len(refused)} webhooks were refused"
        _restart(stack.parts, SMS_ENCRYPTION_KEYS=stack.key)
        stack.wait_ready()


def app_down(run: Run) -> None:
    """Every process of the app is gone; what comes meanwhile is in Twilio's list only."""
    stack = run.stack
    run.moment(0.1, 0.4)
    with run.broken():
        for part in stack.parts:
            part.wanted = False
            part.kill()
        time.sleep(5)
        for part in stack.parts:
            part.start()
        stack.wait_ready()


def quarter_fails(run: Run) -> None:
    """A quarter of all calls to Twilio fails, and everything is killed twice meanwhile."""
    stack = run.stack
    stack.twilio.weather.storm(0.25, run.rng.random())
    for earliest in (0.2, 0.6):
        run.moment(earliest, earliest + 0.2)
        with run.broken():
            for part in stack.parts:
                part.kill()
            stack.wait_ready()
    run.moment(1.0, 1.0)
    wait_until("all is answered", lambda: not _open_texts(run), 90, 0.1)


def _lock(connection: psycopg.Connection[Any], tables: str) -> None:
    """Somebody else's deadlock is no part of this fault."""
    for _ in range(20):
        try:
            connection.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")  # type: ignore[call-overload]
        except psycopg.errors.DeadlockDetected:
            connection.rollback()
        else:
            return
    raise AssertionError("no lock in twenty tries")


def _restart(parts: Sequence[Process], **env: str) -> None:
    """All at once, as a deployment does."""
    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(Process.end, parts))
    # Not in those threads: a process ends with the thread that started it.
    for part in parts:
        part.env.update(env)
        part.start()


def _alive(pid: int) -> bool:
    """Whether it runs; a zombie whose parent is init is no more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _open_texts(run: Run) -> int:
    [(count,)] = run.stack.database.rows(
        "SELECT count(*) FROM sms_messages WHERE direction = 'inbound' AND answer_id IS NULL "
        "AND no_reply_reason IS NULL"
    )
    rest = len(run.texts) - len(run.stack.twilio.messages(created_by="phone"))
    return int(count) + rest


FEWER = {"parent_killed": 40}
"""A plain RQ worker makes the app anew for each job, which takes a second."""

FAULTS = tuple(
    Fault(name, title, strike, FEWER.get(name))
    for name, title, strike in (
        ("nothing", "no fault, for comparison", nothing),
        ("killed_after_201", "worker killed after Twilio's 201, before our commit", killed_after_201),
        (
            "killed_before_request",
            "both workers killed before the request reached Twilio",
            killed_before_request,
        ),
        ("killed_while_asking", "worker killed while the assistant thinks", killed_while_asking),
        ("parent_killed", "plain RQ worker killed, its job goes on as an orphan", parent_killed),
        ("all_workers_dead", "all workers dead for 5 s", all_workers_dead),
        ("workers_terminated", "workers stopped by SIGTERM one after the other", workers_terminated),
        ("housekeeping_dead", "housekeeping dead for 5 s, the rest alive", housekeeping_dead),
        ("out_of_memory", "worker without memory, then killed", out_of_memory),
        ("poison", "a text that kills its worker each time", poison),
        ("web_killed", "web processes killed in the middle of requests", web_killed),
        ("web_down", "web down for 3 s, workers and housekeeping alive", web_down),
        ("redis_lost", "Redis killed, back empty after 2 s", redis_lost),
        ("redis_flushed", "Redis flushed three times", redis_flushed),
        ("redis_paused", "Redis accepts and answers nothing for 4 s", redis_paused),
        ("redis_full", "Redis out of memory for 3 s", redis_full),
        ("database_stopped", "PostgreSQL stopped hard, back after 2 s", database_stopped),
        ("connections_terminated", "PostgreSQL ends all connections, three times", connections_terminated),
        ("tables_locked", "tables locked for 3 s", tables_locked),
        (
            "twilio_times_out",
            "Twilio accepts and does not answer, 10 times",
            _after_accepting("hang_after_accepting", seconds=4),
        ),
        (
            "twilio_resets",
            "Twilio accepts and resets the connection, 10 times",
            _after_accepting("reset_after_accepting"),
        ),
        ("twilio_500", "Twilio accepts and answers 500, 10 times", _after_accepting("error_after_accepting")),
        (
            "twilio_no_sid",
            "Twilio accepts and answers 200 without a SID, 10 times",
            _after_accepting("no_sid"),
        ),
        (
            "twilio_500_unsent",
            "Twilio answers 500 and has nothing, 10 times",
            _after_accepting("error_before_accepting"),
        ),
        ("twilio_outage", "Twilio answers 503 to everything for 3 s", outage),
        ("twilio_unreachable", "Twilio takes no connection for 3 s", unreachable),
        ("twilio_429", "429 three times for four phones", throttled),
        ("callbacks_early", "callbacks before the answer to the request", _callbacks("early_callback")),
        ("callbacks_reversed", "callbacks last one first", _callbacks("reversed_callbacks")),
        ("callbacks_repeated", "each callback five times", _callbacks("duplicate_callbacks", times=5)),
        (
            "callbacks_late",
            "callbacks 5 s late, after the status was fetched",
            _callbacks("late_callbacks", seconds=5),
        ),
        ("callbacks_held", "all callbacks at the end, reversed, five times", callbacks_held),
        ("callbacks_dropped", "no callback at all", callbacks_dropped),
        ("same_sid", "the same MessageSid from 20 clients at once, 10 texts", same_sid),
        ("assistant_hangs", "assistant hangs, 12 times", _assistant(ask.hang(8), 12)),
        ("assistant_raises", "assistant answers 500, 20 times", _assistant(lambda call: 500, 20)),
        ("assistant_silent", "assistant answers nothing, 20 times", _assistant(lambda call: "", 20)),
        ("assistant_megabyte", "assistant answers a megabyte, 20 times", assistant_megabyte),
        (
            "quarter_fails",
            "a quarter of all calls to Twilio fails, everything killed twice",
            quarter_fails,
        ),
        ("clock_jumps", "clocks of processes an hour ahead and behind", clock_jumps),
        ("key_swapped", "encryption key swapped, then put back", key_swapped),
        ("app_down", "everything but the stores down for 5 s", app_down),
    )
)
