"""``flask sms check-host``: the rules of the host contract, as far as a running app lets them be tried."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from illumichat_sms_plugin.conformance.rules import try_rules
from illumichat_sms_plugin.conformance.trial import Trial
from illumichat_sms_plugin.services.findings import Level


@click.command("check-host")
@click.argument("assistant_id")
@click.option(
    "--write", is_flag=True, help="Try also what leaves something behind: a few chats and two contacts."
)
@click.option("--number", default="+12025550143", show_default=True, help="A number that no contact has.")
@with_appcontext
def check_host(assistant_id: str, number: str, *, write: bool) -> None:
    """Tell which rules of docs/host-contract.md this host breaks; ASSISTANT_ID is any assistant that exists.

    What needs more than that (another workspace, people of each role, a slow assistant) is for a test with
    illumichat_sms_plugin.testing.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    wrong = 0
    for rule, sentence, broken in try_rules(Trial(app, assistant_id, number=number), writes=write):
        wrong += broken
        level = Level.PROBLEM if broken else Level.UNKNOWN if sentence else Level.OK
        said = sentence if broken else f"{rule.name}: {sentence}" if sentence else rule.name
        click.echo(f"{level.label:13}{said}")
    if wrong:
        raise click.ClickException(f"{wrong} of the rules {'is' if wrong == 1 else 'are'} broken.")
