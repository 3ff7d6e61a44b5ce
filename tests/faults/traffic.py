"""Two hundred texts of twenty phones at random moments."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from demo.twilio_simulator import seed
from tests.faults.twilio import Twilio

PHONES = tuple(f"+1555765{n:04}" for n in range(20))


@dataclass(frozen=True)
class Text:
    """``code`` is in the body, and the assistant names it in its answer."""

    at: float
    sender: str
    code: str

    @property
    def body(self) -> str:
        return f"Question {self.code} please"


def plan(rng: random.Random, count: int, span: float) -> list[Text]:
    """Texts in the order in which they are sent; every phone sends at least one."""
    moments = sorted(rng.uniform(0, span) for _ in range(count))
    senders = [*PHONES[:count], *(rng.choice(PHONES) for _ in range(count - len(PHONES[:count])))]
    rng.shuffle(senders)
    tag = f"{rng.getrandbits(24):06x}"
    return [
        Text(at, sender, f"t#{tag}-{n:03}")
        for n, (at, sender) in enumerate(zip(moments, senders, strict=True))
    ]


class Traffic:
    """Sends the texts from threads, as Twilio does; a slow webhook holds up no other text."""

    def __init__(self, twilio: Twilio, texts: list[Text]) -> None:
        self.texts = texts
        self._twilio = twilio
        self._thread = threading.Thread(target=self._send_all)
        self.started = time.time()

    def start(self) -> None:
        self.started = time.time()
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def _send_all(self) -> None:
        start = time.monotonic()
        with ThreadPoolExecutor(48) as pool:
            for text in self.texts:
                time.sleep(max(0.0, start + text.at - time.monotonic()))
                pool.submit(self._send, text)

    def _send(self, text: Text) -> None:
        self._twilio.text(text.sender, seed.SUPPORT_NUMBER, text.body, media=self._twilio.attached)
