"""``flask sms recount``: hold the analytics against the messages."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from illumichat_sms_plugin.cli.sentences import needs_tables
from illumichat_sms_plugin.local_days import PERIODS
from illumichat_sms_plugin.models import SmsChannel
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.analytics.recount import Differences, differences, start_anew

DAYS = PERIODS[-1]


@click.command()
@with_appcontext
@click.argument("assistant_id", required=False)
@click.option("--repair", is_flag=True, help="Delete figures that differ; they are counted again.")
@needs_tables
def recount(assistant_id: str | None, repair: bool) -> None:
    """Count all messages of the last 90 days again and compare; all assistants, or ASSISTANT_ID.

    Exit code 1 when something differs and was not repaired.
    """
    differing = [name for name in _assistants(assistant_id) if not _agrees(name, repair)]
    if differing and not repair:
        raise click.ClickException("The figures differ from the messages. Run it again with --repair.")


def _assistants(assistant_id: str | None) -> list[str]:
    with transaction() as connection:
        query = select(SmsChannel.assistant_id).order_by(SmsChannel.id)
        if assistant_id is not None:
            query = query.where(SmsChannel.assistant_id == assistant_id)
        found = list(connection.scalars(query))
    if assistant_id is not None and not found:
        raise click.ClickException(f"{assistant_id} has no SMS channel.")
    return found


def _of_others(found: Differences) -> str:
    return " Of earlier days the texts are deleted and the figures kept." if 0 < found.compared < DAYS else ""


def _agrees(assistant_id: str, repair: bool) -> bool:
    runtime = current_runtime()
    assistant = runtime.host.assistants.find(assistant_id)
    if assistant is None:
        click.echo(f"{assistant_id}: the host has no such assistant any more.")
        return True
    found = differences(runtime, assistant, DAYS)
    if not found:
        click.echo(
            f"{assistant_id}: {found.compared or DAYS} days agree with the messages.{_of_others(found)}"
        )
        return True
    click.echo(f"{assistant_id}: {found} differ from the messages.")
    if repair:
        start_anew(assistant)
        left = differences(runtime, assistant, DAYS)
        click.echo(f"{assistant_id}: counted again{', and still different' if left else ''}.")
    return False
