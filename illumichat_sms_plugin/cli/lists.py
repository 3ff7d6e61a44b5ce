"""``flask sms sessions`` and ``opt-outs``: who texts, and who wants no texts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from illumichat_sms_plugin.cli.whom import as_shown, channel_of, numbers_option, operators_view, says_outages
from illumichat_sms_plugin.in_words import count
from illumichat_sms_plugin.phone_number import mask_numbers_in
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.sessions.conversation import consent_events
from illumichat_sms_plugin.services.sessions.session_list import Show, list_sessions
from illumichat_sms_plugin.services.sessions.session_view import Session

BY_THEMSELVES = (Show.ALL, Show.DECISION, Show.PERSON, Show.OPTED_OUT, Show.BLOCKED, Show.MACHINE)
"""What can be asked for without a period."""
PAGE = 100


@click.command("sessions")
@click.argument("assistant_id")
@click.option("--find", default="", metavar="WORDS", help="Part of a number or of a contact's name.")
@click.option("--show", type=click.Choice([show.value for show in BY_THEMSELVES]), default="all")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@numbers_option
@with_appcontext
@says_outages
def sessions(assistant_id: str, find: str, show: str, limit: int, *, numbers: bool) -> None:
    """List the sessions of ASSISTANT_ID, the last texted first: id, number, last text, texts in and out, state."""
    channel_id = channel_of(assistant_id)
    found = list_sessions(
        current_runtime(), channel_id, operators_view(channel_id), limit=limit, query=find, show=Show(show)
    )
    for session in found.sessions:
        number, name = (
            as_shown(session.number, numbers=numbers),
            session.contact.name if session.contact else "",
        )
        click.echo(
            f"{session.id:>8}  {number:16}  {_minute(session.last_at)}  {session.inbound:>5} in "
            f"{session.outbound:>5} out  {session.state.value:10}  {name if numbers else mask_numbers_in(name)}".rstrip()
        )
    more = "" if found.total_is_exact else "at least "
    click.echo(f"{len(found.sessions)} of {more}{count(found.total, 'session')}.")


@click.command("opt-outs")
@click.argument("assistant_id")
@numbers_option
@with_appcontext
@says_outages
def opt_outs(assistant_id: str, *, numbers: bool) -> None:
    """List who has opted out of ASSISTANT_ID's texts: session, number, since when, and by what.

    Texters who were erased are not listed: no number of theirs is kept.
    """
    channel_id, shown = channel_of(assistant_id), 0
    for session in _opted_out(channel_id):
        events = [event for event in consent_events(session.id) if event.action == "opt_out"]
        how = events[-1].evidence if events else ""
        since = _minute(session.opted_out_at) if session.opted_out_at else ""
        number = as_shown(session.number, numbers=numbers)
        click.echo(f"{session.id:>8}  {number:16}  {since}  {how if numbers else mask_numbers_in(how)}")
        shown += 1
    click.echo(f"{count(shown, 'texter')} opted out.")


def _opted_out(channel_id: int) -> Iterator[Session]:
    """Page by page, however many there are."""
    viewer, before = operators_view(channel_id), None
    while True:
        found = list_sessions(
            current_runtime(), channel_id, viewer, limit=PAGE, before=before, show=Show.OPTED_OUT
        )
        yield from found.sessions
        before = found.around.older
        if before is None:
            return


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}Z"
