"""Signed inbound texts, as fast as a server takes them."""

from __future__ import annotations

import http.client
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.signed import Signed, signed_text

SENDERS = 500
CONNECTIONS = 16


@dataclass(frozen=True)
class Load:
    """What a round took. ``slowest`` is the 99th percentile of one request, in seconds."""

    requests: int
    seconds: float
    slowest: float


def signed_texts(count: int) -> list[Signed]:
    """Texts of a few hundred senders, made beforehand."""
    return [
        signed_text(f"+1555{random.randrange(SENDERS):07}", f"What are your opening hours on day {number}?")
        for number in range(count)
    ]


def fire(base_url: str, texts: list[Signed]) -> Load:
    """Post all texts over 16 connections; every response must be 200."""
    address = urlsplit(base_url).netloc
    shares = [texts[n::CONNECTIONS] for n in range(CONNECTIONS)]
    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        times = [t for share in pool.map(lambda s: _post_all(address, s), shares) for t in share]
    seconds = time.perf_counter() - started
    return Load(len(texts), seconds, sorted(times)[int(len(times) * 0.99)])


def _post_all(address: str, texts: list[Signed]) -> list[float]:
    times = []
    for text in texts:
        before = time.perf_counter()
        connection = http.client.HTTPConnection(address, timeout=30)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": text.signature,
        }
        connection.request("POST", text.path, text.body, headers)
        status = connection.getresponse().status
        connection.close()
        if status != 200:
            raise SystemExit(f"the server returned {status}")
        times.append(time.perf_counter() - before)
    return times
