"""What refused webhooks cost, and what their times tell: nothing is promised about the latter.

Multiples are of a plain forged request, in CPU of this process. The t values (Welch) compare an assistant
that has a channel with one that does not exist; beyond 4.5 in either direction a difference shows.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from urllib.parse import urlencode

from flask import Flask

from bench.in_process import compare, post
from bench.webhook_apps import connected, plugin
from illumichat_sms_plugin.blueprints.twilio_webhooks import MAX_FIELDS
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.inbound.rejections import MAX_FIELDS as MAX_EXAMINED_FIELDS
from illumichat_sms_plugin.services.inbound.rejections import MAX_SAMPLE, flush_rejections

KNOWN, UNKNOWN = "/api/sms/webhook/ast_support", "/api/sms/webhook/ast_nowhere"
FORGED = {"X-Twilio-Signature": "A" * 28}
PROXIED = FORGED | {
    "X-Forwarded-Host": "a.example",
    "X-Original-Host": "b.example",
    "X-Forwarded-Prefix": "/p",
}
AS_TWILIOS = urlencode({f"Field{n:02}": "x" * 20 for n in range(25)}).encode()
FULL_FIELD = "x" * (MAX_SAMPLE // MAX_EXAMINED_FIELDS - len("Field00"))
ATTACKS = {
    "as Twilio's": AS_TWILIOS,
    "the most that is examined": urlencode(
        {f"Field{n:02}": FULL_FIELD for n in range(MAX_EXAMINED_FIELDS)}
    ).encode(),
    "17,000 fields": b"&".join(b"%x" % n for n in range(17_000))[:65_000],
    "as many fields as may be": urlencode({f"f{n}": "" for n in range(MAX_FIELDS)}).encode(),
    "one field of 65 kB": b"Body=" + b"x" * 65_000,
}
"""The costliest forms that each of the limits lets through."""
PER_ROUND = 30


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(prog="bench refusals", description=__doc__)
    options.add_argument("--looks", type=int, default=3000, help="for each t value")
    chosen = options.parse_args(arguments)
    with connected():
        app = plugin()
        with app.app_context():
            _costs(app)
            _times(app, chosen.looks)
            current_runtime().rejections.close()


def _costs(app: Flask) -> None:
    print("CPU of a refused request with its share of explaining, as a multiple of a plain forged one:")
    runtime = current_runtime()

    def plain() -> None:
        for _ in range(PER_ROUND):
            post(app, KNOWN, AS_TWILIOS, FORGED)
        with runtime.rejections.round():
            pass

    for name, body in ATTACKS.items():

        def attack(body: bytes = body) -> None:
            for _ in range(PER_ROUND):
                post(app, f"{KNOWN}?added=by-a-proxy", body, PROXIED)
            flush_rejections(runtime)

        print(f"  {name}: {compare(attack, plain, batch=2, rounds=15).ratio:.2f}")


def _times(app: Flask, looks: int) -> None:
    channels = current_runtime().channels

    def first(path: str) -> Callable[[], object]:
        def look() -> None:
            channels.forget(path.rpartition("/")[2])
            post(app, path, AS_TWILIOS, FORGED)

        return look

    def again(path: str) -> Callable[[], object]:
        return lambda: post(app, path, AS_TWILIOS, FORGED)

    for name, kind in (("the first look", first), ("a later look", again)):
        print(f"{name}: {_compared(kind(KNOWN), kind(UNKNOWN), looks)}")


def _compared(known: Callable[[], object], unknown: Callable[[], object], looks: int) -> str:
    times: tuple[list[float], list[float]] = ([], [])
    for n in range(looks * 2):
        call = (known, unknown)[n % 2]
        began = time.perf_counter()
        call()
        times[n % 2].append((time.perf_counter() - began) * 1e6)
    times = tuple(sorted(each)[: looks * 9 // 10] for each in times)  # type: ignore[assignment]  # what else runs here
    means = [statistics.fmean(each) for each in times]
    spread = sum(statistics.variance(each) / len(each) for each in times) ** 0.5
    return f"known {means[0]:.0f} us, unknown {means[1]:.0f} us, t = {(means[0] - means[1]) / spread:.1f}"
