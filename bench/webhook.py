"""What a webhook costs: the plugin beside a hand-written floor that does the same durable work.

Both are served by gunicorn on the same PostgreSQL and Valkey; rounds alternate, so that a noisy
machine is noisy for both. Read the ratios, not the absolute figures.
"""

from __future__ import annotations

import argparse
import statistics

import psutil

from bench.servers import cpu_seconds, gunicorn
from bench.webhook_apps import connected
from bench.webhook_load import Load, fire, signed_texts


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser(prog="bench webhook", description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--texts", type=int, default=2000, help="per round and server")
    options.add_argument("--workers", type=int, default=2)
    chosen = options.parse_args(arguments)
    with (
        connected(),
        gunicorn("bench.webhook_apps:plugin()", chosen.workers) as plugin,
        gunicorn("bench.floors:floor()", chosen.workers) as floor,
    ):
        _measure(plugin, floor, chosen.rounds, chosen.texts)


def _measure(
    plugin: tuple[str, psutil.Process], floor: tuple[str, psutil.Process], rounds: int, texts: int
) -> None:
    for url, _ in (plugin, floor):
        fire(url, signed_texts(200))
    throughput, cpu = [], []
    print(
        "round   plugin texts/s  floor texts/s  ratio   plugin CPU us  floor CPU us  ratio   p99 ms (plugin, floor)"
    )
    for number in range(1, rounds + 1):
        ours, our_cpu = _round(plugin, texts)
        theirs, their_cpu = _round(floor, texts)
        throughput.append((ours.requests / ours.seconds) / (theirs.requests / theirs.seconds))
        cpu.append(our_cpu / their_cpu)
        print(
            f"{number:5}   {ours.requests / ours.seconds:14.0f}  {theirs.requests / theirs.seconds:13.0f}  "
            f"{throughput[-1]:5.2f}   {our_cpu / texts * 1e6:13.0f}  {their_cpu / texts * 1e6:12.0f}  {cpu[-1]:5.2f}   "
            f"{ours.slowest * 1000:.1f}, {theirs.slowest * 1000:.1f}"
        )
    print(f"median ratio of throughput (plugin / floor): {statistics.median(throughput):.2f}")
    print(f"median ratio of server CPU  (plugin / floor): {statistics.median(cpu):.2f}")


def _round(server: tuple[str, psutil.Process], texts: int) -> tuple[Load, float]:
    url, process = server
    made = signed_texts(texts)
    before = cpu_seconds(process)
    load = fire(url, made)
    return load, cpu_seconds(process) - before
