"""``python -m demo.twilio_simulator``: run the simulator until it is told to end."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from dataclasses import replace

from demo.twilio_simulator import HUMAN, Simulator


def main() -> int:
    """Start, say where, wait for SIGTERM or Ctrl-C, stop."""
    options = _parser().parse_args()
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    timings = replace(
        HUMAN,
        sending=options.sent_after / 2,
        sent=options.sent_after,
        delivered=options.sent_after + options.delivered_after,
        price=options.price_after,
        webhook=options.webhook_after,
        webhook_timeout=options.webhook_timeout,
    )
    sim = Simulator(
        host=options.host,
        port=options.port,
        data=options.data,
        timings=timings,
        threads=options.threads,
        app_url=options.app_url,
    )
    try:
        sim.start()
    except OSError as error:
        print(f"Cannot listen on {options.host}:{options.port}: {error.strerror}.", file=sys.stderr)
        return 1
    print(f"Simulated Twilio listens on {sim.url} (phones in the browser, REST API below it).", flush=True)
    ending.wait()
    sim.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo.twilio_simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001, help="0 takes a free one (default 8001)")
    parser.add_argument("--data", help="SQLite file that keeps accounts, numbers and messages")
    parser.add_argument("--app-url", default="", help="where the phones page links back to")
    parser.add_argument("--threads", type=int, default=40, help="requests worked on at once")
    seconds = parser.add_argument_group("the pace of the network, in seconds")
    seconds.add_argument("--sent-after", type=float, default=HUMAN.sent)
    seconds.add_argument("--delivered-after", type=float, default=HUMAN.delivered - HUMAN.sent)
    seconds.add_argument("--price-after", type=float, default=HUMAN.price)
    seconds.add_argument("--webhook-after", type=float, default=HUMAN.webhook)
    seconds.add_argument("--webhook-timeout", type=float, default=HUMAN.webhook_timeout)
    return parser


if __name__ == "__main__":
    sys.exit(main())
