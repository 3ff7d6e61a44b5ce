"""``./run bench table PART... [--write]``: the rows of docs/performance.md.

``--write`` puts what was measured into the rows of the page; the rest of a row (what it was before, the bound, the
command) stands in the page. Without a part: all of them, which takes twenty minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from bench import analytics, answer, backlog, inbound, metrics, prices, status, texts, worker, writes
from tests.text.test_bounded_work import PROSE, many

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
MEASURED = 3
"""The cell of a row that is written."""
Rows = Mapping[str, str]


def of_answer() -> Rows:
    found = answer.measure(10)
    return {
        "Answer: statements / transactions": f"{len(found.ours.statements)} / {found.ours.transactions}",
        "Answer: CPU, a multiple of the floor's": f"{found.cpu.ratio:.2f}",
    }


def of_status() -> Rows:
    return {"Status callback: CPU, a multiple of the floor's": f"{status.measure(30).ratio:.2f}"}


def of_inbound() -> Rows:
    return {
        f"Inbound text, {name}: CPU, a multiple of the floor's": f"{inbound.measure(database, 30).ratio:.2f}"
        for name, database in (("PostgreSQL", "postgresql"), ("SQLite", "sqlite"))
    }


def of_writes() -> Rows:
    found = writes.measure(200)
    return {
        "Text with answer and two callbacks: WAL": f"{found.bytes / 1000:.1f} kB",
        "Text with answer and two callbacks: index entries": f"{found.index_entries:.0f}",
        "Updates of `sms_messages` that are HOT": f"{found.hot_share:.0%}",
    }


def of_texts() -> Rows:
    found = texts.measure(texts.fit_an_answer)
    worst, pattern = found.worst[0]
    parsers = [texts.cost_of(texts.parse, text) for text in (PROSE, many(pattern))]
    return {
        "10,000 characters of an answer: CPU, prose / worst": texts.in_words(found.prose, worst),
        "The same, markdown-it-py's parser alone": texts.in_words(*parsers),
    }


def of_backlog() -> Rows:
    found = backlog.recover(1000, 60.0)
    return {
        "1,000 texters wait 60 s without a worker: jobs in the queue at most": str(found.longest),
        "A text that comes after them is answered within": f"{found.newcomer:.2f} s",
    }


def of_sweep() -> Rows:
    absent, queued = (sweeps for _situation, sweeps in backlog.sweep(300_000))
    return {
        "A sweep while 300,000 wait in the queue: median / longest": _times(queued.took),
        "The same while none of them is in the queue": _times(absent.took),
    }


def _times(took: list[float]) -> str:
    return f"{took[len(took) // 2] * 1000:.0f} / {took[-1] * 1000:.0f} ms"


def of_flood() -> Rows:
    alone, beside = worker.flood(480, 40)
    return {
        "A channel's 95th percentile beside another's flood": f"{alone:.1f} → {beside:.1f} s, {beside / alone:.2f}x"
    }


def of_threads() -> Rows:
    found = worker.many_threads(512, 128)
    return {
        "512 texts, 128 threads, a pool of 24: unanswered / in doubt": f"0 / {found.in_doubt}, done in {found.seconds:.0f} s"
    }


def of_prices() -> Rows:
    found = prices.measure(10_000, 100)
    return {
        "Prices a second from a Twilio that takes 100 ms": f"{found.prices_a_second:.0f}",
        "100 answers in doubt are settled, alone / beside 10,000 prices": (
            f"{found.doubt_alone:.1f} / {found.doubt_beside:.1f} s"
        ),
    }


def of_metrics() -> Rows:
    return {"`/api/sms/metrics` with 7 million texts in the last hour": _milliseconds(7_000_000)}


def of_metrics_1m() -> Rows:
    return {"`/api/sms/metrics` with 1 million texts in the last hour": _milliseconds(1_000_000)}


def of_page() -> Rows:
    return {
        f"SMS page of a channel with 1 million texts, {name}: server time": f"{analytics.page_alone(database):.0f} ms"
        for name, database in (("PostgreSQL", "postgresql"), ("SQLite", "sqlite"))
    }


def _milliseconds(texts: int) -> str:
    times = metrics.measure(texts)
    return f"{times[len(times) // 2] * 1000:.0f} ms"


PARTS: Mapping[str, Callable[[], Rows]] = {
    name.removeprefix("of_"): function for name, function in globals().items() if name.startswith("of_")
}


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(
        prog="bench table", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    options.add_argument("--write", action="store_true", help="into docs/performance.md")
    chosen = options.parse_args(arguments)
    for part in chosen.parts or PARTS:
        found = PARTS[part]()
        for what, measured in found.items():
            print(f"{what}: {measured}", flush=True)
        if chosen.write:
            PAGE.write_text(write(PAGE.read_text("utf-8"), found), "utf-8")


def write(page: str, found: Rows) -> str:
    """``page`` with what was found in the rows of these names; SystemExit when it has no such row."""
    lines = page.splitlines()
    for what, measured in found.items():
        places = [at for at, line in enumerate(lines) if line.startswith(f"| {what} |")]
        if len(places) != 1:
            raise SystemExit(f"docs/performance.md has {len(places)} rows for: {what}")
        cells = [cell.strip() for cell in lines[places[0]].strip("|").split("|")]
        cells[MEASURED] = measured
        lines[places[0]] = f"| {' | '.join(cells)} |"
    return "\n".join(lines) + "\n"
