"""``flask sms options``: show and change the options of a channel, those that only operators see too."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from illumichat_sms_plugin.channel_options import OPTIONS
from illumichat_sms_plugin.cli.sentences import needs_tables
from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.option_kinds import Lines
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.setup.channel_changes import ChannelChanges
from illumichat_sms_plugin.services.setup.channel_settings import read_settings
from illumichat_sms_plugin.services.setup.lost_number import OPERATOR_ID
from illumichat_sms_plugin.services.setup.save_channel import save_channel

OPERATOR = Person(OPERATOR_ID, "flask sms options")


@click.command()
@with_appcontext
@click.argument("assistant_id")
@click.argument("changes", nargs=-1, metavar="[NAME=VALUE]...")
@needs_tables
def options(assistant_id: str, changes: tuple[str, ...]) -> None:
    """Show the options of ASSISTANT_ID's channel; with NAME=VALUE change them first.

    Switches are on or off, phrases stand between commas, and an empty text brings the usual one back.
    """
    runtime = current_runtime()
    if changes:
        given = dict(_parsed(change) for change in changes)
        save_channel(runtime, assistant_id, ChannelChanges(options=given), by=OPERATOR)
    stored = read_settings(runtime, assistant_id).options.values()
    for name, option in OPTIONS.items():
        click.echo(f"{name}={option.in_words(option.check(stored[name]))}")


def _parsed(change: str) -> tuple[str, object]:
    name, equals, value = change.partition("=")
    option = OPTIONS.get(name)
    if option is None or not equals:
        raise InvalidInput(f"Write NAME=VALUE with one of these names: {', '.join(OPTIONS)}.")
    try:
        return name, option.parse(value.replace(",", "\n") if isinstance(option, Lines) else value)
    except InvalidInput as error:
        raise InvalidInput("Some options cannot be used.", {name: str(error)}) from None
