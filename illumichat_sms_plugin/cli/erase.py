"""``flask sms erase-channel`` and ``forget-assistant``: all that is stored of an assistant, or of a workspace."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from illumichat_sms_plugin.cli.sentences import needs_tables
from illumichat_sms_plugin.errors import NotFound
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.in_words import count
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.setup.erase_channel import Erased, channels_of, erase_channel
from illumichat_sms_plugin.services.setup.lost_number import OPERATOR_ID
from illumichat_sms_plugin.services.setup.missing_assistants import forget_assistant

ERASER = Person(OPERATOR_ID, "flask sms erase-channel")
FORGETTER = Person(OPERATOR_ID, "flask sms forget-assistant")

FOR_GOOD = "Credentials, texts, sessions, consent records, figures and audit are deleted for good. Go on?"


@click.command("erase-channel")
@click.argument("assistant_id", required=False)
@click.option("--workspace", metavar="ID", help="All channels of this workspace instead.")
@click.confirmation_option(prompt=FOR_GOOD)
@with_appcontext
@needs_tables
def erase(assistant_id: str | None, workspace: str | None) -> None:
    """Delete all that the plugin stores of ASSISTANT_ID's channel; may be interrupted and called again.

    What Twilio has of its texts stays in the customer's account, and the chats and contacts are the host's.
    """
    if (assistant_id is None) == (workspace is None):
        raise click.UsageError("Name an assistant, or a workspace with --workspace.")
    assistants = [assistant_id] if assistant_id else channels_of(workspace or "")
    if not assistants:
        raise NotFound(f"Nothing is stored of workspace {workspace}.")
    for each in assistants:
        _say(each, erase_channel(current_runtime(), each, by=ERASER))


@click.command("forget-assistant")
@click.argument("assistant_id")
@click.confirmation_option(prompt=FOR_GOOD)
@with_appcontext
@needs_tables
def forget(assistant_id: str) -> None:
    """Delete all that the plugin stores of ASSISTANT_ID, which the host has deleted, without waiting 30 days.

    Refused while the host knows the assistant; erase-channel is for one that stays.
    """
    _say(assistant_id, forget_assistant(current_runtime(), assistant_id, by=FORGETTER))


def _say(assistant_id: str, gone: Erased) -> None:
    click.echo(f"{assistant_id}: {count(gone.sessions, 'session')}, {count(gone.messages, 'text')} deleted.")
