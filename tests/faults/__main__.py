"""Break an installation of real processes in every way we know and count what got lost.

Every run: 200 signed texts of 20 phones, one fault at a random moment, then the five promises.
"""

from __future__ import annotations

import argparse
import secrets
import signal
import sys
import time
from pathlib import Path

from tests.faults.faults import FAULTS
from tests.faults.report import write_report
from tests.faults.run import Outcome, run_fault
from tests.faults.stack import Stack
from tests.faults.waiting import PROMISE, RECOVERY, SHORTENED


def main() -> int:
    options = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the processes end with us
    chosen = [fault for fault in FAULTS if not options.only or fault.name in options.only]
    outcomes: list[Outcome] = []
    started = time.monotonic()
    seeds = [options.seed + n for n in range(options.repeat)]
    print(
        f"waiting times are shortened: a run must be final within {RECOVERY:.0f} s instead of {PROMISE:.0f}: "
        + ", ".join(f"{name}={value}" for name, value in SHORTENED.items()),
        flush=True,
    )
    print(f"{len(chosen)} faults, seeds {seeds}, {options.texts} texts each", flush=True)
    stack = Stack()
    try:
        stack.start()
        for seed in seeds:
            for fault in chosen:
                begun = time.monotonic()
                try:
                    outcome = run_fault(stack, fault, seed, options.texts)
                except Exception:
                    _keep_logs(stack, options.logs)
                    raise
                outcomes.append(outcome)
                _say(outcome, time.monotonic() - begun)
                if outcome.findings.broken and options.stop:
                    _keep_logs(stack, options.logs)
                    return 1
    finally:
        _keep_logs(stack, options.logs)
        stack.close()
    if options.report:
        write_report(Path(options.report), outcomes, options.texts, time.monotonic() - started)
    return int(any(outcome.findings.broken for outcome in outcomes))


def _say(outcome: Outcome, took: float) -> None:
    found = outcome.findings
    mark = "BROKEN" if found.broken else "ok"
    reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(found.reasons.items()))
    print(
        f"{mark:6} {outcome.fault.name:24} seed {outcome.seed}: {found.texts} texts, lost {found.lost}, "
        f"doubled {found.doubled}, left over {found.left_over}, for a person {found.for_a_person}, "
        f"recovered in {outcome.recovery:.1f} s, took {took:.0f} s"
        + (f" [{reasons}]" if reasons else "")
        + (f" ({'; '.join(outcome.notes)})" if outcome.notes else ""),
        flush=True,
    )
    for sentence in found.broken[:10]:
        print(f"         {sentence}", flush=True)


def _keep_logs(stack: Stack, folder: str | None) -> None:
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name, text in stack.logs().items():
            (Path(folder) / name).write_text(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run faults", description=__doc__)
    parser.add_argument(
        "--seed",
        type=int,
        default=secrets.randbelow(10_000),
        help="of the first round; each round has the next",
    )
    parser.add_argument("--repeat", type=int, default=1, help="rounds (default 1)")
    parser.add_argument(
        "--only",
        action="append",
        choices=[fault.name for fault in FAULTS],
        metavar="NAME",
        help="this fault; may be given several times",
    )
    parser.add_argument("--texts", type=int, default=200, help="texts per run (default 200)")
    parser.add_argument("--report", help="write the table there, as Markdown")
    parser.add_argument("--logs", help="keep the logs of all processes in this folder")
    parser.add_argument("--stop", action="store_true", help="stop at the first broken promise")
    return parser


if __name__ == "__main__":
    sys.exit(main())
