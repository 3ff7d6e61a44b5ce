"""``./run audit``: look up known vulnerabilities of what is pinned in ``locks/``.

Asks the OSV database, which collects the advisories of PyPI, GitHub and others. A known vulnerability ends with
status 1. Where no database can be reached nothing was audited: that is said loudly, and is an error with ``--release`` only.
https://google.github.io/osv.dev/post-v1-querybatch/
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tools.locks import Pin, read_lock

DATABASE = "https://api.osv.dev"
TIMEOUT = 20.0
"""Seconds for each answer."""
MAX_ANSWER = 20_000_000
MAX_PAGES = 20
LOCKS = ("run", "demo", "all")


class NotReached(Exception):  # noqa: N818 - says what happened
    """No database answered in a way that could be understood."""


@dataclass(frozen=True, slots=True)
class Found:
    """A known vulnerability of a pinned package; ``run_time`` when hosts install that package."""

    pin: Pin
    vulnerability: str
    run_time: bool


def audit(database: str) -> Sequence[Found]:
    """All known vulnerabilities of all pins; NotReached when the database cannot be asked."""
    run_time = {(pin.name, pin.version) for pin in read_lock("run")}
    pins = list({(pin.name, pin.version): pin for lock in LOCKS for pin in read_lock(lock)}.values())
    return [
        Found(pin, vulnerability, (pin.name, pin.version) in run_time)
        for pin, names in zip(pins, _vulnerabilities(database, pins), strict=True)
        for vulnerability in names
    ]


def _vulnerabilities(database: str, pins: Sequence[Pin]) -> Sequence[Sequence[str]]:
    names: list[list[str]] = [[] for _ in pins]
    open_queries: dict[int, dict[str, Any]] = {
        at: {"package": {"ecosystem": "PyPI", "name": pin.name}, "version": pin.version}
        for at, pin in enumerate(pins)
    }
    for _ in range(MAX_PAGES):
        if not open_queries:
            return names
        results = _ask(database, list(open_queries.values()))
        following: dict[int, dict[str, Any]] = {}
        for (at, query), result in zip(open_queries.items(), results, strict=True):
            names[at] += [str(found["id"]) for found in result.get("vulns", ())]
            if token := result.get("next_page_token"):
                following[at] = query | {"page_token": token}
        open_queries = following
    raise NotReached("the answer has no end")


def _ask(database: str, queries: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    body = json.dumps({"queries": queries}).encode()
    request = urllib.request.Request(  # noqa: S310 - the address is the operator's own
        f"{database}/v1/querybatch", body, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            results = json.loads(answer.read(MAX_ANSWER))["results"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = getattr(error, "reason", None) or type(error).__name__
        raise NotReached(f"{database}: {reason}") from None
    if not isinstance(results, list) or len(results) != len(queries):
        raise NotReached(f"{database}: an answer for {len(queries)} packages was expected")
    return results


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when nothing is known or nobody could be asked, 1 else."""
    parser = argparse.ArgumentParser(prog="./run audit", description=__doc__)
    parser.add_argument(
        "--release", action="store_true", help="fail also where no database can be reached, as a release must"
    )
    parser.add_argument(
        "--database", default=os.environ.get("OSV_URL", DATABASE), help="an OSV database or its mirror"
    )
    given = parser.parse_args(arguments)
    try:
        found = audit(given.database)
    except NotReached as error:
        print("!" * 78, file=sys.stderr)
        print(f"!! NOT AUDITED: no database of vulnerabilities could be asked ({error}).", file=sys.stderr)
        print("!! Run ./run audit where the network is open, or name a mirror in OSV_URL.", file=sys.stderr)
        print("!" * 78, file=sys.stderr)
        return 1 if given.release else 0
    for one in found:
        where = "hosts install it" if one.run_time else "tools only"
        print(
            f"{one.pin.name} {one.pin.version}: {one.vulnerability} ({where}) https://osv.dev/{one.vulnerability}"
        )
    print(f"{len(found)} known vulnerabilities in what locks/ pins.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
