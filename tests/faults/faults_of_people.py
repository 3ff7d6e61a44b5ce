"""People answer while something breaks, or while the assistant is about to."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from demo.twilio_simulator.seed import SUPPORT_NUMBER
from tests.faults import assistant as ask
from tests.faults.processes import wait_until
from tests.faults.run import Run
from tests.faults.traffic import PHONES

RACERS, TIMES = 8, 6
LONGEST_ANSWER = 1.2
"""Seconds that the assistant takes at most; it is given two."""


def killed_while_a_person_sends(run: Run) -> None:
    """Both workers die: over a text that Twilio has and says nothing of, and over one that never reached it."""
    stack, people = run.stack, run.stack.people
    heard, unheard = run.rng.sample(PHONES, 2)
    run.moment(0.1, 0.4)
    chats = {phone: _chat(run, phone) for phone in (heard, unheard)}
    for phone, chat in chats.items():
        people.take_over(phone, chat)
    # An answer that was on its way before is none of this.
    wait_until("no answer to them is under way", lambda: not _under_way(run, heard, unheard), 20, 0.02)
    hanging = stack.twilio.add_fault("hang_after_accepting", seconds=20, number=heard)
    stack.twilio.gate.hold(unheard)
    for phone, chat in chats.items():
        people.write(phone, chat, _code(run, phone))
    wait_until("Twilio has one and keeps its 201 to itself", lambda: hanging.hits, 20, 0.01)
    assert stack.twilio.gate.arrived.wait(20), "no request for the other"
    for worker in stack.workers:
        worker.kill()
    stack.twilio.gate.drop()
    stack.twilio.clear_faults()
    run.moment(0.8, 1.0)
    for phone, chat in chats.items():
        people.hand_back(phone, chat)


def takeover_races(run: Run) -> None:
    """People take over, write and hand back at any moment of an answer: it is asked for, in hand, or being sent."""
    held: dict[str, threading.Event] = {}

    def behave(call: ask.Call) -> str:
        for code in [code for code in held if call.mentions(f"t#{code}")]:
            held[code].wait(LONGEST_ANSWER)
        return ask.answer(call)

    run.stack.assistant.behave = behave
    run.moment(0.5, 1.0)
    with ThreadPoolExecutor(RACERS) as pool:
        races = [
            pool.submit(_race, run, phone, random.Random(run.rng.random()), held)
            for phone in run.rng.sample(PHONES, RACERS)
        ]
    for race in races:
        race.result()


def _race(run: Run, phone: str, rng: random.Random, held: dict[str, threading.Event]) -> None:
    """The texter writes; the assistant answers before, between or after what the person does, or a moment later."""
    people, chat = run.stack.people, _chat(run, phone)
    for n in range(TIMES):
        code = f"{run.stack.last_row}-{PHONES.index(phone)}-{n}"
        answered = held[code] = threading.Event()
        run.stack.twilio.text(phone, SUPPORT_NUMBER, f"Question t#{code} please")
        deeds = [
            partial(people.take_over, phone, chat),
            *([partial(people.write, phone, chat, f"p#{code}")] if rng.random() < 0.7 else []),
            partial(people.hand_back, phone, chat),
        ]
        deeds.insert(rng.randint(0, len(deeds)), answered.set)
        _wait_for_a_moment(run, code)
        for deed in deeds:
            deed()
            time.sleep(rng.choice((0.0, rng.uniform(0.0, 0.1))))


def _wait_for_a_moment(run: Run, code: str) -> None:
    """Until the assistant is asked; not for long, as it may be busy with what came before."""
    until = time.monotonic() + 5.0
    while time.monotonic() < until:
        if any(call.mentions(f"t#{code}") for call in list(run.stack.assistant.calls)):
            return
        time.sleep(0.01)


def _chat(run: Run, phone: str) -> str:
    found: list[str] = []

    def has_one() -> bool:
        found[:] = [chat for chat in [run.stack.people.chat_of(phone)] if chat]
        return bool(found)

    wait_until("the texter has a chat", has_one, 20)
    return found[0]


def _code(run: Run, phone: str) -> str:
    return f"p#{run.stack.last_row}-{PHONES.index(phone)}"


def _under_way(run: Run, *phones: str) -> int:
    [(count,)] = run.stack.database.rows(
        "SELECT count(*) FROM sms_messages WHERE send_state IN ('sending', 'in_doubt') AND to_number IN (%s, %s)",
        *phones,
    )
    return int(count)
