"""``flask sms doctor``: the Doctor's checks at a terminal."""

from __future__ import annotations

import time

import click
from flask.cli import with_appcontext

from illumichat_sms_plugin.cli.whom import channel_of, numbers_option, says_outages
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.phone_number import mask_numbers_in
from illumichat_sms_plugin.services.doctor.results import Run, last_run
from illumichat_sms_plugin.services.doctor.run import BOUND, start_run
from illumichat_sms_plugin.services.findings import Level
from illumichat_sms_plugin.services.setup.lost_number import OPERATOR_ID

OPERATOR = Person(OPERATOR_ID, "flask sms doctor")
LOOK = 0.1
LONGEST = BOUND + 10.0
"""Seconds until the command gives up on a run."""


@click.command("doctor")
@click.argument("assistant_id")
@numbers_option
@with_appcontext
@says_outages
def doctor(assistant_id: str, *, numbers: bool) -> None:
    """Follow the path of a text through ASSISTANT_ID's channel, and say what is wrong and what to do.

    Exit code 1 when there is a problem.
    """
    channel_of(assistant_id)
    run = _finished(assistant_id, start_run(assistant_id, by=OPERATOR))
    for check in run.checks:
        label = (check.level or Level.UNKNOWN).label
        words = [f"{label:13}{check.title}: {check.evidence}"]
        if check.fix and check.level is not Level.OK:
            words.append(f"{'':13}{check.fix}")
        for line in words:
            click.echo(line if numbers else mask_numbers_in(line))
    problems = run.count(Level.PROBLEM)
    if problems:
        raise click.ClickException(f"{problems} of {len(run.checks)} checks found a problem.")


def _finished(assistant_id: str, run_id: int) -> Run:
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        run = last_run(assistant_id)
        if run is not None and run.id == run_id and not run.running:
            return run
        time.sleep(LOOK)
    raise click.ClickException(f"The Doctor was not done after {LONGEST:.0f} seconds. Run it again.")
