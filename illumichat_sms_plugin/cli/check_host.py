"""``flask sms check-host``: the rules of the host contract, as far as a running app lets them be tried."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from illumichat_sms_plugin.conformance.rules import try_rules
from illumichat_sms_plugin.conformance.trial import Trial, named
from illumichat_sms_plugin.services.findings import Level

LEFT_BEHIND = (
    "It opens eleven chats, writes into seven of them, attaches a file to a text, asks the assistant once, says of one "
    "chat that the assistant answers it and of one that it has ended, and lets one be erased. It makes five contacts and "
    "lets one be forgotten. Ten chats and four contacts stay, and what the host keeps although it was asked to erase it."
)
"""What --write does; said in docs/host-contract.md as well."""


@click.command("check-host")
@click.argument("assistant_id")
@click.option("--write", is_flag=True, help=f"Try also what writes. {LEFT_BEHIND}")
@click.option(
    "--notices",
    is_flag=True,
    help="With --write: tell the host's notices, of each kind twice. Where it sends mail, real admins get it.",
)
@click.option(
    "--number",
    default="+12025550143",
    show_default=True,
    help="A number that no contact has; others that differ in the last two digits are taken, too.",
)
@with_appcontext
def check_host(assistant_id: str, number: str, *, write: bool, notices: bool) -> None:
    """Tell which rules of docs/host-contract.md this host breaks; ASSISTANT_ID is any assistant that exists.

    What needs more than that (another workspace, people of each role, a slow assistant) is for a test with
    illumichat_sms_plugin.testing.
    """
    if notices and not write:
        raise click.UsageError("--notices goes with --write.")
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    leave_out = {} if notices else {"notices": "people would be told; --notices tells them"}
    trial = Trial(app, assistant_id, number=number, leave_out=leave_out)
    refuse_unknown(trial)
    wrong = 0
    for rule, sentence, broken in try_rules(trial, writes=write):
        wrong += broken
        level = Level.PROBLEM if broken else Level.UNKNOWN if sentence else Level.OK
        said = sentence if broken else f"{rule.name}: {sentence}" if sentence else rule.name
        click.echo(f"{level.label:13}{said}")
    if wrong:
        raise click.ClickException(f"{wrong} of the rules {'is' if wrong == 1 else 'are'} broken.")


def refuse_unknown(trial: Trial) -> None:
    """Nothing is tried with an assistant that the host does not find."""
    try:
        with trial.call() as host:
            found = host.assistants.find(trial.assistant_id)
    except Exception as error:
        raise click.ClickException(
            f"Nothing was tried: assistants.find({trial.assistant_id!r}) raised {named(error)}."
        ) from error
    if found is None:
        raise click.ClickException(
            f"Nothing was tried: the host has no assistant with the id {trial.assistant_id!r}."
        )
