"""The report: one row per fault, over all its runs."""

from __future__ import annotations

import os
import platform
from dataclasses import fields
from pathlib import Path

from illumichat_sms_plugin.config import setting_name
from tests.faults.run import Outcome
from tests.faults.stack import CONCURRENCY, GUNICORN_WORKERS
from tests.faults.waiting import DEFAULTS, HERE, PROMISE, RECOVERY, SHORTENED, WORK, longest_wait

INTRODUCTION = """# What breaks, and what is lost

Made by `./run faults --seed {seed} --repeat {rounds} --report docs/faults.md`; do not edit.

Real processes are broken while {texts} signed texts from 20 phones come in: gunicorn with {web} sync workers, two
`flask sms worker` of {concurrency} conversations, `flask sms housekeeping`, PostgreSQL and Valkey, with a simulated
Twilio and a scripted assistant as HTTP servers. What ends is started again after 0.2 s, as systemd would. After each
fault everything must become final by itself, and the promises of [operations.md](operations.md) are checked in the
database, at Twilio, in the figures, in all logs and in `/proc`.

The settings that make somebody wait are shortened ([below](#waiting-times)). With the settings as they come everything
is final {promise:.0f} s after the last fault: one text waits {wait_default:.0f} s at most, which leaves {work:.0f} s for
work. With those here it waits {wait_here:.1f} s at most, and a run that is not final after {work:.0f} + {wait_here:.1f}
= **{recovery:.1f} s** counts as broken. The regular catch-up every ten minutes is not shortened: what is fetched from
Twilio's list is fetched because an outage was noticed.

*Lost*: texts at Twilio that were never recorded, or have neither an answer nor a reason that the fault explains.
*Doubled*: messages at Twilio beyond one for an answer or for a person's text, or a text that two answers speak of. *Left over*: whatever
is not final in the end. *For a person*: answers that wait for Resend or Dismiss. *Recovery*: from the end of the fault
(or the last text) until everything is final, the longest of all runs.

{summary}

| fault | runs | texts | lost | doubled | left over | for a person | longest recovery |
|---|---:|---:|---:|---:|---:|---:|---:|
"""


def write_report(path: Path, outcomes: list[Outcome], texts: int, seconds: float) -> None:
    """Write the table of all outcomes."""
    seeds = sorted({outcome.seed for outcome in outcomes})
    broken = [outcome for outcome in outcomes if outcome.findings.broken]
    kept = (
        f"**{len(broken)} of {len(outcomes)} runs broke a promise.**"
        if broken
        else f"**All {len(outcomes)} runs kept all five promises.**"
    )
    summary = f"{kept} They took {seconds / 60:.0f} minutes on {os.cpu_count()} cores, Python {platform.python_version()}."
    text = INTRODUCTION.format(
        seed=seeds[0],
        rounds=len(seeds),
        texts=texts,
        web=GUNICORN_WORKERS,
        concurrency=CONCURRENCY,
        summary=summary,
        promise=PROMISE,
        wait_default=longest_wait(DEFAULTS),
        wait_here=longest_wait(HERE),
        work=WORK,
        recovery=RECOVERY,
    )
    by_fault: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_fault.setdefault(outcome.fault.title, []).append(outcome)
    text += "".join(_row(title, runs) for title, runs in by_fault.items())
    text += _explanations(by_fault) + _settings() + _broken(broken)
    path.write_text(text)


def _row(title: str, runs: list[Outcome]) -> str:
    found = [run.findings for run in runs]
    numbers = (
        sum(f.texts for f in found),
        sum(f.lost for f in found),
        sum(f.doubled for f in found),
        sum(f.left_over for f in found),
        sum(f.for_a_person for f in found),
    )
    cells = " | ".join(str(number) for number in numbers)
    return f"| {title} | {len(runs)} | {cells} | {max(run.recovery for run in runs):.1f} s |\n"


def _explanations(by_fault: dict[str, list[Outcome]]) -> str:
    lines = []
    for title, runs in by_fault.items():
        reasons: dict[str, int] = {}
        for run in runs:
            for reason, count in run.findings.reasons.items():
                reasons[reason] = reasons.get(reason, 0) + count
        said = [
            f"{count} texts got no answer of the assistant: `{reason}`"
            for reason, count in sorted(reasons.items())
        ]
        notes = sorted({note for run in runs for note in run.notes})
        if said or notes:
            lines.append(f"* {title}: {'; '.join(said + notes)}.")
    return "\n## What else was seen\n\n" + "\n".join(lines) + "\n" if lines else ""


def _settings() -> str:
    as_they_come = {setting_name(item): getattr(DEFAULTS, item.name) for item in fields(DEFAULTS)}
    rows = "".join(
        f"| `{name}` | {_plain(as_they_come[name])} | {value} |\n" for name, value in SHORTENED.items()
    )
    return f"\n## Waiting times\n\n| setting, in seconds | as it comes | here |\n|---|---:|---:|\n{rows}"


def _plain(value: float | tuple[float, ...]) -> str:
    return ",".join(f"{number:g}" for number in (value if isinstance(value, tuple) else (value,)))


def _broken(outcomes: list[Outcome]) -> str:
    if not outcomes:
        return ""
    lines = [
        f"* `{outcome.fault.name}`, seed {outcome.seed}: {sentence}"
        for outcome in outcomes
        for sentence in outcome.findings.broken
    ]
    return "\n## Broken promises\n\n" + "\n".join(lines) + "\n"
