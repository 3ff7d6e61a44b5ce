"""``flask sms pause`` and ``resume``: the switch for one channel or for all."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from illumichat_sms_plugin.cli.sentences import needs_tables
from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services import pauses
from illumichat_sms_plugin.services.setup.lost_number import OPERATOR_ID

OPERATOR = Person(OPERATOR_ID, "flask sms pause")


@click.command()
@with_appcontext
@click.argument("assistant_id", required=False)
@click.option("--all", "everywhere", is_flag=True, help="Stop the sending of every channel.")
@needs_tables
def pause(assistant_id: str | None, everywhere: bool) -> None:
    """Stop sending at once, for ASSISTANT_ID or for all; texts are recorded and not answered."""
    runtime = current_runtime()
    if everywhere:
        pauses.pause_all(runtime, by=OPERATOR)
        click.echo("Sending is stopped for all channels.")
        return
    name = _one(assistant_id)
    pauses.pause(runtime, name, by=OPERATOR, reason=pauses.BY_OPERATOR)
    click.echo(f"Sending is stopped for {name}.")


@click.command()
@with_appcontext
@click.argument("assistant_id", required=False)
@click.option("--all", "everywhere", is_flag=True, help="Take back the stop for every channel.")
@needs_tables
def resume(assistant_id: str | None, everywhere: bool) -> None:
    """Go on sending, for ASSISTANT_ID or where --all was stopped."""
    runtime = current_runtime()
    if everywhere:
        done = pauses.resume_all(runtime, by=OPERATOR)
        click.echo("Sending goes on." if done else "Nothing was stopped.")
        return
    name = _one(assistant_id)
    done = pauses.resume(runtime, name, by=OPERATOR)
    click.echo(f"{name} goes on sending." if done else f"{name} was not paused.")


def _one(assistant_id: str | None) -> str:
    if assistant_id is None:
        raise InvalidInput("Name an assistant, or say --all.")
    return assistant_id
